import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { expect } from 'chai'
import { createMaildir, deliver } from '../src/index.js'
import { bytesOf } from './support/bytes.js'
import { failure, textIn } from './support/store.js'
import { tempFolder } from './support/temp-folder.js'

describe('a full disk', () => {
  let disk = ''
  // Before the folder it lies in is removed.
  after(() => {
    if (disk) spawnSync('/usr/bin/umount', [disk])
  })
  const temp = tempFolder()

  before(function () {
    disk = temp()
    mkdirSync(disk)
    if (spawnSync('/usr/bin/mount', ['-t', 'tmpfs', '-o', 'size=256k', 'maildir-ts', disk]).status === 0)
      return
    disk = ''
    console.log('    SKIPPED: mounting a small disk is not allowed here')
    this.skip()
  })

  for (const size of [5000, 70_000]) {
    it(`refuses messages of ${size} octets, keeps what it has, and takes them again when there is room`, async () => {
      const maildir = await createMaildir(`${disk}/${size}`)
      const text = (count: number) => `${count}`.padEnd(size, '.')
      const stored: string[] = []
      for (;;) {
        const [outcome] = await deliver([maildir], bytesOf(text(stored.length))).catch((error: unknown) => [
          { error },
        ])
        if (outcome && 'entry' in outcome) stored.push(outcome.entry.unique)
        else if (outcome && 'cause' in outcome) expect(outcome.cause.code).to.equal('ENOSPC')
        else expect(await failure(Promise.reject(outcome?.error))).to.have.property('code', 'ENOSPC')
        if (!outcome || !('entry' in outcome)) break
      }
      expect(stored.length).to.be.greaterThan(1)
      expect(readdirSync(`${maildir.path}/tmp`)).to.deep.equal([])
      const entries = await maildir.list()
      expect(entries.map(({ unique }) => unique)).to.deep.equal(stored)
      for (const [at, entry] of entries.entries()) expect(await textIn(maildir, entry)).to.equal(text(at))
      await maildir.removeAll(entries)
      const [again] = await deliver([maildir], bytesOf(text(0)))
      expect(again?.stored).to.equal(true)
      await maildir.removeAll(await maildir.list())
    })
  }
})
