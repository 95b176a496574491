import { expect } from 'chai'
import { baseName, route } from '../../../src/delivery/route.ts'

const OPTIONS = { domain: 'glo2000.ca', separator: '+' }

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
    ['alice+list@glo2000.ca', 'accounts', 'alice'],
    ['ALICE+List@glo2000.ca', 'accounts', 'alice'],
    ['alice+a+b@glo2000.ca', 'accounts', 'alice'],
    ['alice+@glo2000.ca', 'accounts', 'alice'],
    ['nobody+list@glo2000.ca', 'unknown'],
    ['+alice@glo2000.ca', 'unknown'],
    ['postmaster+list@glo2000.ca', 'role'],
    ['"alice+a b"@glo2000.ca', 'impossible'],
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
      const found = await route(address, { ...OPTIONS, find: isAccount })
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
    for (const [address] of table) await route(address, { ...OPTIONS, find: ask })
    expect(new Set(asked)).to.deep.equal(
      new Set(
        'alice bob.smith nobody alice+list alice+a+b alice+ nobody+list +alice alice. root postmaster+list'
          .split(' ')
          .concat('postmaster', 'abuse'),
      ),
    )
  })

  it('leads a role address to those who hold it', async () => {
    const members = ['alice', 'bob'].map((key) => ({ key, quotaOctets: 0 }))
    const ask = async (key: string) => (['postmaster', 'info'].includes(key) ? members : [])
    for (const address of ['postmaster', 'Postmaster@glo2000.ca', 'info@glo2000.ca'])
      expect(await route(address, { ...OPTIONS, find: ask })).to.deep.equal({
        kind: 'accounts',
        accounts: members,
      })
    expect(await route('abuse@glo2000.ca', { ...OPTIONS, find: ask })).to.deep.equal({ kind: 'role' })
  })

  it('of a sub-address is that of an account with that very name, if there is one', async () => {
    const find = async (key: string) => (['jean', 'jean-paul'].includes(key) ? [{ key, quotaOctets: 0 }] : [])
    const keys: unknown[] = []
    for (const name of ['jean-paul', 'jean-list', 'jean-paul-list', 'jean']) {
      const found = await route(`${name}@glo2000.ca`, { ...OPTIONS, separator: '-', find })
      keys.push(found.kind === 'accounts' ? found.accounts[0]?.key : found.kind)
    }
    expect(keys).to.deep.equal(['jean-paul', 'jean', 'jean', 'jean'])
  })

  it('knows no sub-address without a separator', async () => {
    const found = await route('alice+list@glo2000.ca', { ...OPTIONS, separator: '', find: isAccount })
    expect(found.kind).to.equal('unknown')
    expect(baseName('alice+list', '')).to.equal('alice+list')
  })

  it('fails as asking failed', async () => {
    const ask = async (): Promise<never> => {
      throw new Error('no directory')
    }
    const failure = await route('alice@glo2000.ca', { ...OPTIONS, find: ask }).catch(
      (error: unknown) => error,
    )
    expect(failure).to.have.property('message', 'no directory')
  })
})
