/** An account's Maildir as a maildrop: a listing that stands still, read, removed and marked by number. */
import { arrivalOf, MaildirError, type Maildir, type MaildirEntry, type MessageFile } from 'maildir-ts'
import { failureCode, GatewayError } from '../../base/errors.js'
import type { Maildrop, MaildropEntry, StoredMessage } from '../../ports/mailbox-store.js'
import { inChunks, wholeWithCrlf, withCrlf } from './crlf.js'
import { inStoreTerms, storeFailure } from './failures.js'
import type { UsageTracker } from './usage.js'

/** @param release gives the maildrop back to other sessions */
export async function openMaildirMaildrop(
  maildir: Maildir,
  usage: UsageTracker,
  release: () => Promise<void>,
): Promise<Maildrop> {
  const files = await inStoreTerms(() => maildir.list())

  const entries = entriesOf(files)

  function fileOf(entry: MaildropEntry): MaildirEntry {
    const file = files[entry.number - 1]
    if (file === undefined) throw new Error(`the maildrop has no message ${entry.number}`)
    return file
  }

  return {
    entries,

    open: (entry) => openMessage(maildir, fileOf(entry)),

    async remove(doomed) {
      const outcomes = await inStoreTerms(() => maildir.removeAll(doomed.map(fileOf)))
      for (const { entry, removed } of outcomes) if (removed) usage.add(maildir, -entry.octets)
      return doomed.filter((_, index) => {
        const outcome = outcomes[index]
        return outcome === undefined || (!outcome.removed && outcome.cause !== undefined)
      })
    },

    arrivedBefore: (time) => entries.filter((entry) => arrivalMs(fileOf(entry)) < time.getTime()),

    markSeen: async (read) => inStoreTerms(() => maildir.flagAll(read.map(fileOf), { add: 'S' })),

    close: release,
  }
}

/** An unchanged Maildir is listed as the same array each time: all who have it open share its entries. */
const shared = new WeakMap<readonly MaildirEntry[], readonly MaildropEntry[]>()

function entriesOf(files: readonly MaildirEntry[]): readonly MaildropEntry[] {
  const known = shared.get(files)
  if (known !== undefined) return known
  const entries = files.map(({ uid, octets }, index): MaildropEntry => ({ number: index + 1, uid, octets }))
  shared.set(files, entries)
  return entries
}

/** Names of other tools may begin with another number than a time; before this year no Maildir was written. */
const FIRST_MAILDIR_MS = Date.UTC(1995, 0)

/** Milliseconds since 1970; Infinity when the name does not tell. */
function arrivalMs({ unique }: MaildirEntry): number {
  const ms = arrivalOf(unique).micros / 1000
  return ms < FIRST_MAILDIR_MS ? Infinity : ms
}

/** A small message is in memory and its file closed, often at once; a large one is read as it is asked for. */
function openMessage(maildir: Maildir, file: MaildirEntry): StoredMessage | Promise<StoredMessage> {
  try {
    const whole = maildir.read(file)
    return Buffer.isBuffer(whole) ? wholeMessage(file, whole) : openLater(maildir, file, whole)
  } catch (error) {
    return Promise.reject(failure(maildir, file, error))
  }
}

async function openLater(
  maildir: Maildir,
  file: MaildirEntry,
  reading: undefined | Promise<Buffer | undefined>,
): Promise<StoredMessage> {
  try {
    const whole = await reading
    return whole === undefined ? await openLarge(maildir, file) : wholeMessage(file, whole)
  } catch (error) {
    throw failure(maildir, file, error)
  }
}

/** What a failure means; what was listed of a message that is not there as it was listed is not listed again. */
function failure(maildir: Maildir, file: MaildirEntry, error: unknown): unknown {
  const gone = error instanceof MaildirError && error.code === 'ENOENT'
  if (gone || failureCode(error) === 'message.gone') maildir.forget(file)
  return gone
    ? new GatewayError('message.gone', `message ${file.uid} is gone`, { cause: error })
    : storeFailure(error)
}

/** @throws GatewayError `message.gone` when it is another message by now */
function wholeMessage({ octets, fileOctets }: MaildirEntry, whole: Buffer): StoredMessage {
  const sent = octets === fileOctets ? whole : wholeWithCrlf(whole, octets)
  return { chunks: () => inChunks(sent), close: () => undefined }
}

async function openLarge(maildir: Maildir, file: MaildirEntry): Promise<StoredMessage> {
  const message = await maildir.open(file)
  if (message.octets !== file.octets) {
    await message.close()
    throw new GatewayError('message.gone', `message ${file.uid} changed its size`)
  }
  return { chunks: () => chunksOf(maildir, file, message), close: () => message.close() }
}

async function* chunksOf(maildir: Maildir, file: MaildirEntry, message: MessageFile): AsyncIterable<Buffer> {
  try {
    yield* message.crlf ? asBuffers(message.stream()) : withCrlf(message.stream(), file.octets)
  } catch (error) {
    throw failure(maildir, file, error)
  }
}

async function* asBuffers(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  for await (const { buffer, byteOffset, byteLength } of chunks)
    yield Buffer.from(buffer, byteOffset, byteLength)
}
