import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { lockRoot } from '../../../src/gateway/root-lock.ts'
import { failureOf } from '../../contract/support/failure-of.ts'
import { tempFolder } from '../../contract/support/temp-folder.ts'

describe('the lock of a root', () => {
  const newPath = tempFolder()

  it('is held by one server, and free again when it lets go', async () => {
    const runDir = join(newPath(), 'config', 'run')
    const release = await lockRoot(runDir)
    expect(await failureOf(lockRoot(runDir))).to.equal('root.in-use')
    await release()
    await (
      await lockRoot(runDir)
    )()
    expect(await readdir(runDir)).to.deep.equal([])
  })

  it('goes to one of many that ask at the same moment', async () => {
    const runDir = newPath()
    const asked = await Promise.allSettled(Array.from({ length: 8 }, () => lockRoot(runDir)))
    expect(asked.filter(({ status }) => status === 'fulfilled')).to.have.length(1)
    expect(await readdir(runDir)).to.deep.equal(['server.lock'])
  })

  /** What the lock of this process says, with some of it changed, as somebody else's. */
  async function leftBehind(runDir: string, changes: Readonly<Record<string, unknown>>): Promise<void> {
    const release = await lockRoot(runDir)
    const own: object = JSON.parse(await readFile(join(runDir, 'server.lock'), 'utf8'))
    await release()
    await writeFile(join(runDir, 'server.lock'), JSON.stringify({ ...own, ...changes }))
  }

  it('of a process that has ended is taken over', async () => {
    const child = spawn(process.execPath, ['-e', ''])
    await once(child, 'close')
    const runDir = newPath()
    await leftBehind(runDir, { pid: child.pid })
    await (
      await lockRoot(runDir)
    )()
  })

  it('of another process that has the same number, or of an earlier boot, is taken over', async () => {
    for (const changes of [{ started: '1' }, { boot: 'another boot' }]) {
      const runDir = newPath()
      await leftBehind(runDir, changes)
      await (
        await lockRoot(runDir)
      )()
    }
  })

  it('that names nobody is taken over', async () => {
    for (const text of ['', 'no JSON', '{"pid":0}', '[]']) {
      const runDir = newPath()
      await mkdir(runDir)
      await writeFile(join(runDir, 'server.lock'), text)
      await (
        await lockRoot(runDir)
      )()
    }
  })
})
