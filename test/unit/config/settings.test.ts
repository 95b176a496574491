import { expect } from 'chai'
import { environmentName, flagName } from '../../../src/config/names.ts'
import { SETTING_BY_KEY } from '../../../src/config/schema.ts'
import type { SettingKey } from '../../../src/config/schema.ts'
import { load, refusal } from './load-with.ts'
import type { Given } from './load-with.ts'

/** Text as flag, environment and file take it, and native values of the file in TOML. */
interface Samples {
  readonly text: readonly (readonly [text: string, value: unknown])[]
  readonly toml: readonly (readonly [literal: string, value: unknown])[]
  readonly wrongText: readonly string[]
  readonly wrongToml: readonly string[]
}

const NETWORKS: Samples = {
  text: [
    ['loopback', ['loopback']],
    ['LOOPBACK', ['loopback']],
    ['none', []],
    ['10.0.0.0/8, ::1 ,loopback', ['10.0.0.0/8', '::1', 'loopback']],
    ['0.0.0.0/0,::/0', ['0.0.0.0/0', '::/0']],
    ['192.0.2.1/32,2001:DB8::/128', ['192.0.2.1/32', '2001:db8::/128']],
  ],
  toml: [
    ['[]', []],
    ['"none"', []],
    ['["loopback", "10.0.0.0/8"]', ['loopback', '10.0.0.0/8']],
  ],
  wrongText: [
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/08',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '/8',
    '10/8',
    'localhost',
    'none,::1',
    'fe80::1%eth0',
    '::1,',
    'example.org',
  ],
  wrongToml: ['""', '[""]', '[1]', '["none"]', 'true', 'false', '5'],
}

const SWITCH: Samples = {
  text: [
    ['on', true],
    ['Off', false],
    ['true', true],
    ['false', false],
  ],
  toml: [
    ['true', true],
    ['false', false],
    ['"on"', true],
    ['"off"', false],
  ],
  wrongText: ['yes', '1', '0', 'enabled'],
  wrongToml: ['1', '0', '[]', '""', '"yes"'],
}

const PORT: Samples = {
  text: [
    ['0', 0],
    ['1', 1],
    ['65535', 65_535],
    ['off', 'off'],
    ['OFF', 'off'],
    [' 2525 ', 2525],
  ],
  toml: [
    ['0', 0],
    ['65535', 65_535],
    ['0x10', 16],
    ['2_525', 2525],
    ['"off"', 'off'],
    ['"2525"', 2525],
  ],
  wrongText: [
    '-1',
    '65536',
    'abc',
    '25.5',
    '1e3',
    '0x10',
    '+25',
    '025',
    '2_525',
    '٢٥',
    '25 26',
    'on',
    '2525;',
  ],
  wrongToml: [
    '-1',
    '65536',
    '25.5',
    'true',
    'false',
    '[2525]',
    '{}',
    'nan',
    'inf',
    '1979-05-27',
    '99999999999999999999',
  ],
}

function wholeFrom(min: number, max: number): Samples {
  return {
    text: [
      [String(min), min],
      [String(max), max],
    ],
    toml: [
      [String(min), min],
      [String(max), max],
      [`"${max}"`, max],
    ],
    wrongText: [String(min - 1), String(max + 1), 'many', `${min}.5`, `0${max}`, 'off'],
    wrongToml: [String(min - 1), String(max + 1), `${min}.5`, 'true', '[]', '""', '" "'],
  }
}

function octetsFrom(min: number): Samples {
  return {
    text: [
      [String(min), min],
      ['1', 1],
      ['1 B', 1],
      ['50 MiB', 52_428_800],
      ['50mib', 52_428_800],
      ['10 MB', 10_000_000],
      ['1 kB', 1000],
      ['1 KiB', 1024],
      ['2 GB', 2_000_000_000],
      ['2 GiB', 2_147_483_648],
      ['1 TB', 1_000_000_000_000],
      ['1 TiB', 1_099_511_627_776],
      ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ],
    toml: [
      [String(min), min],
      ['52_428_800', 52_428_800],
      ['"50 MiB"', 52_428_800],
      ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ],
    wrongText: [
      '-1',
      '1.5 GiB',
      '50 M',
      '50 Mib/s',
      'MiB',
      '50 PiB',
      '9007199254740992',
      '9000 TiB',
      '1 000',
      '0x10',
      'off',
      'much',
    ],
    wrongToml: ['-1', '1.5', 'true', '[]', '""', '9007199254740992', '"1 YB"'],
  }
}

function words(...accepted: readonly string[]): Samples {
  return {
    text: accepted.flatMap((word) => [
      [word, word],
      [word.toUpperCase(), word],
    ]),
    toml: accepted.map((word) => [`"${word}"`, word]),
    wrongText: ['never', 'constructor', `${accepted[0]}x`, accepted.join(',')],
    wrongToml: ['1', 'true', '[]', '""', '{}'],
  }
}

