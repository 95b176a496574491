import { expect } from 'chai'
import { silentLog } from '../../../src/base/log.ts'
import { expiryOf, retentionDaysOf, watchExpiry } from '../../../src/gateway/expiry.ts'
import { anAccount } from '../../contract/account-directory.ts'

describe('how long messages are kept', () => {
  const table: readonly (readonly [
    own: readonly (number | undefined)[],
    setting: number,
    days: number | undefined,
    differs: boolean,
  ])[] = [
    [[], 0, undefined, false],
    [[], 30, 30, false],
    [[undefined, undefined], 0, undefined, false],
    [[undefined, undefined], 30, 30, false],
    [[undefined, 7], 30, 7, true],
    [[undefined, 60], 30, 30, true],
    [[undefined, 0], 30, 30, true],
    [[0, 0], 30, undefined, false],
    [[7, 7], 0, 7, false],
    [[7, undefined], 0, 7, true],
  ]
  for (const [own, setting, days, differs] of table)
    it(`is ${days} days${differs ? ', and differs,' : ''} for accounts with ${JSON.stringify(own)} and a setting of ${setting}`, () => {
      const accounts = own.map((retentionDays, index) => anAccount(`user${index}`, { retentionDays }))
      expect(expiryOf(accounts, setting)).to.deep.equal({ days, differs })
    })

  it('is an account’s own number, or the setting’s; 0 is for ever', () => {
    expect(retentionDaysOf(anAccount('alice', { retentionDays: 7 }), 30)).to.equal(7)
    expect(retentionDaysOf(anAccount('alice'), 30)).to.equal(30)
    expect(retentionDaysOf(anAccount('alice', { retentionDays: 0 }), 30)).to.equal(undefined)
  })

  it('is told from the first moment, and as the setting says while accounts cannot be listed', async () => {
    const watch = await watchExpiry(async () => [anAccount('alice', { retentionDays: 7 })], 0, silentLog)
    expect(watch.current()).to.deep.equal({ days: 7, differs: false })
    watch.close()
    const blind = await watchExpiry(() => Promise.reject(new Error('away')), 30, silentLog)
    expect(blind.current()).to.deep.equal({ days: 30, differs: false })
    blind.close()
  })
})
