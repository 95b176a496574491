/** The package that `npm pack` makes installs into an empty folder and runs from there. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { PASSWORD, REPOSITORY, startRelais } from './support/relais.ts'
import { run } from './support/run.ts'

describe('the package', () => {
  let folder: string

  before(async function () {
    this.timeout(300_000)
    folder = await mkdtemp(join(tmpdir(), 'relais-package-'))
    await npm(REPOSITORY, 'pack', '--ignore-scripts', '--pack-destination', folder)
    const [tarball = ''] = await readdir(folder)
    await writeFile(join(folder, 'package.json'), '{ "private": true }')
    await npm(folder, 'install', '--no-audit', '--no-fund', join(folder, tarball))
  })

  after(() => rm(folder, { recursive: true, force: true }))

  it('holds no test, no source and no build information', async () => {
    const files = await readdir(join(folder, 'node_modules', 'relais'), { recursive: true })
    const own = files.filter((file) => !file.startsWith('node_modules'))
    expect(own).to.include.members(['dist/main.js', 'README.md', 'LICENSE', 'config/relais.example.toml'])
    expect(own.filter((file) => /\.tsbuildinfo$|^(test|src|bench)\b/.test(file))).to.deep.equal([])
    expect(files).to.include('node_modules/maildir-ts/dist/index.js')
  })

  it('starts inside another program, says nothing, and lets it end', async () => {
    const script = `
      import { startRelais } from 'relais'
      const relais = await startRelais({ accounts: [{ name: 'alice', password: '${PASSWORD}' }] })
      if ((await relais.messages('alice')).length !== 0) throw new Error('a new mailbox is not empty')
      await relais.close()`
    const outcome = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: folder })
    expect({ ...outcome, stdout: outcome.stdout.toString() }).to.deep.equal({
      status: 0,
      stdout: '',
      stderr: '',
    })
  })

  it('starts, adds an account and stops', async () => {
    const program = join(folder, 'node_modules', '.bin', 'relais')
    const relais = await startRelais({ command: [program, 'serve'] })
    try {
      const added = await run(
        program,
        ['account', 'add', 'alice', '--password-stdin', '--root', relais.root],
        {
          stdin: `${PASSWORD}\n`,
        },
      )
      expect(added.status, added.stderr).to.equal(0)
      expect(await relais.stop()).to.equal(0)
    } finally {
      await relais.close()
    }
  })
})

async function npm(cwd: string, ...args: readonly string[]): Promise<void> {
  const { status, stderr } = await run('npm', args, { cwd })
  expect(status, stderr).to.equal(0)
}
