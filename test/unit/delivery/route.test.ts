import { expect } from 'chai'
import { route } from '../../../src/delivery/route.ts'

describe('the route of an address', () => {
  const isAccount = async (key: string) =>
    ['alice', 'bob.smith'].includes(key) ? [{ key, quotaOctets: 0 }] : []

  const table: readonly (readonly [address: string, kind: string, key?: string])[] = [
    ['alice@glo2000.ca', 'accounts', 'alice'],
    ['ALICE@GLO2000.CA', 'accounts', 'alice'],
    ['"alice"@glo2000.ca', 'accounts', 'alice'],
    ['"Al\\ice"@glo2000.ca', 'accounts', 'alice'],
    ['Bob.Smith@glo2000.ca', 'accounts', 'bob.smith'],
    ['nobody@glo2000.ca', 'unknown'],
    ['alice+list@glo2000.ca', 'unknown'],
    ['alice.@glo2000.ca', 'unknown'],
    ['root@glo2000.ca', 'unknown'],
    ['postmaster@glo2000.ca', 'role'],
    ['PostMaster@glo2000.ca', 'role'],
    ['"postmaster"@glo2000.ca', 'role'],
    ['postmaster', 'role'],
    ['POSTMASTER', 'role'],
    ['abuse@glo2000.ca', 'role'],
    ['abuse', 'foreign'],
    ['../alice@glo2000.ca', 'impossible'],
    ['"a b"@glo2000.ca', 'impossible'],
    ['""@glo2000.ca', 'impossible'],
    ['a@b@glo2000.ca', 'impossible'],
    ['alice%example.org@glo2000.ca', 'impossible'],
    ['élodie@glo2000.ca', 'impossible'],
    ['аlice@glo2000.ca', 'impossible'],
    [`${'x'.repeat(65)}@glo2000.ca`, 'impossible'],
    ['alice\0@glo2000.ca', 'impossible'],
    ['alice@example.org', 'foreign'],
    ['alice@mail.glo2000.ca', 'foreign'],
    ['alice@xglo2000.ca', 'foreign'],
    ['alice@glo2000.ca.', 'foreign'],
    ['postmaster@example.org', 'foreign'],
    ['alice@[127.0.0.1]', 'foreign'],
    ['alice', 'foreign'],
    ['', 'foreign'],
    ['@glo2000.ca', 'foreign'],
  ]
  for (const [address, kind, key] of table) {
    it(`${JSON.stringify(address)} → ${kind}`, async () => {
      const found = await route(address, 'glo2000.ca', isAccount)
      expect(found).to.deep.equal(
        key === undefined ? { kind } : { kind, accounts: [{ key, quotaOctets: 0 }] },
      )
    })
  }

  it('asks about an account only for an address that could name one', async () => {
    const asked: string[] = []
    const ask = async (key: string) => {
      asked.push(key)
      return []
    }
    for (const [address] of table) await route(address, 'glo2000.ca', ask)
    expect(new Set(asked)).to.deep.equal(
      new Set(['alice', 'bob.smith', 'nobody', 'alice+list', 'alice.', 'root', 'postmaster', 'abuse']),
    )
  })

  it('leads a role address to those who hold it', async () => {
    const members = ['alice', 'bob'].map((key) => ({ key, quotaOctets: 0 }))
    const ask = async (key: string) => (['postmaster', 'info'].includes(key) ? members : [])
    for (const address of ['postmaster', 'Postmaster@glo2000.ca', 'info@glo2000.ca'])
      expect(await route(address, 'glo2000.ca', ask)).to.deep.equal({ kind: 'accounts', accounts: members })
    expect(await route('abuse@glo2000.ca', 'glo2000.ca', ask)).to.deep.equal({ kind: 'role' })
  })

  it('fails as asking failed', async () => {
    const ask = async (): Promise<never> => {
      throw new Error('no directory')
    }
    const failure = await route('alice@glo2000.ca', 'glo2000.ca', ask).catch((error: unknown) => error)
    expect(failure).to.have.property('message', 'no directory')
  })
})
