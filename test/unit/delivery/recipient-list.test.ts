import { expect } from 'chai'
import { createRecipientList, type RecipientList } from '../../../src/delivery/recipient-list.ts'
import type { Route } from '../../../src/delivery/route.ts'

/** Addresses of a made-up domain: `alice` and `bob` are accounts, `postmaster` a role, `x…` unknown. */
function routeOf(address: string): Route {
  const key = address.toLowerCase()
  if (['alice', 'bob'].includes(key)) return { kind: 'accounts', accounts: [{ key, quotaOctets: 0 }] }
  if (key === 'postmaster') return { kind: 'role' }
  if (key.startsWith('../')) return { kind: 'impossible' }
  if (key.includes('.')) return { kind: 'foreign' }
  return { kind: 'unknown' }
}

/** What each address is answered. */
function verdicts(list: RecipientList, addresses: readonly string[]): readonly string[] {
  return addresses.map((address) => {
    const verdict = list.add(address, routeOf(address))
    return verdict.kind === 'refused' ? `refused: ${verdict.reason}` : verdict.kind
  })
}

/** What the list says, for comparison. */
function factsOf(list: RecipientList) {
  const { accounts, reachesSomebody, only } = list
  const [roles, held, refused] = (['role', 'held', 'refused'] as const).map(list.addressesIn)
  return { accounts, roles, held, refused, reachesSomebody, only }
}

describe('the list of recipients', () => {
  const cases: readonly (readonly [
    what: string,
    named: string,
    answered: string,
    facts: Partial<ReturnType<typeof factsOf>>,
  ])[] = [
    [
      'a known one',
      'alice',
      'known',
      { accounts: [{ key: 'alice', quotaOctets: 0 }], reachesSomebody: true, only: 'alice' },
    ],
    ['a role', 'postmaster', 'known', { roles: ['postmaster'], reachesSomebody: true, only: 'postmaster' }],
    ['nobody named', '', '', { reachesSomebody: false, only: undefined }],
    [
      'an unknown one after a known one is refused, and kept',
      'alice xeno',
      'known, refused: unknown',
      {
        accounts: [{ key: 'alice', quotaOctets: 0 }],
        refused: ['xeno'],
        reachesSomebody: true,
        only: undefined,
      },
    ],
    [
      'an unknown one after a role is refused, and kept',
      'postmaster xeno',
      'known, refused: unknown',
      { roles: ['postmaster'], refused: ['xeno'], reachesSomebody: true, only: undefined },
    ],
    [
      'unknown ones alone are held',
      'xeno yoko',
      'held, held',
      { held: ['xeno', 'yoko'], reachesSomebody: false },
    ],
    ['one unknown one is the only one', 'xeno', 'held', { held: ['xeno'], only: 'xeno' }],
    [
      'unknown ones before a known one are held, those after it refused',
      'xeno yoko bob zoe',
      'held, held, known, refused: unknown',
      {
        accounts: [{ key: 'bob', quotaOctets: 0 }],
        held: ['xeno', 'yoko'],
        refused: ['zoe'],
        reachesSomebody: true,
        only: undefined,
      },
    ],
    [
      'an unknown one that was held stays held',
      'xeno bob XENO',
      'held, known, held',
      { accounts: [{ key: 'bob', quotaOctets: 0 }], held: ['xeno'], refused: [], reachesSomebody: true },
    ],
    [
      'a foreign one is refused and forgotten',
      'alice dave@example.org',
      'known, refused: foreign',
      { accounts: [{ key: 'alice', quotaOctets: 0 }], held: [], refused: [], only: 'alice' },
    ],
    [
      'a foreign one alone',
      'dave@example.org',
      'refused: foreign',
      { reachesSomebody: false, only: undefined },
    ],
    [
      'one that could never be an account is refused and forgotten',
      '../x alice ../y',
      'refused: unknown, known, refused: unknown',
      { accounts: [{ key: 'alice', quotaOctets: 0 }], held: [], refused: [], only: 'alice' },
    ],
    [
      'one named in two ways counts once, as it was named first',
      'Alice ALICE Xeno XENO',
      'known, known, refused: unknown, refused: unknown',
      { accounts: [{ key: 'alice', quotaOctets: 0 }], refused: ['Xeno'] },
    ],
    ['one account named twice is the only one', 'Alice ALICE', 'known, known', { only: 'Alice' }],
    [
      'accounts keep the order in which they were named',
      'bob alice bob',
      'known, known, known',
      {
        accounts: [
          { key: 'bob', quotaOctets: 0 },
          { key: 'alice', quotaOctets: 0 },
        ],
      },
    ],
  ]
  for (const [what, named, answered, facts] of cases) {
    it(`${what}: ${named} → ${answered}`, () => {
      const list = createRecipientList(false)
      expect(verdicts(list, named.split(' ').filter(Boolean)).join(', ')).to.equal(answered)
      expect(factsOf(list)).to.deep.include(facts)
    })
  }

  it('with lost.reply = accept holds every unknown one, whatever came before', () => {
    const list = createRecipientList(true)
    expect(verdicts(list, ['alice', 'xeno', 'dave@example.org', '../x'])).to.deep.equal([
      'known',
      'held',
      'refused: foreign',
      'refused: unknown',
    ])
    expect(factsOf(list)).to.deep.include({
      accounts: [{ key: 'alice', quotaOctets: 0 }],
      held: ['xeno'],
      refused: [],
      reachesSomebody: true,
    })
  })

  it('keeps what the sender asks to be told of an address, as it was asked first', () => {
    const list = createRecipientList(false)
    list.add('alice', routeOf('alice'), { notify: ['NEVER'] })
    list.add('ALICE', routeOf('alice'), { notify: ['SUCCESS'] })
    list.add('bob', routeOf('bob'))
    expect(list.named.map(({ address, dsn }) => [address, dsn])).to.deep.equal([
      ['alice', { notify: ['NEVER'] }],
      ['bob', {}],
    ])
  })

  it('counts an account once that several addresses lead to', () => {
    const list = createRecipientList(false)
    list.add('alice+a', routeOf('alice'))
    list.add('alice', routeOf('alice'))
    expect(list.accounts).to.deep.equal([{ key: 'alice', quotaOctets: 0 }])
    expect(list.addressOf('alice')).to.equal('alice+a')
    expect(list.only).to.equal(undefined)
  })

  it('is safe with names that objects have', () => {
    const list = createRecipientList(false)
    expect(verdicts(list, ['__proto__', 'constructor', 'toString'])).to.deep.equal(['held', 'held', 'held'])
    expect(list.addressesIn('held')).to.deep.equal(['__proto__', 'constructor', 'toString'])
  })
})
