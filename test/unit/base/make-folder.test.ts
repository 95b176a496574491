import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { makeFolder } from '../../../src/base/make-folder.ts'
import { failureOf } from '../../contract/support/failure-of.ts'
import { tempFolder } from '../../contract/support/temp-folder.ts'

describe('making a folder', () => {
  const newPath = tempFolder()

  it('makes those above it as well, all for the owner alone', async () => {
    const top = newPath()
    await makeFolder(join(top, 'a', 'b'))
    for (const folder of [top, join(top, 'a'), join(top, 'a', 'b')])
      expect((await stat(folder)).mode & 0o777).to.equal(0o700)
  })

  it('leaves one that is there as it is', async () => {
    const folder = newPath()
    await mkdir(folder, { mode: 0o755 })
    await writeFile(join(folder, 'x'), '')
    await makeFolder(folder)
    expect((await stat(folder)).mode & 0o777).to.equal(0o755)
    expect(await readdir(folder)).to.deep.equal(['x'])
  })

  it('is done by several at once', async () => {
    const folder = join(newPath(), 'a', 'b')
    await Promise.all([1, 2, 3, 4].map(() => makeFolder(folder)))
    expect((await stat(folder)).isDirectory()).to.equal(true)
  })

  it('ends with a name for it where no folder can be made', async () => {
    const file = newPath()
    await writeFile(file, '')
    for (const path of [file, join(file, 'below'), '/proc/relais', '/proc/relais/below'])
      expect(await failureOf(makeFolder(path)), path).to.equal('store.cannot-create')
  })
})
