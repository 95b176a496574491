import { expect } from 'chai'
import { assert, asyncProperty, record, string } from 'fast-check'
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSettings } from '../../../src/config/load.ts'
import { defaultSettings } from '../../../src/config/schema.ts'
import { load, refusal } from './load-with.ts'

describe('loading settings', () => {
  it('gives the defaults when nothing is set', async () => {
    expect(await load({})).to.deep.equal({ settings: defaultSettings(), warnings: [] })
  })

  it('gives the defaults for an empty file and for empty tables', async () => {
    for (const file of ['', '\n', '# nothing\n', '[smtp]\n[pop3]\n', '\uFEFF'])
      expect((await load({ file })).settings).to.deep.equal(defaultSettings())
  })

  it('puts a flag before the environment, the environment before the file, the file before the default', async () => {
    const file = '[smtp]\nport = 1\n'
    const env = { RELAIS_SMTP_PORT: '2' }
    const flags = { 'smtp-port': '3' }
    const port = async (given: object) => (await load(given)).settings.smtp.port
    expect(await port({ file, env, flags })).to.equal(3)
    expect(await port({ file, env })).to.equal(2)
    expect(await port({ file, flags })).to.equal(3)
    expect(await port({ env, flags })).to.equal(3)
    expect(await port({ file })).to.equal(1)
    expect(await port({ file, env: { RELAIS_SMTP_PORT: undefined } })).to.equal(1)
    expect(await port({ file, flags: { 'smtp-port': undefined } })).to.equal(1)
  })

  it('takes a variable that is blank for a wrong value, not for an absent one', async () => {
    expect(await refusal({ env: { RELAIS_LOCKOUT_ATTEMPTS: '' } })).to.equal(
      'RELAIS_LOCKOUT_ATTEMPTS: lockout.attempts is ""; expected a whole number of failures from 1 to 5',
    )
    expect(await refusal({ file: '[smtp]\nport = 1\n', env: { RELAIS_SMTP_PORT: ' ' } })).to.equal(
      'RELAIS_SMTP_PORT: smtp.port is " "; expected a port from 0 to 65535, or "off"',
    )
  })

  it('replaces a list as a whole', async () => {
    const { settings } = await load({
      file: 'listen = ["127.0.0.1", "::1"]',
      env: { RELAIS_LISTEN: '10.0.0.1' },
    })
    expect(settings.listen).to.deep.equal(['10.0.0.1'])
  })

  it('checks a value even where a stronger source overrides it', async () => {
    expect(await refusal({ file: '[smtp]\nport = "x"', flags: { 'smtp-port': '1' } })).to.match(
      /^config\/relais\.toml:2: /,
    )
    expect(await refusal({ env: { RELAIS_SMTP_PORT: 'x' }, flags: { 'smtp-port': '1' } })).to.match(
      /^RELAIS_SMTP_PORT: /,
    )
  })

  it('names the flag, the variable, or the file with its line, then key, found and expected', async () => {
    const rest = 'smtp.port is "abc"; expected a port from 0 to 65535, or "off"'
    expect(await refusal({ flags: { 'smtp-port': 'abc' } })).to.equal(`--smtp-port: ${rest}`)
    expect(await refusal({ env: { RELAIS_SMTP_PORT: 'abc' } })).to.equal(`RELAIS_SMTP_PORT: ${rest}`)
    expect(await refusal({ file: '\n[smtp]\n# here:\nport = "abc"\n' })).to.equal(
      `config/relais.toml:4: ${rest}`,
    )
  })

  it('refuses a flag given twice where one value is expected, and joins it where a list is', async () => {
    expect(await refusal({ flags: { 'smtp-port': ['1', '2'] } })).to.contain('smtp.port is ["1","2"]')
    const { settings } = await load({ flags: { listen: ['127.0.0.1', '::1'] } })
    expect(settings.listen).to.deep.equal(['127.0.0.1', '::1'])
  })

  it('leaves flags alone that are no settings', async () => {
    const { settings } = await load({ flags: { _: ['serve'], root: '/x', smtpPort: '9', help: false } })
    expect(settings).to.deep.equal(defaultSettings())
  })

  it('warns about variables that look like settings and are none, in alphabetical order', async () => {
    const env = { RELAIS_SMTP_PROT: '1', RELAIS_FOO: 'secret', HOME: '/', RELAIS: 'x', relais_foo: 'x' }
    expect((await load({ env })).warnings).to.deep.equal([
      'RELAIS_FOO is no setting of Relais and was ignored',
      'RELAIS_SMTP_PROT is no setting of Relais and was ignored; did you mean RELAIS_SMTP_PORT?',
    ])
  })

  it('warns about an unknown variable that is empty as well, and in one line whatever its name', async () => {
    expect((await load({ env: { 'RELAIS_\u001B[31m\n': '' } })).warnings).to.deep.equal([
      'RELAIS_\\u{1b}[31m\\u{a} is no setting of Relais and was ignored',
    ])
  })

  it('does not warn about variables that are read elsewhere', async () => {
    expect((await load({ env: { RELAIS_ROOT: '/x', RELAIS_PASSWORD: 'x' } })).warnings).to.deep.equal([])
  })

  it('shows at most 60 characters of what was found, and no control character', async () => {
    const line = await refusal({ env: { RELAIS_DOMAIN: `\u001B[31m\u0085\u202E${'x'.repeat(500)}` } })
    expect(line).to.match(
      /^RELAIS_DOMAIN: domain is "\\u001b\[31m\\u\{85\}\\u\{202e\}x+…; expected a host name/,
    )
    expect(line.length).to.be.below(200)
  })

  it('answers any text with settings or with one printable line', async () => {
    const anything = record({ file: string({ unit: 'binary' }), value: string({ unit: 'binary' }) })
    await assert(
      asyncProperty(anything, async ({ file, value }) => {
        for (const given of [
          { file },
          { file: `domain = ${value}` },
          { file: value, flags: { domain: file } },
        ]) {
          const line = await load(given).then(
            () => 'accepted',
            () => refusal(given),
          )
          expect(line).to.not.match(/[\p{C}\p{Zl}\p{Zp}]/u)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('the file of settings', () => {
  const unknown: readonly (readonly [file: string, line: number, problem: string])[] = [
    ['[smtp]\nprot = 25', 2, 'smtp.prot is no setting of Relais; did you mean smtp.port?'],
    ['[smpt]\nport = 25', 2, 'smpt.port is no setting of Relais; did you mean smtp.port?'],
    ['\n[plugins]', 2, 'plugins is no setting of Relais; "relais config describe" lists them all'],
    [
      '[smtp]\nmax_message_octets = 5',
      2,
      'smtp.max_message_octets is no setting of Relais; did you mean max_message_octets?',
    ],
    ['maxMessageOctets = 5', 1, 'maxMessageOctets is no setting of Relais; did you mean max_message_octets?'],
    ['attempts = 5', 1, 'attempts is no setting of Relais; did you mean lockout.attempts?'],
    ['"smtp.port" = 5', 1, '"smtp.port" is no setting of Relais; did you mean smtp.port?'],
    ['__proto__ = 1', 1, '__proto__ is no setting of Relais; "relais config describe" lists them all'],
    [
      '[constructor]\nname = 1',
      2,
      'constructor.name is no setting of Relais; "relais config describe" lists them all',
    ],
    [
      '[smtp]\n"a\\u001b\\nb" = 1',
      2,
      'smtp."a\\u001b\\nb" is no setting of Relais; "relais config describe" lists them all',
    ],
    ['root = "/srv"', 1, 'root is no setting of Relais; "relais config describe" lists them all'],
    ['smtp = 5', 1, 'smtp is 5; expected a table, [smtp]'],
    ['[[smtp]]\nport = 1', 1, 'smtp is [{"port":1}]; expected a table, [smtp]'],
    ['[smtp.port]\nx = 1', 1, 'smtp.port is {"x":1}; expected a port from 0 to 65535, or "off"'],
  ]
  for (const [file, line, problem] of unknown) {
    it(`refuses ${JSON.stringify(file)} at line ${line}`, async () => {
      expect(await refusal({ file })).to.equal(`config/relais.toml:${line}: ${problem}`)
    })
  }

  it('counts the line of a value, however it is written', async () => {
    const at = async (file: string) =>
      /^config\/relais\.toml:(?<line>\d+):/.exec(await refusal({ file }))?.groups?.['line']
    expect(await at('smtp.port = "x"')).to.equal('1')
    expect(await at('# one\r\n\r\nsmtp = { port = "x" }\r\n')).to.equal('3')
    expect(await at('domain = """\na..ca"""\n')).to.equal('1')
    expect(await at('log.level = """\nport = 1\n"""\n')).to.equal('1')
    expect(await at('\n\nlisten = [\n  "127.0.0.1",\n  "x",\n]\n')).to.equal('3')
    expect(await at('lost.reply = "accept"\n[smtp]\nport = 1\n[pop3]\nport = "x"\n')).to.equal('5')
  })

  it('names no line past the first thousand', async () => {
    expect(await refusal({ file: `${'#\n'.repeat(1000)}foo = 1` })).to.match(
      /^config\/relais\.toml: foo is no setting/,
    )
  })

  it('refuses broken TOML in one line with line, column and reason', async () => {
    expect(await refusal({ file: 'domain = ' })).to.equal(
      'config/relais.toml:1:10: not valid TOML: invalid value',
    )
    expect(await refusal({ file: '[smtp]\nport = 1\nport = 2' })).to.match(
      /^config\/relais\.toml:3:1: not valid TOML: [^\n]+$/,
    )
    expect(await refusal({ file: '\0' })).to.match(/^config\/relais\.toml:1:1: not valid TOML: [^\n]+$/)
  })

  it('refuses what is not UTF-8', async () => {
    const file = Buffer.from('domain = "ex\xE4mple.ca"', 'latin1')
    expect(await refusal({ file })).to.equal('config/relais.toml: is not UTF-8; expected a TOML file')
  })
})

describe('the file of settings on disk', () => {
  let root = ''
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'relais-config-'))
  })
  afterEach(async () => {
    await rm(root, { recursive: true, force: true })
  })

  const failure = async () =>
    loadSettings({ root, flags: {}, env: {} }).then(
      () => undefined,
      (error: unknown) => error,
    )

  it('lies at config/relais.toml below the root', async () => {
    await mkdir(join(root, 'config'))
    await writeFile(join(root, 'config', 'relais.toml'), 'domain = "a.ca"\n')
    expect((await loadSettings({ root, flags: {}, env: {} })).settings.domain).to.equal('a.ca')
  })

  it('may be missing, and so may its folder', async () => {
    expect(await failure()).to.equal(undefined)
  })

  it('is refused in one line when it is a folder', async () => {
    await mkdir(join(root, 'config', 'relais.toml'), { recursive: true })
    expect(await failure())
      .to.include({ code: 'config.invalid' })
      .and.have.property(
        'message',
        `${join(root, 'config/relais.toml')}: is a folder; expected a readable TOML file, or none`,
      )
  })

  it('is refused in one line when it is a pipe, instead of waiting for it', async () => {
    await mkdir(join(root, 'config'))
    execFileSync('mkfifo', [join(root, 'config', 'relais.toml')])
    const refused = await loadSettings({ root, flags: {}, env: {} }).catch((error: unknown) => error)
    expect(refused)
      .to.have.property('message')
      .that.matches(/cannot be read \(EINVAL\)/)
  })

  it('counts as missing when a file stands where its folder would be: making the folder says so', async () => {
    await writeFile(join(root, 'config'), '')
    expect((await loadSettings({ root, flags: {}, env: {} })).settings).to.deep.equal(defaultSettings())
  })

  it('is refused in one line when it may not be read', async () => {
    const readFile = async () => Promise.reject(Object.assign(new Error('denied'), { code: 'EACCES' }))
    const refused = await loadSettings({ root: '.', flags: {}, env: {}, readFile }).catch(
      (error: unknown) => error,
    )
    expect(refused).to.have.property(
      'message',
      'config/relais.toml: cannot be read (EACCES); expected a readable TOML file, or none',
    )
  })
})
