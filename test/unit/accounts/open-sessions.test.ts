import { expect } from 'chai'
import { once } from 'node:events'
import { createOpenSessions, type OpenSessions } from '../../../src/accounts/open-sessions.ts'
import { GatewayError } from '../../../src/base/errors.ts'
import { silentLog } from '../../../src/base/log.ts'
import type { AccountDirectory } from '../../../src/ports/account-directory.ts'
import { createMemoryAccountDirectory } from '../../../src/storage/memory/memory-account-directory.ts'
import { anAccount } from '../../contract/account-directory.ts'

const [ALICE, BOB] = [anAccount('Alice'), anAccount('Bob')]

describe('open sessions', () => {
  let directory: AccountDirectory
  let mark: () => Promise<number>
  let sessions: OpenSessions

  beforeEach(async () => {
    directory = createMemoryAccountDirectory()
    await directory.add(ALICE)
    await directory.add(BOB)
    mark = async () => 1
    sessions = createOpenSessions({ ...directory, changeMark: () => mark() }, silentLog)
  })
  afterEach(() => sessions.close())

  it('go on while their account is as it was', async () => {
    const { revoked } = sessions.hold(ALICE)
    await directory.change('alice', { passwordRecord: 'another', quotaOctets: 1, role: 'postmaster' })
    await sessions.check('alice')
    expect(revoked.aborted).to.equal(false)
  })

  it('end when their account is removed, locked, or given to somebody else', async () => {
    const changes = [
      () => directory.remove('alice'),
      () => directory.change('alice', { locked: true }),
      async () => {
        await directory.remove('alice')
        await directory.add(anAccount('ALICE', { createdAt: new Date('2027-01-01') }))
      },
    ]
    for (const change of changes) {
      const [first, second, other] = [sessions.hold(ALICE), sessions.hold(ALICE), sessions.hold(BOB)]
      await change()
      await sessions.check('alice')
      expect([first, second, other].map(({ revoked }) => revoked.aborted)).to.deep.equal([true, true, false])
      for (const session of [first, second, other]) session.release()
      await directory.remove('alice').catch(() => {})
      await directory.add(ALICE)
    }
  })

  it('are of no concern once they have ended by themselves', async () => {
    const session = sessions.hold(ALICE)
    session.release()
    session.release()
    await directory.remove('alice')
    await sessions.check('alice')
    expect(session.revoked.aborted).to.equal(false)
  })

  it('end within some two seconds after another process has removed their account', async () => {
    const { revoked } = sessions.hold(ALICE)
    await directory.remove('alice')
    mark = async () => 2
    await once(revoked, 'abort')
  })

  it('end though the account was removed while they were signing in, and nothing has changed since', async () => {
    const first = sessions.hold(BOB)
    await directory.remove('alice')
    const late = sessions.hold(ALICE)
    await once(late.revoked, 'abort')
    expect(first.revoked.aborted).to.equal(false)
  })

  it('are looked at again when the directory could not be asked', async () => {
    let asked = 0
    mark = async () => {
      asked += 1
      if (asked === 1) throw new GatewayError('store.unavailable', 'away')
      return 1
    }
    const { revoked } = sessions.hold(ALICE)
    await directory.remove('alice')
    await once(revoked, 'abort')
    expect(asked).to.equal(2)
  })
})
