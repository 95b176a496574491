import { expect } from 'chai'
import { defaultSettings, settingsFrom } from '../../../src/config/schema.ts'
import type { Settings } from '../../../src/config/schema.ts'

/** Written out, so that the compiler compares the derived type with it. */
const DEFAULTS: Settings = {
  domain: 'glo2000.ca',
  listen: ['127.0.0.1'],
  workers: 1,
  addressLimits: true,
  language: 'en',
  maxMessageOctets: 52_428_800,
  smtp: {
    port: 2525,
    recipients: 1000,
    idleSeconds: 300,
    dataSeconds: 3600,
    dataOctetsPerSecond: 100,
    connections: 20_000,
    connectionsPerAddress: 200,
    connectionsPerMinute: 3000,
    messagesPerMinute: 6000,
    recipientsPerMinute: 60_000,
    accountSessions: 50,
    accountMessagesPerMinute: 600,
    accountRecipientsPerMinute: 6000,
    wrongCommands: 10,
    failedSignIns: 5,
  },
  reception: { trusted: [], fromAllowed: [], bareLineEnds: 'refuse' },
  lmtp: { port: 'off', socket: 'off' },
  submission: { port: 2587 },
  submissions: { port: 2465 },
  pop3: {
    port: 2110,
    inUseWaitSeconds: 2,
    loginDelaySeconds: 0,
    markSeen: true,
    idleSeconds: 600,
    connections: 20_000,
    connectionsPerAddress: 200,
    wrongCommands: 10,
    failedSignIns: 5,
  },
  pop3s: { port: 2995 },
  retention: { days: 0 },
  http: { port: 2080 },
  tls: { cert: 'auto', key: 'auto' },
  auth: { clearFrom: ['loopback'] },
  passwords: { iterations: 210_000, cacheSeconds: 600, strength: 'warn' },
  lockout: { attempts: 3, seconds: 10 },
  quota: { octets: 1_073_741_824 },
  disk: { reserveOctets: 'auto' },
  delivery: { separator: '+' },
  lost: {
    reply: 'refuse',
    maxOctets: 1024 ** 3,
    maxDays: 90,
    promisedDays: 0,
    addressMessagesPerDay: 200,
    addressOctetsPerDay: 100 * 1024 ** 2,
  },
  registration: { mode: 'closed' },
  log: { level: 'warn' },
}

type Equal<A, B> = [A, B] extends [B, A] ? true : false

describe('settings', () => {
  it('have the documented defaults', () => {
    expect(defaultSettings()).to.deep.equal(DEFAULTS)
  })

  it('replace single keys of a table and leave the others', () => {
    const { lockout } = settingsFrom(new Map([['lockout.seconds', 0]]))
    expect(lockout).to.deep.equal({ attempts: 3, seconds: 0 })
  })

  it('know the type of every value', () => {
    const exact: readonly true[] = [
      true satisfies Equal<Settings['smtp']['port'], number | 'off'>,
      true satisfies Equal<Settings['disk']['reserveOctets'], number | 'auto'>,
      true satisfies Equal<Settings['auth']['clearFrom'], readonly string[]>,
      true satisfies Equal<Settings['lost']['reply'], 'refuse' | 'accept'>,
      true satisfies Equal<Settings['log']['level'], 'error' | 'warn' | 'info' | 'debug'>,
      true satisfies Equal<Settings['addressLimits'], boolean>,
      true satisfies Equal<keyof Settings['lockout'], 'attempts' | 'seconds'>,
      true satisfies Equal<keyof Settings, keyof typeof DEFAULTS>,
    ]
    expect(exact).to.not.include(false)
  })
})