const LABEL_63 = 'a'.repeat(63)
const NAME_253 = [LABEL_63, LABEL_63, LABEL_63, 'a'.repeat(61)].join('.')

const FILES = {
  text: [
    ['config/tls/Cert.pem', 'config/tls/Cert.pem'],
    ['AUTO', 'auto'],
    [' /etc/ssl/mail house.pem ', '/etc/ssl/mail house.pem'],
  ],
  toml: [['"./auto"', './auto']],
  wrongText: ['cert\u0000.pem', 'cert.pem\nkey.pem'],
  wrongToml: ['1', 'true', '["cert.pem"]'],
} as const satisfies Samples

const SAMPLES = {
  domain: {
    text: [
      ['glo2000.ca', 'glo2000.ca'],
      [' Mail.Example.ORG ', 'mail.example.org'],
      ['localhost', 'localhost'],
      ['3com.com', '3com.com'],
      ['xn--exmple-cua.ca', 'xn--exmple-cua.ca'],
      [`${LABEL_63}.ca`, `${LABEL_63}.ca`],
      [NAME_253, NAME_253],
    ],
    toml: [['"A.ca"', 'a.ca']],
    wrongText: [
      'a b.ca',
      '-a.ca',
      'a-.ca',
      'a..ca',
      '.ca',
      'ca.',
      'a_b.ca',
      'exämple.ca',
      '127.0.0.1',
      '@a.ca',
      `a${LABEL_63}.ca`,
      `a${NAME_253}`,
    ],
    wrongToml: ['""', '5', 'true', '["a.ca"]', '"a\\u0000.ca"', '"a.ca\\nb"'],
  },
  listen: {
    text: [
      ['127.0.0.1', ['127.0.0.1']],
      ['127.0.0.1,::1', ['127.0.0.1', '::1']],
      [' 0.0.0.0 , FE80::1%eth0 ', ['0.0.0.0', 'fe80::1%eth0']],
      ['::1,::1', ['::1']],
    ],
    toml: [
      ['["127.0.0.1", "::1"]', ['127.0.0.1', '::1']],
      ['"127.0.0.1, ::1"', ['127.0.0.1', '::1']],
    ],
    wrongText: [
      'localhost',
      '127.1',
      '256.0.0.1',
      '127.0.0.1,',
      ',',
      '127.0.0.1 ::1',
      '[::1]',
      '127.0.0.1:25',
      '10.0.0.0/8',
      '*',
      'off',
    ],
    wrongToml: [
      '[]',
      '""',
      '[""]',
      '[1]',
      '["127.0.0.1, ::1"]',
      '["127.0.0.1", "x"]',
      '5',
      'true',
      '[["::1"]]',
    ],
  },
  workers: wholeFrom(1, 64),
  language: words('en', 'fr'),
  address_limits: SWITCH,
  max_message_octets: { ...octetsFrom(1), wrongText: ['0', '0 MiB', ...octetsFrom(1).wrongText] },
  'smtp.port': PORT,
  'reception.trusted': NETWORKS,
  'reception.from_allowed': NETWORKS,
  'reception.bare_line_ends': words('refuse', 'normalise'),
  'lmtp.port': PORT,
  'lmtp.socket': {
    text: [
      ['off', 'off'],
      ['OFF', 'off'],
      ['config/run/lmtp', 'config/run/lmtp'],
      ['/run/relais/lmtp', '/run/relais/lmtp'],
    ],
    toml: [['"off"', 'off']],
    wrongText: ['x'.repeat(101)],
    wrongToml: ['""', '5', 'true', '["x"]', '"a\\u0000"'],
  },
  'smtp.recipients': wholeFrom(100, 100_000),
  'smtp.idle_seconds': wholeFrom(1, 3600),
  'smtp.data_seconds': wholeFrom(60, 86_400),
  'smtp.data_octets_per_second': wholeFrom(0, 1_000_000),
  'smtp.connections': wholeFrom(1, 1_000_000),
  'smtp.connections_per_address': wholeFrom(1, 1_000_000),
  'smtp.connections_per_minute': wholeFrom(1, 1_000_000),
  'smtp.messages_per_minute': wholeFrom(1, 10_000_000),
  'smtp.recipients_per_minute': wholeFrom(1, 100_000_000),
  'smtp.account_sessions': wholeFrom(1, 100_000),
  'smtp.account_messages_per_minute': wholeFrom(1, 1_000_000),
  'smtp.account_recipients_per_minute': wholeFrom(1, 10_000_000),
  'smtp.wrong_commands': wholeFrom(1, 1000),
  'smtp.failed_sign_ins': wholeFrom(1, 100),
  'submission.port': PORT,
  'submissions.port': PORT,
  'pop3.port': PORT,
  'pop3.in_use_wait_seconds': wholeFrom(0, 60),
  'pop3.login_delay_seconds': wholeFrom(0, 86_400),
  'pop3.mark_seen': SWITCH,
  'pop3.idle_seconds': wholeFrom(600, 86_400),
  'pop3.connections': wholeFrom(1, 1_000_000),
  'pop3.connections_per_address': wholeFrom(1, 1_000_000),
  'pop3.wrong_commands': wholeFrom(1, 1000),
  'pop3.failed_sign_ins': wholeFrom(1, 100),
  'pop3s.port': PORT,
  'http.port': PORT,
  'auth.clear_from': NETWORKS,
  'passwords.iterations': wholeFrom(10_000, 10_000_000),
  'passwords.cache_seconds': wholeFrom(0, 86_400),
  'passwords.strength': words('warn', 'refuse'),
  'lockout.attempts': wholeFrom(1, 5),
  'lockout.seconds': wholeFrom(0, 86_400),
  'quota.octets': octetsFrom(0),
  'retention.days': wholeFrom(0, 36_500),
  'disk.reserve_octets': {
    ...octetsFrom(0),
    text: [...octetsFrom(0).text, ['auto', 'auto'], ['AUTO', 'auto']],
  },
  'delivery.separator': {
    text: [
      ['+', '+'],
      ['-', '-'],
      ['_', '_'],
      ['.', '.'],
      ['off', ''],
      [' OFF ', ''],
    ],
    toml: [
      ['"+"', '+'],
      ['"off"', ''],
    ],
    wrongText: ['++', '+-', '@', '/', '%', 'a', 'on'],
    wrongToml: ['1', 'true', '["+"]', '"=="'],
  },
  'lost.reply': words('refuse', 'accept'),
  'lost.max_octets': octetsFrom(0),
  'lost.max_days': wholeFrom(0, 36_500),
  'lost.promised_days': wholeFrom(0, 36_500),
  'lost.address_messages_per_day': wholeFrom(0, 1_000_000),
  'lost.address_octets_per_day': octetsFrom(0),
  'registration.mode': words('closed', 'open', 'invitation'),
  'log.level': words('error', 'warn', 'info', 'debug'),
  'tls.cert': FILES,
  'tls.key': FILES,
} as const satisfies Record<SettingKey, Samples>

