import { expect } from 'chai'
import { defaultSettings } from '../../../src/config/schema.ts'
import { pop3Limits } from '../../../src/gateway/pop3-limits.ts'
import { DEFAULT_LIMITS } from '../../../src/pop3/limits.ts'

describe('the limits of POP3', () => {
  const settings = defaultSettings()

  it('are by default the same in the settings and in the server', () => {
    expect(pop3Limits(settings)).to.deep.equal(DEFAULT_LIMITS)
  })

  it('follow the settings', () => {
    const pop3 = {
      ...settings.pop3,
      idleSeconds: 700,
      connections: 1,
      connectionsPerAddress: 2,
      wrongCommands: 3,
      failedSignIns: 4,
    }
    expect(pop3Limits({ ...settings, pop3 })).to.deep.equal({
      ...DEFAULT_LIMITS,
      idleMs: 700_000,
      connections: 1,
      connectionsPerAddress: 2,
      wrongCommands: 3,
      failedSignIns: 4,
    })
  })

  it('bound no address where that is switched off', () => {
    const limits = pop3Limits({ ...settings, addressLimits: false })
    expect(limits).to.include({ connectionsPerAddress: Infinity, connections: 20_000 })
  })
})
