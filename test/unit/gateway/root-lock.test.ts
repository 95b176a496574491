import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readlink, symlink, writeFile } from 'node:fs/promises'
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

  /** The lock of this process as somebody else left it behind. */
  async function leftBehind(runDir: string, change: (owner: string[]) => readonly unknown[]): Promise<void> {
    const release = await lockRoot(runDir)
    const own = await readlink(join(runDir, 'server.lock'))
    await release()
    await symlink(change(own.split('.')).join('.'), join(runDir, 'server.lock'))
  }

  it('of a process that has ended is taken over', async () => {
    const child = spawn(process.execPath, ['-e', ''])
    await once(child, 'close')
    const runDir = newPath()
    await leftBehind(runDir, ([, started, boot]) => [child.pid, started, boot])
    await (
      await lockRoot(runDir)
    )()
  })

  it('of another process that has the same number, or of an earlier boot, is taken over', async () => {
    for (const change of [
      ([pid, , boot]: string[]) => [pid, '1', boot],
      ([pid, started]: string[]) => [pid, started, 'another-boot'],
    ]) {
      const runDir = newPath()
      await leftBehind(runDir, change)
      await (
        await lockRoot(runDir)
      )()
    }
  })

  it('that names nobody is taken over', async () => {
    for (const text of ['nobody', '0.1.x', '-1.1.x', '.']) {
      const runDir = newPath()
      await mkdir(runDir)
      await symlink(text, join(runDir, 'server.lock'))
      await (
        await lockRoot(runDir)
      )()
    }
    const runDir = newPath()
    await mkdir(runDir)
    await writeFile(join(runDir, 'server.lock'), '')
    await (
      await lockRoot(runDir)
    )()
  })
})