/** How a value of `key` is given by each source; text in the file is written as a TOML string. */
const TEXT_SOURCES: Readonly<Record<string, (key: string, text: string) => Given>> = {
  'a flag': (key, text) => ({ flags: { [flagName(key)]: text } }),
  'the environment': (key, text) => ({ env: { [environmentName(key)]: text } }),
  'text in the file': (key, text) => ({ file: `${key} = ${JSON.stringify(text)}\n` }),
}

async function valueOf(key: string, given: Given): Promise<unknown> {
  let value: unknown = (await load(given)).settings
  for (const part of key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()).split('.'))
    value = typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined
  return value
}

async function expectRefused(key: string, given: Given): Promise<void> {
  const line = await refusal(given)
  expect(line).to.contain(`: ${key} is `)
  expect(line.endsWith(`; expected ${SETTING_BY_KEY.get(key)?.kind.expected}`), line).to.equal(true)
}

for (const [key, samples] of Object.entries<Samples>(SAMPLES)) {
  describe(`the setting ${key}`, () => {
    for (const [source, given] of Object.entries(TEXT_SOURCES)) {
      it(`takes its values from ${source}`, async () => {
        for (const [text, value] of samples.text)
          expect(await valueOf(key, given(key, text)), text).to.deep.equal(value)
      })
      it(`refuses wrong values from ${source}, saying what is expected`, async () => {
        for (const text of samples.wrongText) await expectRefused(key, given(key, text))
      })
    }

    it('takes native values of the file', async () => {
      for (const [literal, value] of samples.toml)
        expect(await valueOf(key, { file: `${key} = ${literal}` }), literal).to.deep.equal(value)
    })

    it('refuses wrong native values of the file, saying what is expected', async () => {
      for (const literal of samples.wrongToml) await expectRefused(key, { file: `${key} = ${literal}` })
    })

    it('refuses a blank variable and a blank flag, naming it and what is expected', async () => {
      for (const text of ['', ' ', '\t']) {
        await expectRefused(key, { env: { [environmentName(key)]: text } })
        await expectRefused(key, { flags: { [flagName(key)]: text } })
      }
    })

    it('is explained in one sentence, with a reason for its default', () => {
      const setting = SETTING_BY_KEY.get(key)
      expect(setting?.meaning).to.match(/^[A-Z].*\.$/)
      expect(setting?.reason).to.match(/^[^A-Z].*[^.]$/)
    })
  })
}
