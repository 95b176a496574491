/** An account's Maildir as a maildrop: a listing that stands still, read and removed by number. */
import { MaildirError, type Maildir, type MaildirEntry, type MessageFile } from 'maildir-ts'
import { GatewayError } from '../../base/errors.js'
import type { Maildrop, MaildropEntry, StoredMessage } from '../../ports/mailbox-store.js'
import { withCrlf } from './crlf.js'
import { inStoreTerms, readInStoreTerms, storeFailure } from './failures.js'
import type { UsageTracker } from './usage.js'

/** @param release gives the maildrop back to other sessions */
export async function openMaildirMaildrop(
  maildir: Maildir,
  usage: UsageTracker,
  release: () => Promise<void>,
): Promise<Maildrop> {
  const files = await inStoreTerms(() => maildir.list())
  const entries = files.map(({ uid, octets }, index): MaildropEntry => ({ number: index + 1, uid, octets }))

  function fileOf(entry: MaildropEntry): MaildirEntry {
    const file = files[entry.number - 1]
    if (file === undefined) throw new Error(`the maildrop has no message ${entry.number}`)
    return file
  }

  return {
    entries,

    async open(entry) {
      const message = await openFile(maildir, fileOf(entry))
      if (message.octets === entry.octets) return storedMessage(message)
      await message.close()
      throw new GatewayError('message.gone', `message ${entry.number} changed its size`)
    },

    async remove(doomed) {
      const outcomes = await inStoreTerms(() => maildir.removeAll(doomed.map(fileOf)))
      for (const { entry, removed } of outcomes) if (removed) usage.add(maildir, -entry.octets)
      return doomed.filter((_, index) => {
        const outcome = outcomes[index]
        return outcome === undefined || (!outcome.removed && outcome.cause !== undefined)
      })
    },

    close: release,
  }
}

async function openFile(maildir: Maildir, file: MaildirEntry): Promise<MessageFile> {
  try {
    return await maildir.open(file)
  } catch (error) {
    if (!(error instanceof MaildirError && error.code === 'ENOENT')) throw storeFailure(error)
    throw new GatewayError('message.gone', `message ${file.uid} is gone`, { cause: error })
  }
}

function storedMessage(message: MessageFile): StoredMessage {
  const stream = (): AsyncIterable<Uint8Array> => readInStoreTerms(message.stream())
  return {
    chunks: () => (message.crlf ? asBuffers(stream()) : withCrlf(stream(), message.octets)),
    close: () => message.close(),
  }
}

async function* asBuffers(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  for await (const { buffer, byteOffset, byteLength } of chunks)
    yield Buffer.from(buffer, byteOffset, byteLength)
}
