import { expect } from 'chai'
import { createKeyedLock } from '../../../src/base/keyed-lock.ts'

describe('the keyed lock', () => {
  it('has one holder for each key', async () => {
    const lock = createKeyedLock()
    const alice = await lock.acquire('alice', 0)
    expect(alice).to.be.a('function')
    expect(await lock.acquire('alice', 0)).to.equal(undefined)
    expect(await lock.acquire('bob', 0)).to.be.a('function')
  })

  it('can be taken again once it was given back', async () => {
    const lock = createKeyedLock()
    for (let time = 0; time < 3; time += 1) {
      const release = await lock.acquire('alice', 0)
      expect(release).to.be.a('function')
      release?.()
    }
  })

  it('given back twice lets only one in', async () => {
    const lock = createKeyedLock()
    const first = await lock.acquire('alice', 0)
    const second = lock.acquire('alice', 5000)
    first?.()
    first?.()
    expect(await second).to.be.a('function')
    first?.()
    expect(await lock.acquire('alice', 0)).to.equal(undefined)
  })

  it('lets those who wait in by the order of asking', async () => {
    const lock = createKeyedLock()
    const first = await lock.acquire('alice', 0)
    const order: number[] = []
    const waiting = [1, 2, 3].map(async (number) => {
      const release = await lock.acquire('alice', 5000)
      order.push(number)
      release?.()
    })
    first?.()
    await Promise.all(waiting)
    expect(order).to.deep.equal([1, 2, 3])
  })

  it('passes over those who gave up', async () => {
    const lock = createKeyedLock()
    const first = await lock.acquire('alice', 0)
    const impatient = lock.acquire('alice', 1)
    const patient = lock.acquire('alice', 5000)
    expect(await impatient).to.equal(undefined)
    first?.()
    expect(await patient).to.be.a('function')
  })
})
