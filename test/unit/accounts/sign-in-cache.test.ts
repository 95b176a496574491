import { expect } from 'chai'
import { createSignInCache } from '../../../src/accounts/sign-in-cache.ts'
import { anAccount } from '../../contract/account-directory.ts'

const ALICE = anAccount('Alice')

describe('the cache of good sign-ins', () => {
  it('knows what it was told, until its time is over', () => {
    const cache = createSignInCache(1000)
    expect(cache.has(ALICE, 'right', 0)).to.equal(false)
    cache.remember(ALICE, 'right', 0)
    expect(cache.has(ALICE, 'right', 999)).to.equal(true)
    expect(cache.has(ALICE, 'right', 1000)).to.equal(false)
  })

  it('counts the time from the last sign-in', () => {
    const cache = createSignInCache(1000)
    cache.remember(ALICE, 'right', 0)
    cache.remember(ALICE, 'right', 900)
    expect(cache.has(ALICE, 'right', 1800)).to.equal(true)
  })

  it('knows no other password, account or record', () => {
    const cache = createSignInCache(1000)
    cache.remember(ALICE, 'right', 0)
    expect(cache.has(ALICE, 'Right', 1)).to.equal(false)
    expect(cache.has(anAccount('bob', { passwordRecord: ALICE.passwordRecord }), 'right', 1)).to.equal(false)
    expect(cache.has({ ...ALICE, passwordRecord: 'a new one' }, 'right', 1)).to.equal(false)
    expect(createSignInCache(1000).has(ALICE, 'right', 1)).to.equal(false)
  })

  it('knows a password however its spaces and accents were typed (RFC 8265 §4.2.2)', () => {
    const cache = createSignInCache(1000)
    cache.remember(ALICE, 'caf\u00e9 au lait', 0)
    expect(cache.has(ALICE, 'cafe\u0301\u2003au\u3000lait', 1)).to.equal(true)
  })

  it('is switched off by a lifetime of 0', () => {
    const cache = createSignInCache(0)
    cache.remember(ALICE, 'right', 0)
    expect(cache.has(ALICE, 'right', 0)).to.equal(false)
  })

  it('forgets the oldest when there are too many', () => {
    const cache = createSignInCache(1000, 2)
    for (const password of ['1', '2', '1', '3']) cache.remember(ALICE, password, 0)
    const known = ['1', '2', '3'].filter((password) => cache.has(ALICE, password, 1))
    expect(known).to.deep.equal(['1', '3'])
  })
})
