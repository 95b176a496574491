import { expect } from 'chai'
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parsePasswordRecord, verifyPassword } from '../../../src/accounts/password-record.ts'
import { tempFolder } from '../../contract/support/temp-folder.ts'
import { run, type Run } from './fake-io.ts'

const GOOD = 'Abcdefgh12\n'
const SAMPLES = fileURLToPath(new URL('../../imports', import.meta.url))

describe('relais import', () => {
  const newPath = tempFolder()
  let root = ''
  beforeEach(async () => {
    root = newPath()
    await mkdir(root)
  })

  const relais = (argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Run> =>
    run(argv, { currentDir: root, env })
  const sample = (path: string): string => join(SAMPLES, path)

  async function names(): Promise<readonly string[]> {
    const listed: unknown = JSON.parse((await relais(['account', 'list', '--json'])).stdout)
    return Array.isArray(listed) ? listed.map((row: unknown) => String(Reflect.get(Object(row), 'name'))) : []
  }

  async function opens(name: string, password: string): Promise<boolean> {
    const { DatabaseSync } = await import('@photostructure/sqlite')
    const database = new DatabaseSync(join(root, 'config/directory.sqlite'))
    const row = database.prepare('SELECT password_record FROM account WHERE key = ?').get(name)
    database.close()
    return verifyPassword(password, parsePasswordRecord(String(Reflect.get(Object(row), 'password_record'))))
  }

  it('brings in a list of names and passwords, and says line by line what it did not', async () => {
    const { status, stdout, stderr } = await relais([
      'import',
      'credentials',
      sample('credentials/credentials.txt'),
    ])
    expect(stdout.split('\n')).to.deep.equal([
      'line 1: han: created',
      'line 2: luke: created',
      'line 3: maul: created',
      'line 4: lando: created',
      'line 6: r2D2: refused: no password',
      'line 7: yoda: created',
      'line 8: chewbacca: created',
      'line 9: refused: no space between a name and a password',
      'line 10: c3p0: created',
      'line 11: Obi-wan: created',
      'line 12: obiwan: created',
      'line 13: OBIWAN: refused: the same name as line 12; capitals do not count',
      'line 14: han: refused: the same name as line 1; capitals do not count',
      'line 15: refused: the name: it must begin and end with a letter, a digit or _',
      'line 16: refused: the name: it is reserved',
      'line 17: q: refused: the password needs: no control, invisible or unassigned characters',
      'line 18: x: created',
      '10 created, 0 skipped, 7 refused',
      '',
    ])
    expect([status, stderr]).to.deep.equal([65, 'relais: not all were brought in; refused: 7\n'])
    expect(await names()).to.have.length(10)
    expect(await opens('yoda', '(jedi master) ')).to.equal(true)
    expect(await opens('yoda', '(jedi master)')).to.equal(false)
    expect(await opens('x', 'x')).to.equal(true)
  })

  it('changes nothing when it is run again', async () => {
    const argv = ['import', 'credentials', sample('credentials/credentials.txt')]
    await relais(argv)
    await relais(['account', 'remove', 'luke'])
    const { stdout } = await relais(argv)
    expect(stdout)
      .to.contain('line 1: han: skipped, it is there already\n')
      .and.contain('line 2: luke: created\n')
    expect(stdout).to.match(/\n1 created, 9 skipped, 7 refused\n$/)
    expect(await names()).to.have.length(10)
  })

  it('brings in digests of either kind, and the old passwords open them', async () => {
    const { status, stdout } = await relais(['import', 'tp4', sample('tp4')])
    expect(stdout.split('\n')).to.deep.equal([
      'folder BOB: created',
      'folder alice: created',
      'folder broken: refused: no hexadecimal digest of a password',
      'folder carol.roy: created',
      'folder dave: created',
      'folder md5: refused: a digest of 32 digits; only those of 128 are taken',
      'folder nobody: refused: no file pass or passwd',
      'folder plain: refused: no hexadecimal digest of a password',
      'folder sha256: refused: a digest of 64 digits; only those of 128 are taken',
      'folder sha384: refused: a digest of 96 digits; only those of 128 are taken',
      'entry 11: refused: the name: it may hold only letters A to Z, digits and . _ -',
      '4 created, 0 skipped, 7 refused',
      '',
    ])
    expect(status).to.equal(65)
    expect(await names()).to.deep.equal(['alice', 'BOB', 'carol.roy', 'dave'])
    for (const [name, password] of [
      ['alice', 'AliceWonder10'],
      ['bob', 'BobBuilder2023'],
      ['carol.roy', 'CarolSings99'],
      ['dave', 'DaveDives2021'],
    ] as const) {
      expect(await opens(name, password), name).to.equal(true)
      expect(await opens(name, `${password}x`), name).to.equal(false)
    }
  })

  it('brings in userdat.txt by its folder, and ends with 0 when nothing was refused', async () => {
    expect((await relais(['import', 'jmail', sample('jmail')])).stdout).to.match(
      /\n2 created, 0 skipped, 4 refused\n$/,
    )
    await writeFile(join(root, 'userdat.txt'), '{"alice": "x", "dave": "y"}')
    const { status, stdout, stderr } = await relais(['import', 'jmail', 'userdat.txt'])
    expect([status, stdout, stderr]).to.deep.equal([
      0,
      'entry 1: alice: skipped, it is there already\nentry 2: dave: created\n1 created, 1 skipped, 0 refused\n',
      '',
    ])
  })

  it('says in a dry run what it would do, and makes nothing on a fresh root', async () => {
    const { stdout } = await relais(['import', 'tp4', sample('tp4'), '--dry-run'])
    expect(stdout).to.contain('folder alice: created\n')
    expect(stdout).to.match(
      /\nnothing was changed; an import would do this: 4 created, 0 skipped, 7 refused\n$/,
    )
    expect(await readdir(root)).to.deep.equal([])
    const elsewhere = join(root, 'not/yet')
    await relais(['import', 'tp4', sample('tp4'), '--dry-run', '--root', elsewhere])
    expect(await readdir(root)).to.deep.equal([])
  })

  it('judges in a dry run by the accounts that there are, and leaves every file of the root', async () => {
    await writeFile(join(root, 'list'), 'ALICE x\nbob y\ninfo z\ndave v\n')
    for (const name of ['alice', 'bob'])
      expect(
        (await run(['account', 'add', name, '--password-stdin'], { currentDir: root, stdin: GOOD })).status,
      ).to.equal(0)
    await relais(['alias', 'add', 'info', 'bob'])
    await rm(join(root, 'config/run'), { recursive: true })
    const before = (await readdir(root, { recursive: true })).toSorted()
    const { stdout } = await relais(['import', 'credentials', 'list', '--dry-run'])
    expect(stdout.split('\n').slice(0, 4)).to.deep.equal([
      'line 1: ALICE: refused: there is an account alice already; capitals do not count',
      'line 2: bob: skipped, it is there already',
      'line 3: info: refused: there is a role address info already',
      'line 4: dave: created',
    ])
    expect((await readdir(root, { recursive: true })).toSorted()).to.deep.equal(before)
    expect(await names()).to.deep.equal(['alice', 'bob'])
  })

  it('leaves the source as it was, to the time of its last change', async () => {
    const copy = newPath()
    await cp(sample('tp4'), copy, { recursive: true })
    const state = async (): Promise<unknown> =>
      Promise.all(
        (await readdir(copy, { recursive: true })).toSorted().map(async (file) => {
          const { mtimeMs, ctimeMs, size } = await stat(join(copy, file))
          return [file, mtimeMs, ctimeMs, size]
        }),
      )
    const before = await state()
    await relais(['import', 'tp4', copy])
    expect(await state()).to.deep.equal(before)
  })

  it('gives scripts the same as JSON', async () => {
    const { stdout } = await relais(['import', 'jmail', sample('jmail'), '--json', '--dry-run'])
    expect(JSON.parse(stdout)).to.deep.equal({
      dryRun: true,
      created: 2,
      skipped: 0,
      refused: 4,
      accounts: [
        { place: { kind: 'entry', number: 1 }, name: 'alice', result: 'created' },
        { place: { kind: 'entry', number: 2 }, name: 'Bob', result: 'created' },
        {
          place: { kind: 'entry', number: 3 },
          name: 'bob',
          result: 'refused',
          reason: 'double',
          said: 'the same name as entry 2; capitals do not count',
        },
        {
          place: { kind: 'entry', number: 4 },
          name: 'carol',
          result: 'refused',
          reason: 'no-password',
          said: 'no password',
        },
        {
          place: { kind: 'entry', number: 5 },
          name: 'dave',
          result: 'refused',
          reason: 'no-password',
          said: 'no password',
        },
        {
          place: { kind: 'entry', number: 6 },
          name: null,
          result: 'refused',
          reason: 'bad-name',
          said: 'the name: it may hold only letters A to Z, digits and . _ -',
        },
      ],
    })
  })

  it("speaks the user's language, and warns about what is no UTF-8", async () => {
    const { stdout, stderr } = await relais(['import', 'credentials', sample('credentials/latin1.txt')], {
      LANG: 'fr_CA.UTF-8',
    })
    expect(stdout).to.equal(
      'ligne 1\u00A0: elodie\u00A0: créé\nligne 2\u00A0: bob\u00A0: créé\ncréés\u00A0: 2, déjà là\u00A0: 0, refusés\u00A0: 0\n',
    )
    expect(stderr).to.equal("relais: ce n'est pas de l'UTF-8\u00A0; lu comme ISO 8859-1\n")
    expect(await opens('elodie', 'été')).to.equal(true)
  })

  const tornLines = [
    'eve\tMy secret',
    'bob:hunter2 tail',
    'a\u001B[31m\u009B\u202E x',
    'Motdepasse! carol',
    ' s3same',
  ]
  const tornParts = /My|hunter2|bob|eve|31m|Motdepasse|s3same/

  for (const format of [[], ['--json']])
    for (const trial of [[], ['--dry-run']])
      it(`tells nothing of what is no legal name: ${['import', ...format, ...trial].join(' ')}`, async () => {
        await writeFile(join(root, 'list'), `${tornLines.join('\n')}\n`)
        await mkdir(join(root, 'jmail'))
        const entries = tornLines.map((line) => [line, 'x'])
        await writeFile(join(root, 'jmail/userdat.txt'), JSON.stringify(Object.fromEntries(entries)))
        for (const line of tornLines) await mkdir(join(root, 'tp4', line), { recursive: true })
        for (const [kind, path] of [
          ['credentials', 'list'],
          ['jmail', 'jmail'],
          ['tp4', 'tp4'],
        ] as const) {
          const { status, stdout, stderr } = await relais(['import', kind, path, ...format, ...trial])
          expect([status, stderr], kind).to.deep.equal([65, 'relais: not all were brought in; refused: 5\n'])
          expect(stdout, kind).to.not.match(tornParts)
        }
      })

  it('says line and reason of what is no legal name', async () => {
    await writeFile(join(root, 'list'), 'alice x\neve\tMy secret\n')
    const { stdout } = await relais(['import', 'credentials', 'list'])
    expect(stdout).to.equal(
      'line 1: alice: created\n' +
        'line 2: refused: the name: it may hold only letters A to Z, digits and . _ -\n' +
        '1 created, 0 skipped, 1 refused\n',
    )
  })

  it('prints and keeps no password', async () => {
    const outputs: string[] = []
    for (const [kind, path] of [
      ['credentials', 'credentials/credentials.txt'],
      ['jmail', 'jmail'],
      ['tp4', 'tp4'],
    ] as const) {
      const { stdout, stderr } = await relais(['import', kind, sample(path)])
      outputs.push(stdout, stderr)
    }
    const kept = await readFile(join(root, 'config/directory.sqlite'), 'latin1')
    for (const secret of [
      'falcon*solo',
      'nospacehere',
      'plainpassword',
      'deathstar',
      'alderaan',
      'NotADigest123',
    ])
      for (const text of [...outputs, kept]) expect(text).to.not.contain(secret)
  })

  const unusable: readonly (readonly [
    what: string,
    argv: readonly string[],
    status: number,
    said: RegExp,
  ])[] = [
    ['a kind that there is not', ['import', 'mbox', 'x'], 64, /mbox/],
    ['no path', ['import', 'tp4'], 64, /./],
    ['a path where nothing is', ['import', 'tp4', 'none'], 65, /none: there is nothing of that name/],
    ['a file where a folder is wanted', ['import', 'tp4', sample('jmail/userdat.txt')], 65, /no folder/],
    [
      'a list that is no JSON',
      ['import', 'jmail', sample('credentials/credentials.txt')],
      65,
      /no JSON object/,
    ],
  ]
  for (const [what, argv, status, said] of unusable) {
    it(`ends with ${status} for ${what}, and makes nothing`, async () => {
      const result = await relais(argv)
      expect(result.status).to.equal(status)
      expect(result.stderr)
        .to.match(/^relais: [^\n]+\n$/)
        .and.match(said)
      expect(await readdir(root)).to.deep.equal([])
    })
  }
})
