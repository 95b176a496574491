import { expect } from 'chai'
import { defaultSettings } from '../../../src/config/schema.ts'
import { smtpLimits } from '../../../src/gateway/smtp-limits.ts'
import { DEFAULT_SMTP_LIMITS } from '../../../src/smtp/traffic.ts'

describe('the limits of SMTP', () => {
  it('are by default the same in the settings and in the server', () => {
    expect(smtpLimits(defaultSettings())).to.deep.equal(DEFAULT_SMTP_LIMITS)
  })

  it('follow the settings', () => {
    const { smtp } = defaultSettings()
    expect(smtpLimits({ smtp: { ...smtp, idleSeconds: 7, accountSessions: 3 } })).to.include({
      idleMs: 7000,
      sessionsPerAccount: 3,
    })
  })
})
