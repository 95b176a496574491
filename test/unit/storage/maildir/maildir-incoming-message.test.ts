import { createUsageTracker } from '../../../../src/storage/maildir/usage.ts'
import { expect } from 'chai'
import { createMaildir, nodeFiles, openMaildir, type FileLayer } from 'maildir-ts'
import type { IncomingMessage } from '../../../../src/ports/mailbox-store.ts'
import { beginIncomingMessage } from '../../../../src/storage/maildir/maildir-incoming-message.ts'
import { failureOf } from '../../../contract/support/failure-of.ts'
import { messageOf, octetsOf, textOf } from '../../../contract/support/octets.ts'
import { tempFolder } from '../../../contract/support/temp-folder.ts'

describe('an incoming message whose disk fails', () => {
  const newPath = tempFolder()
  const mailbox = { kind: 'account', key: 'alice' } as const

  /** A message for one Maildir in which one file operation fails with a system code. */
  async function beginWith(
    operation: 'write' | 'sync' | 'syncFolder',
    code: string,
  ): Promise<IncomingMessage> {
    const fail = async (): Promise<never> => {
      throw Object.assign(new Error(`${code}: injected`), { code })
    }
    const path = newPath()
    await createMaildir(path)
    const files: FileLayer = { ...nodeFiles, [operation]: fail }
    return beginIncomingMessage(
      [{ target: mailbox, maildir: openMaildir(path, { files }) }],
      createUsageTracker(),
    )
  }

  const codes = [
    ['ENOSPC', 'store.full'],
    ['EDQUOT', 'store.full'],
    ['EFBIG', 'store.full'],
    ['EIO', 'store.unavailable'],
    ['EROFS', 'store.unavailable'],
  ] as const

  for (const [system, failure] of codes) {
    it(`${system} while a large message is written is ${failure}`, async () => {
      const message = await beginWith('write', system)
      expect(await failureOf(message.write(octetsOf(messageOf(100_000))))).to.equal(failure)
      await message.abort()
    })

    it(`${system} while a small message is synced is an outcome with ${failure}, and it can be read`, async () => {
      const message = await beginWith('sync', system)
      await message.write(octetsOf(messageOf(100)))
      const [outcome] = await message.commit()
      expect(outcome).to.deep.include({ mailbox, stored: false })
      expect(outcome).to.have.nested.property('cause.code', failure)
      expect(await textOf(message.read())).to.equal(messageOf(100))
      await message.abort()
    })

    it(`${system} while a large message is synced leaves nothing to read, and says ${failure}`, async () => {
      const message = await beginWith('sync', system)
      await message.write(octetsOf(messageOf(100_000)))
      expect((await message.commit())[0]).to.have.nested.property('cause.code', failure)
      expect(await failureOf(textOf(message.read()))).to.equal(failure)
      await message.abort()
    })

    it(`${system} while the folder is synced is an outcome with ${failure}`, async () => {
      const message = await beginWith('syncFolder', system)
      await message.write(octetsOf(messageOf(100)))
      expect((await message.commit())[0]).to.have.nested.property('cause.code', failure)
      await message.abort()
    })
  }
})
