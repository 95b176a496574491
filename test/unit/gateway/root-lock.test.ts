import { readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { lockRoot } from '../../../src/gateway/root-lock.ts'
import { failureOf, gatewayErrorOf } from '../../contract/support/failure-of.ts'
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

  it('that an earlier boot left behind is taken over', async () => {
    const runDir = newPath()
    await (
      await lockRoot(runDir)
    )()
    await symlink(`${process.pid}.1.another-boot`, join(runDir, 'server.lock'))
    await (
      await lockRoot(runDir)
    )()
  })

  it('cannot be made in what is no folder; it is named', async () => {
    const runDir = newPath()
    await writeFile(runDir, '')
    const error = await gatewayErrorOf(lockRoot(runDir))
    expect(error.code).to.equal('store.cannot-create')
    expect(error.message).to.contain(runDir)
  })
})
