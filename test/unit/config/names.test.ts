import { expect } from 'chai'
import { environmentName, flagName } from '../../../src/config/names.ts'
import { SETTINGS } from '../../../src/config/settings.ts'

/** The names that were promised from the first version on; none may ever change. */
const PROMISED = [
  'RELAIS_DOMAIN',
  'RELAIS_LISTEN',
  'RELAIS_SMTP_PORT',
  'RELAIS_SUBMISSION_PORT',
  'RELAIS_SUBMISSIONS_PORT',
  'RELAIS_POP3_PORT',
  'RELAIS_POP3S_PORT',
  'RELAIS_HTTP_PORT',
  'RELAIS_WORKERS',
  'RELAIS_LOCKOUT_ATTEMPTS',
  'RELAIS_LOCKOUT_SECONDS',
  'RELAIS_ADDRESS_LIMITS',
  'RELAIS_AUTH_CLEAR_FROM',
  'RELAIS_MAX_MESSAGE_OCTETS',
  'RELAIS_QUOTA_OCTETS',
  'RELAIS_DISK_RESERVE_OCTETS',
  'RELAIS_LOST_REPLY',
  'RELAIS_REGISTRATION_MODE',
]

describe('names of settings', () => {
  it('are in the environment as they were promised', () => {
    const names = Object.keys(SETTINGS).map(environmentName)
    expect(names).to.include.members([...PROMISED])
  })

  it('are different for each setting, in the environment and as flags', () => {
    for (const nameOf of [environmentName, flagName]) {
      const names = Object.keys(SETTINGS).map(nameOf)
      expect(new Set(names).size).to.equal(names.length)
    }
  })

  it('put a table in front of its keys', () => {
    expect(environmentName('auth.clear_from')).to.equal('RELAIS_AUTH_CLEAR_FROM')
    expect(flagName('auth.clear_from')).to.equal('auth-clear-from')
  })

  it('are bare TOML keys of lower case, at most one table deep', () => {
    for (const key of Object.keys(SETTINGS)) expect(key).to.match(/^[a-z0-9_]+(?:\.[a-z0-9_]+)?$/)
  })
})
