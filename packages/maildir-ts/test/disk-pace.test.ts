import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import { createDiskPace } from '../src/disk-pace.ts'

describe('the pace of a disk', () => {
  /** A pace, a clock that only the operations move, and where each of them was done. */
  function disk() {
    let ms = 0
    const where: string[] = []
    const pace = createDiskPace({ nowMs: () => ms })
    const done = (place: string, tookMs: number): string => {
      ms += tookMs
      where.push(place)
      return place
    }
    return {
      pace,
      where,
      pass: (passedMs: number) => (ms += passedMs),
      async run(inPlaceMs: number, asideMs: number, times = 1): Promise<void> {
        for (let time = 0; time < times; time += 1)
          await pace.run(
            () => done('in place', inPlaceMs),
            async () => done('aside', asideMs),
          )
      },
      places: () => where.splice(0).join(' '),
    }
  }

  it('is waited for in place once three operations in the pool were quick', async () => {
    const { run, places } = disk()
    await run(0.01, 1, 5)
    expect(places()).to.equal('aside aside aside in place in place')
  })

  it('is never waited for in place while the pool is slow', async () => {
    const { run, places } = disk()
    for (let round = 0; round < 50; round += 1) {
      await run(0.01, 1, 2)
      await run(0.01, 30)
    }
    expect(places()).to.not.contain('in place')
  })

  it('is not judged by one slow operation: the system may have been busy', async () => {
    const { run, places } = disk()
    await run(0.01, 1, 3)
    places()
    for (let time = 0; time < 20; time += 1) {
      await run(30, 1)
      await run(0.01, 1, 20)
    }
    expect(places()).to.not.contain('aside')
  })

  it('that made everybody wait twice is left to the pool, each time for twice as long', async () => {
    const { run, places, pass } = disk()
    await run(30, 1, 5)
    for (const stretchMs of [250, 500, 1000]) {
      places()
      await run(30, stretchMs / 100, 99)
      expect(places()).to.not.contain('in place')
      pass(stretchMs / 100)
      await run(30, 1, 4)
      expect(places()).to.equal('aside aside aside in place')
    }
  })

  it('is forgiven after a thousand quick operations in place', async () => {
    const { run, places, pass } = disk()
    await run(30, 1, 5)
    pass(250)
    await run(0.01, 1, 3 + 1000)
    await run(30, 1, 2)
    pass(250)
    places()
    await run(0.01, 1, 4)
    expect(places()).to.equal('aside aside aside in place')
  })

  it('gives others their turn after some milliseconds in place', async () => {
    const { run } = disk()
    await run(0.5, 1, 3)
    let turns = 0
    const another = new AbortController()
    const others = (async () => {
      for (; !another.signal.aborted; turns += 1) await setImmediate()
    })()
    await run(0.5, 1, 100)
    another.abort()
    await others
    expect(turns).to.be.at.least(20)
  })

  it('answers what the operation answers, and fails as it fails', async () => {
    const pace = createDiskPace()
    const failure = (place: string) => (): never => {
      throw new Error(place)
    }
    const outcomes: string[] = []
    const tried = async (): Promise<unknown> => pace.run(failure('in place'), async () => failure('aside')())
    for (let time = 0; time < 5; time += 1)
      await tried().catch((error: unknown) => outcomes.push(error instanceof Error ? error.message : ''))
    expect(outcomes).to.deep.equal(['aside', 'aside', 'aside', 'in place', 'in place'])
    expect(
      await pace.run(
        () => 1,
        async () => 1,
      ),
    ).to.equal(1)
  })
})
