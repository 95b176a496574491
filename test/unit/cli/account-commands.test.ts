import { expect } from 'chai'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tempFolder } from '../../contract/support/temp-folder.ts'
import { run, type Run } from './fake-io.ts'

const GOOD = 'Abcdefgh12'

describe('what the postmaster does with accounts', () => {
  const newPath = tempFolder()
  let root = ''
  beforeEach(async () => {
    root = newPath()
    await mkdir(root)
    for (const name of ['Alice', 'bob'])
      await relais(['account', 'add', name, '--password-stdin'], `${GOOD}\n`)
  })

  const relais = (argv: readonly string[], stdin?: string): Promise<Run> =>
    run(argv, stdin === undefined ? { currentDir: root } : { currentDir: root, stdin })
  const said = async (...argv: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await relais(argv)
    expect([status, stderr]).to.deep.equal([0, ''])
    return stdout
  }
  const shown = async (name: string): Promise<Record<string, unknown>> =>
    JSON.parse(await said('account', 'show', name, '--json'))

  /** A failure is one line on standard error, and nothing on standard output. */
  async function failed(expected: number, ...argv: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await relais(argv)
    expect(stderr).to.match(/^relais: [^\n]+\n$/)
    expect([status, stdout]).to.deep.equal([expected, ''])
    return stderr
  }

  it('shows one account, in words and for scripts', async () => {
    const { createdAt, ...rest } = await shown('ALICE')
    expect(createdAt).to.match(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    expect(rest).to.deep.equal({
      name: 'Alice',
      address: 'Alice@glo2000.ca',
      role: 'member',
      locked: false,
      usedOctets: 0,
      quotaOctets: null,
      retentionDays: null,
      roleAddresses: [],
    })
    expect(await said('account', 'show', 'alice')).to.match(/^address\s+Alice@glo2000\.ca\nrole\s+member\n/)
    expect(await failed(67, 'account', 'show', 'nobody')).to.contain('"nobody"')
  })

  it('gives a role, and says so in the list', async () => {
    expect(await said('account', 'set', 'bob', '--role', 'postmaster')).to.equal('bob: role postmaster\n')
    expect(await shown('bob')).to.include({ role: 'postmaster' })
    expect(await said('account', 'list')).to.match(
      /Alice@glo2000\.ca\n.* bob@glo2000\.ca {2}\(postmaster\)\n$/,
    )
    await failed(64, 'account', 'set', 'bob', '--role', 'king')
  })

  const retentions: readonly (readonly [given: string, days: number | null, words: string])[] = [
    ['30', 30, 'mail is kept 30 days'],
    ['1', 1, 'mail is kept 1 days'],
    ['36500', 36_500, 'mail is kept 36500 days'],
    ['never', 0, 'mail is kept for ever'],
    ['default', null, 'mail is kept as the settings say'],
  ]
  for (const [given, days, words] of retentions)
    it(`sets a retention of ${given}`, async () => {
      expect(await said('account', 'set', 'alice', '--retention', given)).to.equal(`Alice: ${words}\n`)
      expect(await shown('alice')).to.include({ retentionDays: days })
    })

  for (const given of ['0', '-1', '1.5', '36501', 'x', '', '30 days'])
    it(`refuses a retention of ${JSON.stringify(given)}, naming what is expected`, async () => {
      expect(await failed(64, 'account', 'set', 'alice', `--retention=${given}`)).to.contain('retention')
      expect(await shown('alice')).to.include({ retentionDays: null })
    })

  it('changes several things at once, and nothing when one of them is wrong', async () => {
    await failed(64, 'account', 'set', 'alice', '--quota', '1 KiB', '--retention', 'x')
    expect(await shown('alice')).to.include({ quotaOctets: null })
    expect(await said('account', 'set', 'alice', '--quota', '1 KiB', '--retention', '2')).to.equal(
      'Alice: quota 1024 octets\nAlice: mail is kept 2 days\n',
    )
    expect(await failed(64, 'account', 'set', 'alice')).to.contain('say what to change')
  })

  it('locks and unlocks', async () => {
    expect(await said('account', 'lock', 'ALICE')).to.contain('Alice is locked')
    expect(await shown('alice')).to.include({ locked: true })
    expect(await said('account', 'list')).to.contain('Alice@glo2000.ca  (locked)')
    expect(await said('account', 'unlock', 'alice')).to.equal('Alice can sign in\n')
    expect(await shown('alice')).to.include({ locked: false })
    await failed(67, 'account', 'lock', 'nobody')
    await failed(67, 'account', 'unlock', 'nobody')
  })

  it('deletes nothing unasked of what another program left beside the mail', async () => {
    await mkdir(join(root, 'maildir/alice/.Sent/cur'), { recursive: true })
    await writeFile(join(root, 'maildir/alice/.Sent/cur/1.host:2,S'), 'x')
    expect(await failed(64, 'account', 'remove', 'alice')).to.contain('--keep-mail or --delete-mail')
    expect(await shown('alice')).to.include({ name: 'Alice' })
    expect(await said('account', 'remove', 'alice', '--keep-mail')).to.match(
      /^Alice is removed; the mail is in .*\.removed\/alice-/,
    )
    expect(await said('account', 'remove', 'bob')).to.equal('bob is removed\n')
  })

  describe('with role addresses', () => {
    it('gives one to accounts, lists it, and takes it away', async () => {
      expect(await said('alias', 'list')).to.equal('')
      expect(await said('alias', 'add', 'Info', 'alice', 'BOB')).to.equal(
        'Info@glo2000.ca reaches alice, bob\n',
      )
      expect(await said('alias', 'list')).to.equal('Info@glo2000.ca: alice, bob\n')
      expect(JSON.parse(await said('alias', 'list', '--json'))).to.deep.equal([
        { name: 'Info', address: 'Info@glo2000.ca', members: ['alice', 'bob'] },
      ])
      expect(await shown('bob')).to.deep.include({ roleAddresses: ['Info@glo2000.ca'] })
      expect(await said('alias', 'remove', 'info', 'bob')).to.equal('info@glo2000.ca reaches alice\n')
      expect(await said('alias', 'remove', 'info')).to.equal('info@glo2000.ca is no more\n')
      expect(await said('alias', 'list')).to.equal('')
    })

    it('says which of them end with an account that is removed', async () => {
      await said('alias', 'add', 'Info', 'alice')
      await said('alias', 'add', 'sales', 'alice')
      await said('alias', 'add', 'all-of-us', 'alice', 'bob')
      expect(await said('account', 'remove', 'alice')).to.equal(
        'Alice is removed\n' +
          'Info@glo2000.ca reached nobody else and is no more\n' +
          'sales@glo2000.ca reached nobody else and is no more\n',
      )
      expect(await said('alias', 'list')).to.equal('all-of-us@glo2000.ca: bob\n')
      expect(await said('account', 'remove', 'bob')).to.contain('\nall-of-us@glo2000.ca reached nobody else')
    })

    const refused: readonly (readonly [status: number, argv: readonly string[]])[] = [
      [65, ['add', 'alice', 'bob']],
      [65, ['add', '../x', 'bob']],
      [65, ['add', 'postmaster', 'bob']],
      [67, ['add', 'info', 'nobody']],
      [67, ['add', 'info', 'alice', 'nobody']],
      [67, ['remove', 'info']],
      [64, ['add', 'info']],
      [64, ['add']],
      [64, []],
    ]
    for (const [status, argv] of refused)
      it(`refuses ${JSON.stringify(argv.join(' '))} with ${status}, and nothing changes`, async () => {
        await failed(status, 'alias', ...argv)
        expect(await said('alias', 'list')).to.equal('')
      })

    it('refuses an account of that name, and keeps the role address', async () => {
      await said('alias', 'add', 'info', 'alice')
      const { status } = await relais(['account', 'add', 'INFO', '--password-stdin'], `${GOOD}\n`)
      expect(status).to.equal(65)
      expect(await said('alias', 'list')).to.equal('info@glo2000.ca: alice\n')
    })
  })
})
