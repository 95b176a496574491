import { expect } from 'chai'
import { createMemoryAccountDirectory } from '../../src/storage/memory/memory-account-directory.ts'
import { accountDirectoryContract, anAccount } from './account-directory.ts'

describe('memory', () => {
  accountDirectoryContract('memory', () => {
    const directory = createMemoryAccountDirectory()
    return { open: async () => directory }
  })

  describe('an account directory in memory', () => {
    it('knows nothing of another one', async () => {
      const [one, other] = [createMemoryAccountDirectory(), createMemoryAccountDirectory()]
      await one.add(anAccount('alice'))
      expect(await other.list()).to.deep.equal([])
    })

    it('changes nothing in what it has handed out', async () => {
      const directory = createMemoryAccountDirectory()
      await directory.add(anAccount('alice'))
      const [before, list] = [await directory.find('alice'), await directory.list()]
      await directory.change('alice', { passwordRecord: 'another' })
      await directory.add(anAccount('bob'))
      expect(before).to.deep.equal(anAccount('alice'))
      expect(list).to.deep.equal([anAccount('alice')])
    })
  })
})
