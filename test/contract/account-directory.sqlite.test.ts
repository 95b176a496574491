import { DatabaseSync } from '@photostructure/sqlite'
import { expect } from 'chai'
import { copyFile, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { openSqliteAccountDirectory } from '../../src/storage/sqlite/sqlite-account-directory.ts'
import { accountDirectoryContract, anAccount } from './account-directory.ts'
import { failureOf, gatewayErrorOf } from './support/failure-of.ts'
import { tempFolder } from './support/temp-folder.ts'

describe('SQLite', () => {
  const newPath = tempFolder()
  const newFile = (): string => `${newPath()}/directory.sqlite`

  accountDirectoryContract('SQLite', () => {
    const file = newFile()
    return { open: () => openSqliteAccountDirectory(file) }
  })

  describe('the file of the directory', () => {
    it('is made with its folder, and only its owner may read it', async () => {
      const file = newFile()
      const directory = await openSqliteAccountDirectory(file)
      await directory.add(anAccount('alice'))
      const names = await readdir(dirname(file))
      expect(names).to.include('directory.sqlite')
      for (const name of names)
        expect((await stat(`${dirname(file)}/${name}`)).mode & 0o777, name).to.equal(0o600)
      expect((await stat(dirname(file))).mode & 0o777).to.equal(0o700)
      await directory.close()
    })

    it('holds everything by itself once everybody has closed it, so that copying it is enough', async () => {
      const file = newFile()
      const handles = [await openSqliteAccountDirectory(file), await openSqliteAccountDirectory(file)]
      await handles[0]?.add(anAccount('alice'))
      for (const handle of handles) await handle.close()
      const copy = newFile()
      await mkdir(dirname(copy))
      await copyFile(file, copy)
      const directory = await openSqliteAccountDirectory(copy)
      expect(await directory.list()).to.deep.equal([anAccount('alice')])
      await directory.close()
    })

    it('cannot be made where a file stands in the place of its folder', async () => {
      const blocked = newPath()
      await writeFile(blocked, '')
      const error = await gatewayErrorOf(openSqliteAccountDirectory(`${blocked}/directory.sqlite`))
      expect(error.code).to.equal('store.cannot-create')
      expect(error.message).to.contain(blocked)
    })

    it('cannot be a folder', async () => {
      const folder = newPath()
      await mkdir(folder)
      expect(await failureOf(openSqliteAccountDirectory(folder))).to.equal('store.cannot-create')
    })
  })

  describe('a file that is no directory of ours', () => {
    async function refusedUntouched(file: string): Promise<string> {
      const before = await readFile(file)
      const error = await gatewayErrorOf(openSqliteAccountDirectory(file))
      expect(error.code).to.equal('store.damaged')
      expect(before.equals(await readFile(file)), 'the file changed').to.equal(true)
      return error.message
    }

    async function fileHolding(octets: Uint8Array): Promise<string> {
      const file = newFile()
      await mkdir(dirname(file))
      await writeFile(file, octets)
      return file
    }

    async function filledDirectory(): Promise<string> {
      const file = newFile()
      const directory = await openSqliteAccountDirectory(file)
      for (const name of ['alice', 'bob', 'carol', 'dave']) await directory.add(anAccount(name))
      await directory.close()
      return file
    }

    it('is refused by name and left alone when it is of another kind', async () => {
      const file = await fileHolding(Buffer.from('domain = "glo2000.ca"\n'.repeat(100)))
      expect(await refusedUntouched(file)).to.equal(`${file} is damaged or no database; nothing was changed`)
    })

    it('is refused and left alone when its header is damaged', async () => {
      const octets = await readFile(await filledDirectory())
      await refusedUntouched(await fileHolding(octets.fill(0xff, 0, 100)))
    })

    it('is refused and left alone when its first page is damaged behind the header', async () => {
      const octets = await readFile(await filledDirectory())
      await refusedUntouched(await fileHolding(octets.fill(0xff, 100, 4096)))
    })

    it('is refused and left alone when a page in its midst is damaged', async () => {
      const octets = await readFile(await filledDirectory())
      for (let at = 4096; at + 4096 <= octets.length; at += 4096)
        await refusedUntouched(await fileHolding(Buffer.from(octets).fill(0xa5, at, at + 4096)))
    })

    it('is refused and left alone when it is the database of another program', async () => {
      const file = newFile()
      await mkdir(dirname(file))
      const database = new DatabaseSync(file)
      database.exec('CREATE TABLE account (x)')
      database.close()
      expect(await refusedUntouched(file)).to.contain('another program')
    })

    it('is refused and left alone when a newer version wrote it', async () => {
      const file = await filledDirectory()
      const database = new DatabaseSync(file)
      database.exec(
        "INSERT INTO kysely_migration VALUES ('9999-from-the-future', '2099-01-01T00:00:00.000Z')",
      )
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      database.close()
      expect(await refusedUntouched(file)).to.contain('newer Relais')
    })
  })

  describe('while another process holds the write lock', () => {
    async function locked(): Promise<{
      readonly directory: Awaited<ReturnType<typeof openSqliteAccountDirectory>>
      readonly other: InstanceType<typeof DatabaseSync>
      readonly file: string
    }> {
      const file = newFile()
      const directory = await openSqliteAccountDirectory(file)
      await directory.add(anAccount('alice'))
      const other = new DatabaseSync(file)
      other.exec('BEGIN IMMEDIATE')
      return { directory, other, file }
    }

    it('a change waits without holding up anything else, and holds once the lock is given back', async () => {
      const { directory, other } = await locked()
      let done = false
      const change = directory.add(anAccount('bob')).then(() => (done = true))
      let ticks = 0
      let longestGapMs = 0
      let last = performance.now()
      await new Promise<void>((resolve) => {
        const timer = setInterval(() => {
          longestGapMs = Math.max(longestGapMs, performance.now() - last)
          last = performance.now()
          if ((ticks += 1) < 20) return
          clearInterval(timer)
          resolve()
        }, 5)
      })
      expect(done).to.equal(false)
      // Generous, for a machine that is busy: a driver that waited in the statement would hold it for seconds.
      expect(longestGapMs).to.be.below(1000)
      other.exec('COMMIT')
      await change
      expect(await directory.find('bob')).to.deep.equal(anAccount('bob'))
      other.close()
      await directory.close()
    })

    it('reading goes on', async () => {
      const { directory, other } = await locked()
      expect(await directory.find('alice')).to.deep.equal(anAccount('alice'))
      expect(await directory.list()).to.have.length(1)
      other.exec('ROLLBACK')
      other.close()
      await directory.close()
    })

    it('a newcomer can open the directory', async () => {
      const { directory, other, file } = await locked()
      const newcomer = await openSqliteAccountDirectory(file)
      expect(await newcomer.list()).to.have.length(1)
      await newcomer.close()
      other.exec('ROLLBACK')
      other.close()
      await directory.close()
    })
  })
})
