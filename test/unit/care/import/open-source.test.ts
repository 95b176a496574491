import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Found } from '../../../../src/care/import/found.ts'
import { openSource, type SourceKind } from '../../../../src/care/import/open-source.ts'
import { readText } from '../../../../src/care/import/read-text.ts'
import { gatewayErrorOf } from '../../../contract/support/failure-of.ts'
import { tempFolder } from '../../../contract/support/temp-folder.ts'

const SAMPLES = fileURLToPath(new URL('../../../imports', import.meta.url))
const HEX = 'a'.repeat(128)

async function found(kind: SourceKind, path: string): Promise<readonly Found[]> {
  const accounts: Found[] = []
  for await (const account of (await openSource(kind, path)).accounts) accounts.push(account)
  return accounts
}

/** Each account with what it has, in short. */
async function kindsIn(
  kind: SourceKind,
  path: string,
): Promise<readonly (readonly [name: string | undefined, kind: string])[]> {
  return (await found(kind, path)).map(({ name, secret }) => [name, secret.kind])
}

describe('opening a source of accounts', () => {
  const newPath = tempFolder()
  let folder = ''
  beforeEach(async () => {
    folder = newPath()
    await mkdir(folder)
  })

  async function put(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
    return path
  }

  it('reads the sample of credentials to its last line, which has no end', async () => {
    const accounts = await found('credentials', join(SAMPLES, 'credentials/credentials.txt'))
    expect(accounts).to.have.length(17)
    expect(accounts.at(-1)).to.deep.equal({
      place: { kind: 'line', number: 18 },
      name: 'x',
      secret: { kind: 'password', password: 'x' },
    })
  })

  it('drops a byte order mark and CR', async () => {
    const path = join(SAMPLES, 'credentials/windows.txt')
    expect((await openSource('credentials', path)).latin1).to.equal(false)
    expect((await found('credentials', path)).map(({ name, secret }) => [name, secret])).to.deep.equal([
      ['alice', { kind: 'password', password: 'motdepasseé' }],
      ['bob', { kind: 'password', password: 'two words' }],
    ])
  })

  it('reads what is no UTF-8 as ISO 8859-1, and says so', async () => {
    const path = join(SAMPLES, 'credentials/latin1.txt')
    expect((await openSource('credentials', path)).latin1).to.equal(true)
    expect((await found('credentials', path))[0]?.secret).to.deep.equal({ kind: 'password', password: 'été' })
  })

  it('takes userdat.txt or its folder', async () => {
    for (const path of ['jmail', 'jmail/userdat.txt']) {
      expect(await kindsIn('jmail', join(SAMPLES, path))).to.deep.equal([
        ['alice', 'password'],
        ['Bob', 'password'],
        ['bob', 'password'],
        ['carol', 'no-password'],
        ['dave', 'no-password'],
        ['a b', 'password'],
      ])
    }
  })

  it('reads each folder of a TP4 data directory by name, but LOST', async () => {
    expect(await kindsIn('tp4', join(SAMPLES, 'tp4'))).to.deep.equal([
      ['BOB', 'digest'],
      ['alice', 'digest'],
      ['broken', 'no-digest'],
      ['carol.roy', 'digest'],
      ['dave', 'digest'],
      ['md5', 'digest-length'],
      ['nobody', 'no-pass-file'],
      ['plain', 'no-digest'],
      ['sha256', 'digest-length'],
      ['sha384', 'digest-length'],
      ['user name', 'no-pass-file'],
    ])
  })

  it('looks into pass before passwd, and skips LOST in any case', async () => {
    await put('alice/pass', HEX)
    await put('alice/passwd', 'no digest')
    await put('bob/passwd', HEX)
    await put('lost/pass', HEX)
    await put('Lost/pass', HEX)
    expect(await kindsIn('tp4', folder)).to.deep.equal([
      ['alice', 'digest'],
      ['bob', 'digest'],
    ])
  })

  it('follows no symbolic link: not of a folder, not of a pass file', async () => {
    const elsewhere = newPath()
    await mkdir(join(elsewhere, 'eve'), { recursive: true })
    await writeFile(join(elsewhere, 'eve/pass'), HEX)
    await symlink(join(elsewhere, 'eve'), join(folder, 'alice'))
    await mkdir(join(folder, 'bob'))
    await symlink(join(elsewhere, 'eve/pass'), join(folder, 'bob/pass'))
    await symlink(join(elsewhere, 'none'), join(folder, 'carol'))
    expect(await kindsIn('tp4', folder)).to.deep.equal([
      ['alice', 'symbolic-link'],
      ['bob', 'symbolic-link'],
      ['carol', 'symbolic-link'],
    ])
  })

  it('refuses a pass file that is too large, a folder, or a pipe, without waiting', async () => {
    await put('alice/pass', `${HEX}${' '.repeat(4096)}`)
    await mkdir(join(folder, 'bob/pass'), { recursive: true })
    await mkdir(join(folder, 'carol'))
    await promisify(execFile)('mkfifo', [join(folder, 'carol/pass')])
    expect(await kindsIn('tp4', folder)).to.deep.equal([
      ['alice', 'too-large'],
      ['bob', 'not-a-file'],
      ['carol', 'not-a-file'],
    ])
  })

  it('never opens the folder of a name that no account can have', async () => {
    await put('..x/pass', HEX)
    await put('a b/pass', HEX)
    expect(await kindsIn('tp4', folder)).to.deep.equal([
      ['..x', 'no-pass-file'],
      ['a b', 'no-pass-file'],
    ])
  })

  async function refusal(kind: SourceKind, path: string): Promise<string> {
    const error = await gatewayErrorOf(openSource(kind, path))
    expect(error.code).to.equal('input.refused')
    expect(error.cause).to.equal(undefined)
    return error.message.replace(folder, '')
  }

  it('refuses what is not there, by name', async () => {
    for (const kind of ['credentials', 'tp4', 'jmail'] as const)
      expect(await refusal(kind, join(folder, 'none'))).to.equal('/none: there is nothing of that name')
    expect(await refusal('jmail', folder)).to.equal('/userdat.txt: there is nothing of that name')
  })

  it('refuses what is of another kind', async () => {
    const file = await put('file', 'a b\n')
    expect(await refusal('credentials', folder)).to.equal(': not a plain file')
    expect(await refusal('tp4', file)).to.equal('/file: it is no folder; a symbolic link is not followed')
  })

  it('refuses a source that is itself a symbolic link', async () => {
    const file = await put('file', '{"alice": "x"}')
    await symlink(file, join(folder, 'link'))
    await symlink(folder, join(folder, 'links'))
    for (const kind of ['credentials', 'jmail'] as const)
      expect(await refusal(kind, join(folder, 'link'))).to.equal(
        '/link: a symbolic link, which is not followed',
      )
    expect(await refusal('tp4', join(folder, 'links'))).to.contain('a symbolic link is not followed')
  })

  it('refuses a list of more than 8 MiB', async () => {
    const path = await put('large', 'a b\n')
    await truncate(path, 8 * 1024 * 1024 + 1)
    expect(await refusal('credentials', path)).to.equal('/large: more than 8388608 octets')
    await truncate(path, 8 * 1024 * 1024)
    expect(await kindsIn('credentials', path)).to.have.length(2)
  })

  it('refuses JSON that is none, without a word of what is in it', async () => {
    const path = await put('userdat.txt', '{"alice": "s3cret", "bob": s3cret2}')
    expect(await refusal('jmail', path)).to.equal('/userdat.txt: it is no JSON object of names and passwords')
  })
})

describe('reading a text', () => {
  const newPath = tempFolder()

  it('takes exactly as many octets as it may', async () => {
    const path = newPath()
    await writeFile(path, 'abcd')
    expect(await readText(path, 4)).to.deep.equal({ kind: 'text', text: 'abcd', latin1: false })
    expect(await readText(path, 3)).to.deep.equal({ kind: 'too-large', mostOctets: 3 })
    await writeFile(path, '')
    expect(await readText(path, 0)).to.deep.equal({ kind: 'text', text: '', latin1: false })
  })

  it('says that nothing is there also below what is no folder', async () => {
    const path = newPath()
    await writeFile(path, '')
    expect(await readText(join(path, 'x'), 1)).to.deep.equal({ kind: 'missing' })
  })
})
