import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { mkdir, readdir, readlink, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import { dropLink, newOwner, pidOf, takeLink } from '../../../src/base/link-lock.ts'
import { tempFolder } from '../../contract/support/temp-folder.ts'

describe('a lock between processes', () => {
  const newPath = tempFolder()

  function newLock(): { folder: string; lock: string } {
    const folder = newPath()
    mkdirSync(folder)
    return { folder, lock: join(folder, 'lock') }
  }

  async function deadPid(): Promise<number> {
    const child = spawn(process.execPath, ['-e', ''])
    await once(child, 'close')
    return child.pid ?? 0
  }

  it('is one owner’s until it is given back, and tells the others who that is', async () => {
    const { folder, lock } = newLock()
    const [own, other] = [newOwner(), newOwner()]
    expect(await takeLink(lock, own)).to.equal(undefined)
    expect(await takeLink(lock, other)).to.equal(own)
    expect(pidOf(own)).to.equal(process.pid)
    await dropLink(lock)
    await dropLink(lock)
    expect(await takeLink(lock, other)).to.equal(undefined)
    await dropLink(lock)
    expect(await readdir(folder)).to.deep.equal([])
  })

  it('is short enough for the entry of a folder', () => {
    expect(newOwner().length).to.be.at.most(59 - '4194304'.length + String(process.pid).length)
  })

  it('stays its owner’s who takes it again', async () => {
    const { lock } = newLock()
    const own = newOwner()
    await takeLink(lock, own)
    expect(await takeLink(lock, own)).to.equal(undefined)
  })

  it('of an owner who died goes to one alone of many who try', async () => {
    const dead = `${await deadPid()}.1.boot.token`
    for (let round = 0; round < 30; round += 1) {
      const { folder, lock } = newLock()
      await symlink(dead, lock)
      const owners = Array.from({ length: 8 }, () => newOwner())
      const answers = await Promise.all(owners.map((own) => takeLink(lock, own)))
      const winner = await readlink(lock)
      expect(owners).to.include(winner)
      expect(answers.filter((answer) => answer === undefined)).to.have.length(1)
      expect(answers[owners.indexOf(winner)]).to.equal(undefined)
      expect(await readdir(folder)).to.deep.equal(['lock'])
    }
  })

  it('is taken over also when somebody died while taking it over', async () => {
    const { folder, lock } = newLock()
    const dead = `${await deadPid()}.1.boot.token`
    for (const path of [lock, `${lock}.next`, `${lock}.next.next`]) await symlink(dead, path)
    expect(await takeLink(lock, newOwner())).to.equal(undefined)
    expect(await readdir(folder)).to.deep.equal(['lock'])
  })

  it('is left alone while a living process takes it over', async () => {
    const { lock } = newLock()
    const dead = `${await deadPid()}.1.boot.token`
    await symlink(dead, lock)
    await symlink(newOwner(), `${lock}.next`)
    expect(await takeLink(lock, newOwner())).to.equal(dead)
  })

  it('of a process whose number has another one now, or of an earlier boot, is taken over', async function () {
    if (!existsSync('/proc/self/stat')) this.skip()
    const [pid, started, boot] = newOwner().split('.')
    for (const owner of [`${pid}.1.${boot}.token`, `${pid}.${started}.another-boot.token`]) {
      const { lock } = newLock()
      await symlink(owner, lock)
      expect(await takeLink(lock, newOwner())).to.equal(undefined)
    }
  })

  it('of a process that was killed is free before its parent asks what became of it', async function () {
    if (!existsSync('/proc/self/stat')) this.skip()
    const parent: ChildProcess = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'])
    try {
      const [data] = parent.stdout === null ? [] : await once(parent.stdout, 'data')
      const pid = Number(String(data))
      const stat = `/proc/${pid}/stat`
      // A shell would ask what became of it; what it turns into never does.
      while (!readFileSync(`/proc/${parent.pid}/cmdline`, 'utf8').startsWith('sleep')) await setImmediate()
      process.kill(pid, 'SIGKILL')
      let fields: readonly string[] = []
      while (fields[2] !== 'Z') {
        await setImmediate()
        fields = readFileSync(stat, 'utf8').split(' ')
      }
      const boot = newOwner().split('.')[2]
      const { lock } = newLock()
      await symlink(`${fields[0]}.${fields[21]}.${boot}.token`, lock)
      expect(await takeLink(lock, newOwner())).to.equal(undefined)
    } finally {
      parent.kill('SIGKILL')
    }
  })

  it('goes by the process number alone where the system tells no more', async () => {
    const own = newOwner('/nowhere')
    expect(own).to.match(/^\d+\.\.\.[0-9a-f]{8}$/)
    const living = newLock().lock
    await symlink(own, living)
    expect(await takeLink(living, newOwner())).to.equal(own)
    const dead = newLock().lock
    await symlink(`${await deadPid()}...token`, dead)
    expect(await takeLink(dead, newOwner())).to.equal(undefined)
  })

  it('that names nobody, or is no link, is taken over', async () => {
    for (const text of ['nobody', '0.1.x', '-1.1.x', '.']) {
      const { lock } = newLock()
      await symlink(text, lock)
      expect(await takeLink(lock, newOwner())).to.equal(undefined)
    }
    const { lock } = newLock()
    await writeFile(lock, '')
    expect(await takeLink(lock, newOwner())).to.equal(undefined)
  })

  it('fails where it cannot be made', async () => {
    const { folder, lock } = newLock()
    const codes: unknown[] = []
    const note = (error: unknown): void =>
      void codes.push(error instanceof Error && 'code' in error && error.code)
    await takeLink(join(folder, 'nowhere', 'lock'), newOwner()).catch(note)
    await mkdir(lock)
    await takeLink(lock, newOwner()).catch(note)
    expect(codes).to.deep.equal(['ENOENT', 'ERR_FS_EISDIR'])
  })
})
