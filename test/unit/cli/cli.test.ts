import { expect } from 'chai'
import { access, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { lockRoot } from '../../../src/gateway/root-lock.ts'
import { describeSettings } from '../../../src/config/describe.ts'
import { tempFolder } from '../../contract/support/temp-folder.ts'
import { run, type Run } from './fake-io.ts'

const GOOD = 'Abcdefgh12'
const OTHER = 'Zyxwvuts98'

describe('the command line', () => {
  const newPath = tempFolder()
  let root = ''
  beforeEach(async () => {
    root = newPath()
    await mkdir(root)
  })

  const relais = (argv: readonly string[], stdin?: string | Uint8Array): Promise<Run> =>
    run(argv, stdin === undefined ? { currentDir: root } : { currentDir: root, stdin })
  const add = (name: string, ...more: readonly string[]): Promise<Run> =>
    relais(['account', 'add', name, '--password-stdin', ...more], `${GOOD}\n`)

  /** A failure is one line on standard error, and nothing on standard output. */
  function failed({ status, stdout, stderr }: Run, expected: number): string {
    expect(stderr).to.match(/^relais: [^\n]+\n$/)
    expect(stdout).to.equal('')
    expect(status).to.equal(expected)
    return stderr.slice('relais: '.length, -1)
  }

  async function passwordRecord(name: string): Promise<string> {
    const { DatabaseSync } = await import('@photostructure/sqlite')
    const database = new DatabaseSync(join(root, 'config/directory.sqlite'))
    const row = database.prepare('SELECT password_record FROM account WHERE key = ?').get(name)
    database.close()
    return String(Reflect.get(Object(row), 'password_record'))
  }

  describe('used wrongly', () => {
    const wrong: readonly (readonly [what: string, argv: readonly string[], said: RegExp])[] = [
      ['without a command', [], /^say what to do; relais --help/],
      ['with an unknown command', ['serv'], /serv/],
      ['with an unknown flag', ['config', 'describe', '--frob'], /frob/],
      [
        'with account and nothing more',
        ['account'],
        /^say what to do with accounts: add, list, show, passwd, set, lock, unlock or remove$/,
      ],
      ['with an unknown thing to do with accounts', ['account', 'rename'], /rename/],
      ['with config and nothing more', ['config'], /^say what to do with the configuration: describe$/],
      ['without a name', ['account', 'add'], /./],
      ['with two names', ['account', 'add', 'alice', 'bob', '--password-stdin'], /bob/],
      ['with a setting where it has none', ['account', 'list', '--smtp-port', '1'], /smtp-port/],
      ['with both fates of the mail', ['account', 'remove', 'alice', '--keep-mail', '--delete-mail'], /./],
      ['with a root that has no name', ['account', 'list', '--root'], /root/],
      ['with two roots', ['account', 'list', '--root', 'a', '--root', 'b'], /root/],
    ]
    for (const [what, argv, said] of wrong) {
      it(`${what} ends with 64, one line and nothing changed`, async () => {
        expect(failed(await relais(argv), 64)).to.match(said)
        expect(await readdir(root)).to.deep.equal([])
      })
    }
  })

  describe('config describe', () => {
    it('prints every setting with its explanation, and makes nothing', async () => {
      expect(await relais(['config', 'describe'])).to.deep.equal({
        status: 0,
        stdout: describeSettings(),
        stderr: '',
      })
      expect(await readdir(root)).to.deep.equal([])
    })
  })

  describe('account add', () => {
    it('adds an account whose mailbox is there, and says its address', async () => {
      expect(await add('Alice')).to.deep.equal({
        status: 0,
        stdout: 'Alice@glo2000.ca can receive mail now\n',
        stderr: '',
      })
      expect((await readdir(join(root, 'maildir/alice'))).toSorted()).to.deep.equal(['cur', 'new', 'tmp'])
      expect(await passwordRecord('alice')).to.match(/^SCRAM-SHA3-512\$10000:/)
    })

    it('takes a domain from the settings', async () => {
      await mkdir(join(root, 'config'))
      await writeFile(join(root, 'config/relais.toml'), 'domain = "example.org"\n')
      expect((await add('alice')).stdout).to.equal('alice@example.org can receive mail now\n')
    })

    const refused: readonly (readonly [name: string, said: string])[] = [
      ['', 'it is empty'],
      ['../x', 'it may hold only'],
      ['a/b', 'it may hold only'],
      ['a\0b', 'it may hold only'],
      ['postmaster', 'it is reserved'],
      ['x'.repeat(65), 'it is longer than 64 characters'],
    ]
    for (const [name, said] of refused) {
      it(`refuses the name ${JSON.stringify(name)} with 65 and its reason, before it asks for a password`, async () => {
        expect(failed(await add(name), 65)).to.contain(said)
        expect(await readdir(join(root, 'maildir'))).to.deep.equal([])
        expect((await relais(['account', 'list', '--json'])).stdout).to.equal('[]\n')
      })
    }

    it('takes a name of digits as text', async () => {
      expect((await add('007')).stdout).to.equal('007@glo2000.ca can receive mail now\n')
    })

    it('refuses a second BOB after bob, and bob stays', async () => {
      await add('bob')
      const record = await passwordRecord('bob')
      expect(failed(await relais(['account', 'add', 'BOB', '--password-stdin'], OTHER), 65)).to.equal(
        'there is an account bob already',
      )
      expect(await passwordRecord('bob')).to.equal(record)
    })

    it('refuses a bad password with 65 and all it needs, and adds nothing', async () => {
      const said = failed(await relais(['account', 'add', 'alice', '--password-stdin'], 'x\n'), 65)
      expect(said).to.equal(
        'password is refused; it needs: at least 10 characters, an upper-case letter, a digit',
      )
      expect(await readdir(join(root, 'maildir'))).to.deep.equal([])
    })

    it("warns about a password that is easy to guess, in the user's language, and adds the account", async () => {
      const argv = ['account', 'add', 'alice', '--password-stdin']
      const { status, stdout, stderr } = await relais(argv, 'Password123\n')
      expect([status, stdout]).to.deep.equal([0, 'alice@glo2000.ca can receive mail now\n'])
      expect(stderr).to.match(
        /^relais: password is easy to guess\. This is a commonly used password\. [^\n]*\n$/,
      )
      const french = { currentDir: root, stdin: 'Password123\n', env: { LANG: 'fr_CA.UTF-8' } }
      expect((await run(['account', 'passwd', 'alice', '--password-stdin'], french)).stderr).to.match(
        /^relais: le mot de passe est facile à deviner\. /,
      )
    })

    it('takes the name for a word that a guesser knows', async () => {
      const argv = ['account', 'add', 'Zorvaxquimby', '--password-stdin']
      expect((await relais(argv, 'Zorvaxquimby1\n')).stderr).to.contain('easy to guess')
    })

    it('refuses a password that is easy to guess with 65 when the settings say so, and adds nothing', async () => {
      const strict = {
        currentDir: root,
        stdin: 'Password123\n',
        env: { RELAIS_PASSWORDS_STRENGTH: 'refuse' },
      }
      const argv = ['account', 'add', 'alice', '--password-stdin']
      expect(failed(await run(argv, strict), 65)).to.match(/^password is easy to guess\./)
      expect(await readdir(join(root, 'maildir'))).to.deep.equal([])
      await add('alice')
      const before = await passwordRecord('alice')
      failed(await run(['account', 'passwd', 'alice', '--password-stdin'], strict), 65)
      expect(await passwordRecord('alice')).to.equal(before)
    })

    it('refuses where a folder of that name lies, unless it is adopted', async () => {
      await mkdir(join(root, 'maildir/carol/new'), { recursive: true })
      await writeFile(join(root, 'maildir/carol/new/1000000000.1.example'), 'a\n')
      expect(failed(await add('carol'), 65)).to.contain('--adopt takes over its mail')
      expect((await add('carol', '--adopt')).status).to.equal(0)
      expect(await readdir(join(root, 'maildir/carol/new'))).to.have.length(1)
    })

    it('says how to go on where there is no terminal to ask for the password on', async () => {
      expect(failed(await relais(['account', 'add', 'alice']), 64)).to.contain('use --password-stdin')
    })
  })

  describe('--password-stdin', () => {
    const lines: readonly (readonly [what: string, stdin: string | Uint8Array])[] = [
      ['a line', `${GOOD}\n`],
      ['a line with CRLF', `${GOOD}\r\n`],
      ['a line without its end', GOOD],
      ['the first of several lines', `${GOOD}\n${OTHER}\n`],
    ]
    for (const [what, stdin] of lines) {
      it(`reads ${what}`, async () => {
        const { verifyPassword, parsePasswordRecord } =
          await import('../../../src/accounts/password-record.ts')
        await relais(['account', 'add', 'alice', '--password-stdin'], stdin)
        expect(await verifyPassword(GOOD, parsePasswordRecord(await passwordRecord('alice')))).to.equal(true)
      })
    }

    it('keeps spaces at both ends, which belong to the password', async () => {
      const { verifyPassword, parsePasswordRecord } = await import('../../../src/accounts/password-record.ts')
      await relais(['account', 'add', 'alice', '--password-stdin'], ` ${GOOD} \n`)
      const record = parsePasswordRecord(await passwordRecord('alice'))
      expect(await verifyPassword(` ${GOOD} `, record)).to.equal(true)
      expect(await verifyPassword(GOOD, record)).to.equal(false)
    })

    for (const [what, stdin] of [
      ['nothing', ''],
      ['an empty line', '\n'],
      ['more than anybody types', 'x'.repeat(200_000)],
      ['what is no UTF-8', Buffer.from([0x41, 0x62, 0xe9, 0x31, 0x0a])],
    ] as const) {
      it(`refuses ${what} with 65`, async () => {
        failed(await relais(['account', 'add', 'alice', '--password-stdin'], stdin), 65)
        expect(await readdir(join(root, 'maildir'))).to.deep.equal([])
      })
    }
  })

  describe('account list', () => {
    it('says how to add the first one', async () => {
      expect((await relais(['account', 'list'])).stdout).to.equal(
        'There is no account yet: relais account add NAME\n',
      )
    })

    it('shows all by name, for people and for scripts', async () => {
      for (const name of ['dave', 'Alice']) await add(name)
      expect((await relais(['account', 'list'])).stdout).to.match(
        /^\d{4}-\d\d-\d\d {2}Alice@glo2000\.ca\n\d{4}-\d\d-\d\d {2}dave@glo2000\.ca\n$/,
      )
      const listed: unknown = JSON.parse((await relais(['account', 'list', '--json'])).stdout)
      expect(listed).to.have.length(2)
      expect(listed).to.have.deep.nested.property('[0].address', 'Alice@glo2000.ca')
      expect(JSON.stringify(listed)).to.not.contain('SCRAM')
    })
  })

  describe('account passwd', () => {
    it('sets another password', async () => {
      await add('Alice')
      const before = await passwordRecord('alice')
      const { status, stdout } = await relais(['account', 'passwd', 'ALICE', '--password-stdin'], OTHER)
      expect([status, stdout]).to.deep.equal([0, 'Alice has a new password\n'])
      expect(await passwordRecord('alice')).to.not.equal(before)
    })

    it('of nobody ends with 67, of a bad password with 65 and the old one stays', async () => {
      await add('alice')
      const before = await passwordRecord('alice')
      failed(await relais(['account', 'passwd', 'bob', '--password-stdin'], OTHER), 67)
      failed(await relais(['account', 'passwd', 'alice', '--password-stdin'], 'short'), 65)
      expect(await passwordRecord('alice')).to.equal(before)
    })
  })

  describe('account remove', () => {
    beforeEach(async () => {
      await add('alice')
    })
    const withMail = (): Promise<void> =>
      writeFile(join(root, 'maildir/alice/new/1000000000.1.example'), 'a\n')

    it('removes an account without mail at once', async () => {
      expect((await relais(['account', 'remove', 'ALICE'])).stdout).to.equal('alice is removed\n')
      expect(await readdir(join(root, 'maildir'))).to.deep.equal([])
      expect((await relais(['account', 'list', '--json'])).stdout).to.equal('[]\n')
    })

    it('never decides about mail by itself', async () => {
      await withMail()
      expect(failed(await relais(['account', 'remove', 'alice']), 64)).to.equal(
        'alice has mail or other files; say --keep-mail or --delete-mail',
      )
      expect(await readdir(join(root, 'maildir/alice/new'))).to.have.length(1)
      expect((await relais(['account', 'list', '--json'])).stdout).to.contain('alice')
    })

    it('keeps mail where it says', async () => {
      await withMail()
      const { stdout } = await relais(['account', 'remove', 'alice', '--keep-mail'])
      const [, folder = ''] = /^alice is removed; the mail is in (.+)\n$/.exec(stdout) ?? []
      expect(await readFile(join(folder, 'new/1000000000.1.example'), 'utf8')).to.equal('a\n')
    })

    it('deletes mail when it is told', async () => {
      await withMail()
      expect((await relais(['account', 'remove', 'alice', '--delete-mail'])).stdout).to.equal(
        'alice is removed\n',
      )
      expect(await readdir(join(root, 'maildir'))).to.deep.equal([])
    })

    it('of nobody ends with 67', async () => {
      expect(failed(await relais(['account', 'remove', 'bob', '--delete-mail']), 67)).to.equal(
        'there is no account "bob"',
      )
    })
  })

  describe('the root', () => {
    it('is --root, else RELAIS_ROOT, else the current folder', async () => {
      const [flag, variable] = [newPath(), newPath()]
      const stdin = GOOD
      const argv = ['account', 'add', 'alice', '--password-stdin']
      await run([...argv, '--root', flag], { currentDir: root, stdin, env: { RELAIS_ROOT: variable } })
      await run(argv, { currentDir: root, stdin, env: { RELAIS_ROOT: variable } })
      for (const folder of [flag, variable]) await access(join(folder, 'maildir/alice'))
      expect(await readdir(root)).to.deep.equal([])
    })
  })

  describe('what cannot work', () => {
    it('a wrong setting ends with 78, named', async () => {
      const bad = { currentDir: root, env: { RELAIS_SMTP_PORT: 'abc' } }
      for (const argv of [['serve'], ['account', 'list']])
        expect(failed(await run(argv, bad), 78)).to.match(/^RELAIS_SMTP_PORT: smtp\.port is "abc"; expected/)
      expect(await readdir(root)).to.deep.equal([])
    })

    it('an unknown variable is warned about, and the command goes on', async () => {
      const { status, stderr } = await run(['account', 'list'], {
        currentDir: root,
        env: { RELAIS_FOO: '1' },
      })
      expect(status).to.equal(0)
      expect(stderr).to.equal('relais: RELAIS_FOO is no setting of Relais and was ignored\n')
    })

    it('a data folder that cannot be made ends with 73, named', async () => {
      await writeFile(join(root, 'maildir'), '')
      expect(failed(await relais(['account', 'list']), 73)).to.contain(join(root, 'maildir'))
    })

    it('a damaged directory ends with 74, named', async () => {
      await mkdir(join(root, 'config'))
      await writeFile(join(root, 'config/directory.sqlite'), 'no database at all'.repeat(100))
      expect(failed(await relais(['account', 'list']), 74)).to.contain(join(root, 'config/directory.sqlite'))
    })

    it('mail that cannot be moved aside ends with 74, not as a bug', async () => {
      await add('alice')
      await writeFile(join(root, 'maildir/alice/new/1000000000.1.example'), 'a\n')
      await writeFile(join(root, 'maildir/.removed'), '')
      failed(await relais(['account', 'remove', 'alice', '--keep-mail']), 74)
    })

    it('serve with nothing to listen on ends with 78', async () => {
      const line = failed(await relais(['serve', '--smtp-port', 'off', '--pop3-port', 'off']), 78)
      expect(line).to.match(/^smtp\.port and pop3\.port are both "off"/)
    })

    it('serve on a root that another server has ends with 69', async () => {
      const release = await lockRoot(join(root, 'config/run'))
      const line = failed(await relais(['serve', '--smtp-port', '0', '--pop3-port', '0']), 69)
      expect(line).to.match(/^another server \(process \d+\) runs on this root/)
      await release()
    })

    it('serve on a port in use ends with 69', async () => {
      const server = createServer()
      await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
      const address = server.address()
      const port = typeof address === 'object' ? String(address?.port) : ''
      const env = { RELAIS_SMTP_PORT: port, RELAIS_POP3_PORT: '0' }
      expect(failed(await run(['serve'], { currentDir: root, env }), 69)).to.equal(
        `SMTP cannot listen on 127.0.0.1:${port}: the port is in use; stop the program that has it, or choose another port`,
      )
      await new Promise((resolve) => server.close(resolve))
    })
  })
})
