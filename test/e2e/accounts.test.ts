/** Account commands that are refused: an exit status, a reason on stderr, and nothing changed. */

import { expect } from 'chai'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { PASSWORD, newRoot, relais } from './support/relais.ts'
import type { Outcome } from './support/run.ts'

describe('a refused account command', () => {
  const root = newRoot()
  const account = (args: readonly string[], stdin = `${PASSWORD}\n`): Promise<Outcome> =>
    relais(['account', ...args, '--root', root], { stdin })
  const add = (name: string, stdin?: string): Promise<Outcome> =>
    account(['add', name, '--password-stdin'], stdin)

  const list = async (): Promise<string> => (await account(['list', '--json'])).stdout.toString()
  const folders = (): string[][] =>
    [root, join(root, 'maildir')].map((folder) => readdirSync(folder).toSorted())
  let unchanged: { readonly list: string; readonly folders: string[][] }

  before(async () => {
    for (const name of ['alice', 'bob', 'a'.repeat(64)])
      expect(await add(name)).to.include({ status: 0, stderr: '' })
    unchanged = { list: await list(), folders: folders() }
  })

  afterEach('leaves every folder as it was', () => expect(folders()).to.deep.equal(unchanged.folders))

  after('leaves every account as it was', async () => {
    expect(await list()).to.equal(unchanged.list)
    rmSync(root, { recursive: true, force: true })
  })

  describe('add refuses the name', () => {
    for (const [what, name] of [
      ['that is empty', ''],
      ['that is white space', ' '],
      ['postmaster, which is reserved', 'postmaster'],
      ['POSTMASTER, which is postmaster', 'POSTMASTER'],
      ['abuse, which is reserved', 'abuse'],
      ['MAILER-DAEMON, which is reserved', 'MAILER-DAEMON'],
      ['of 65 characters', 'a'.repeat(65)],
      ['../x, which is a path', '../x'],
      ['a/b, which is a path', 'a/b'],
      ['/etc/passwd, which is a path', '/etc/passwd'],
      ['., which is a path', '.'],
      ['.., which is a path', '..'],
      ['a\\b, which is a path elsewhere', 'a\\b'],
      ['.removed, which begins with a dot', '.removed'],
      ['a..b, which is no dot-atom', 'a..b'],
      ['with a space', 'al ice'],
      ['with an @', 'carol@glo2000.ca'],
      ['with a line end', 'carol\ndave'],
      ['with a letter outside ASCII', 'élise'],
      ['BOB, where there is bob', 'BOB'],
      ['bob, where there is bob', 'bob'],
    ] as const)
      it(what, async () => {
        const { status, stderr } = await add(name)
        expect(status, stderr).to.equal(65)
        expect(stderr).to.match(/^[^\n]+\n$/)
      })
  })

  it('add refuses a name that begins with a hyphen, and takes it for no flag after --', async () => {
    expect((await add('-carol')).status).to.equal(64)
    const args = ['account', 'add', '--password-stdin', '--root', root, '--', '-carol']
    const { status, stderr } = await relais(args, { stdin: `${PASSWORD}\n` })
    expect(status, stderr).to.equal(65)
  })

  describe('add names every rule that the password breaks', () => {
    for (const [password, broken, kept] of [
      ['abc', [/10/, /upper/i, /digit/i], [/lower/i]],
      ['ABC', [/10/, /lower/i, /digit/i], [/upper/i]],
      ['', [/10/, /upper/i, /lower/i, /digit/i], []],
      ['abcdefghijkl', [/upper/i, /digit/i], [/\b10\b/, /lower/i]],
      ['Abcdefg-1', [/10/], [/upper/i, /lower/i, /digit/i]],
      ['ABCDEFGHIJ1', [/lower/i], [/\b10\b/, /upper/i, /digit/i]],
    ] as const)
      it(`"${password}"`, async () => {
        const { status, stderr } = await add('carol', `${password}\n`)
        expect(status, stderr).to.equal(65)
        for (const rule of broken) expect(stderr).to.match(rule)
        for (const rule of kept) expect(stderr).not.to.match(rule)
        if (password !== '') expect(stderr).not.to.include(password)
      })

    it('of no octet at all', async () => {
      expect((await add('carol', '')).status).to.equal(65)
    })
  })

  it('passwd refuses a weak password, and the old one stays', async () => {
    const { status, stderr } = await account(['passwd', 'bob', '--password-stdin'], 'abc\n')
    expect(status, stderr).to.equal(65)
    for (const rule of [/10/, /upper/i, /digit/i]) expect(stderr).to.match(rule)
  })

  it('passwd of an unknown account ends with 67', async () => {
    const { status, stderr } = await account(['passwd', 'nobody', '--password-stdin'])
    expect(status, stderr).to.equal(67)
    expect(stderr).to.include('nobody')
  })

  for (const mail of ['--keep-mail', '--delete-mail'])
    it(`remove ${mail} of an unknown account ends with 67`, async () => {
      const { status, stderr } = await account(['remove', 'nobody', mail])
      expect(status, stderr).to.equal(67)
      expect(stderr).to.include('nobody')
    })

  for (const name of ['..', '../alice', '.', ''])
    it(`remove --delete-mail of "${name}" removes nothing`, async () => {
      const { status } = await account(['remove', name, '--delete-mail'])
      expect(status).to.be.oneOf([64, 65, 67])
    })
})
