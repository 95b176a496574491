import { expect } from 'chai'
import { readAhead } from '../../../src/pop3/read-ahead.ts'

/** Numbers from 1, with a record of what was asked for. */
function numbers(last: number, failure?: Error) {
  const state = { made: 0, ended: false }
  async function* make(): AsyncIterable<number> {
    try {
      while (state.made < last) yield (state.made += 1)
      if (failure !== undefined) throw failure
    } finally {
      state.ended = true
    }
  }
  return { state, all: make() }
}

async function taken(chunks: AsyncIterable<number>): Promise<readonly number[]> {
  const all: number[] = []
  for await (const chunk of chunks) all.push(chunk)
  return all
}

describe('reading ahead', () => {
  it('hands out every chunk, in order', async () => {
    expect(await taken(readAhead(numbers(5).all))).to.deep.equal([1, 2, 3, 4, 5])
    expect(await taken(readAhead(numbers(0).all))).to.deep.equal([])
  })

  it('holds one chunk that nobody asked for, and no more', async () => {
    const { state, all } = numbers(9)
    for await (const chunk of readAhead(all)) expect(state.made).to.be.at.most(chunk + 1)
    expect(state.made).to.equal(9)
  })

  it('begins the next chunk before the one at hand is done with', async () => {
    const { state, all } = numbers(9)
    for await (const chunk of readAhead(all)) {
      await new Promise((resolve) => setImmediate(resolve))
      expect(state.made).to.equal(Math.min(chunk + 1, 9))
    }
  })

  it('ends what it reads from when its consumer has enough', async () => {
    const { state, all } = numbers(9)
    for await (const chunk of readAhead(all)) if (chunk === 2) break
    expect(state.ended).to.equal(true)
  })

  it('throws in the place of the chunk that could not be read', async () => {
    const failure = new Error('the disk is gone')
    const came: number[] = []
    let thrown: unknown
    try {
      for await (const chunk of readAhead(numbers(2, failure).all)) came.push(chunk)
    } catch (error) {
      thrown = error
    }
    expect(came).to.deep.equal([1, 2])
    expect(thrown).to.equal(failure)
  })
})
