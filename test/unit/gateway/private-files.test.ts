import { expect } from 'chai'
import { chmod, mkdir, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { silentLog, type Log } from '../../../src/base/log.ts'
import { pathsBelow } from '../../../src/config/paths.ts'
import { defaultSettings, type Settings } from '../../../src/config/schema.ts'
import { openGateway } from '../../../src/gateway/gateway.ts'
import { openHouse } from '../../../src/gateway/house.ts'
import { guardPrivateFiles } from '../../../src/gateway/private-files.ts'
import { tempFolder } from '../../contract/support/temp-folder.ts'

const OURS = ['config/tls/key.pem', 'config/tls/secret', 'config/directory.sqlite'] as const

describe('private files', () => {
  const newPath = tempFolder()
  let root = ''
  let warned: (readonly [path: unknown, mode: unknown])[] = []
  const log: Log = {
    ...silentLog,
    warn: ({ path, mode }) => void warned.push([path, mode]),
    child: () => log,
  }

  beforeEach(() => {
    root = newPath()
    warned = []
  })

  async function put(path: string, mode: number): Promise<string> {
    const file = join(root, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, 'x')
    await chmod(file, mode)
    return file
  }
  const modeOf = async (file: string): Promise<number> => (await stat(file)).mode & 0o777
  const own = () => ({
    kind: 'own' as const,
    certFile: join(root, 'config/tls/cert.pem'),
    keyFile: join(root, 'config/tls/key.pem'),
  })

  for (const mode of [0o644, 0o666, 0o640, 0o601])
    for (const path of [...OURS, 'config/directory.sqlite-wal'])
      it(`of our own get mode 0600 again, with a warning: ${path} of mode ${mode.toString(8)}`, async () => {
        const file = await put(path, mode)
        await guardPrivateFiles(pathsBelow(root), own(), log)
        expect(await modeOf(file)).to.equal(0o600)
        expect(warned).to.deep.equal([[file, `0${mode.toString(8)}`]])
        await guardPrivateFiles(pathsBelow(root), own(), log)
        expect(warned).to.have.length(1)
      })

  it('that only their owner reads, or that are not there, are left alone', async () => {
    const [key, secret] = [await put('config/tls/key.pem', 0o400), await put('config/tls/secret', 0o600)]
    await guardPrivateFiles(pathsBelow(root), own(), log)
    expect([await modeOf(key), await modeOf(secret), warned]).to.deep.equal([0o400, 0o600, []])
  })

  it('behind a link are somebody else’s: warned about, and left as they are', async () => {
    const elsewhere = await put('elsewhere.pem', 0o644)
    await mkdir(join(root, 'config/tls'), { recursive: true })
    await symlink(elsewhere, own().keyFile)
    await guardPrivateFiles(pathsBelow(root), own(), log)
    expect(await modeOf(elsewhere)).to.equal(0o644)
    expect(warned).to.deep.equal([[own().keyFile, '0644']])
  })

  const keys: readonly (readonly [mode: number, isWarned: boolean])[] = [
    [0o644, true],
    [0o604, true],
    [0o602, true],
    [0o640, false],
    [0o600, false],
  ]
  for (const [mode, isWarned] of keys)
    it(`of an operator stay as they are, ${isWarned ? 'with' : 'without'} a warning: ${mode.toString(8)}`, async () => {
      const keyFile = await put('mine/key.pem', mode)
      const source = { kind: 'operator', certFile: join(root, 'mine/cert.pem'), keyFile } as const
      for (const paths of [pathsBelow(root), undefined]) {
        warned = []
        await guardPrivateFiles(paths, source, log)
        expect(warned).to.deep.equal(isWarned ? [[keyFile, `0${mode.toString(8)}`]] : [])
      }
      expect(await modeOf(keyFile)).to.equal(mode)
    })

  it('are looked at when the server starts', async () => {
    const defaults = defaultSettings()
    const off = { port: 'off' } as const
    const settings: Settings = {
      ...defaults,
      listen: ['127.0.0.1'],
      smtp: { ...defaults.smtp, port: 0 },
      pop3: { ...defaults.pop3, port: 0 },
      submission: off,
      submissions: off,
      pop3s: off,
    }
    const start = async (): Promise<void> => {
      const gateway = await openGateway(settings, await openHouse(pathsBelow(root), settings), log)
      await gateway.close(0)
    }
    await start()
    expect(warned).to.deep.equal([])
    for (const path of OURS) await chmod(join(root, path), 0o666)
    await start()
    for (const path of OURS) expect(await modeOf(join(root, path)), path).to.equal(0o600)
    expect(warned.map(([path]) => path)).to.include.members(OURS.map((path) => join(root, path)))
  })
})
