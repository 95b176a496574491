import { expect } from 'chai'
import {
  createHashQueue,
  DEFAULT_HASH_QUEUE,
  type HashQueueOptions,
} from '../../../src/accounts/hash-queue.ts'
import { failureOf } from '../../contract/support/failure-of.ts'

/** Work that is under way until it is told to end. */
function createBench(options: Partial<HashQueueOptions> = {}) {
  const queue = createHashQueue({ ...DEFAULT_HASH_QUEUE, atOnce: 1, ...options })
  const started: string[] = []
  const ends = new Map<string, (error?: Error) => void>()

  function ask(address: string, account: string, label = `${address} ${account}`): Promise<string> {
    return queue.run({ address, account }, () => {
      started.push(label)
      return new Promise((resolve, reject) =>
        ends.set(label, (error) => (error === undefined ? resolve(label) : reject(error))),
      )
    })
  }

  /** Ends what is under way, and lets what follows begin. */
  async function end(label: string, error?: Error): Promise<void> {
    ends.get(label)?.(error)
    await new Promise((resolve) => setImmediate(resolve))
  }

  return { queue, started, ask, end }
}

describe('the queue of hashes', () => {
  it('lets so many through at a time and the others in turn', async () => {
    const { started, ask, end } = createBench({ atOnce: 2 })
    const all = ['a', 'b', 'c'].map((address) => ask(address, address))
    await end('')
    expect(started).to.deep.equal(['a a', 'b b'])
    await end('b b')
    expect(started).to.deep.equal(['a a', 'b b', 'c c'])
    await end('a a')
    await end('c c')
    expect(await Promise.all(all)).to.deep.equal(['a a', 'b b', 'c c'])
  })

  it('takes turns between addresses, however many attempts one has waiting', async () => {
    const { started, ask, end } = createBench()
    for (let guess = 0; guess < 10; guess += 1) void ask('guesser', `${guess}`)
    void ask('alice', 'alice')
    await end('')
    await end('guesser 0')
    expect(started).to.deep.equal(['guesser 0', 'guesser 1'])
    await end('guesser 1')
    expect(started.at(-1)).to.equal('alice alice')
    await end('alice alice')
    expect(started.at(-1)).to.equal('guesser 2')
  })

  it('lets addresses that have signed in before come first', async () => {
    const { queue, started, ask, end } = createBench()
    queue.prefer('alice')
    for (const guesser of ['1', '2', '3', '4']) void ask(guesser, guesser)
    void ask('alice', 'alice')
    await end('')
    await end('1 1')
    expect(started).to.deep.equal(['1 1', 'alice alice'])
  })

  it('looks at one attempt at a time for each address and each account', async () => {
    const { started, ask, end } = createBench({ atOnce: 4 })
    void ask('one', 'alice')
    void ask('one', 'bob')
    void ask('two', 'alice')
    void ask('three', 'carol')
    await end('')
    expect(started).to.deep.equal(['one alice', 'three carol'])
    await end('one alice')
    expect(started).to.have.members(['one alice', 'three carol', 'one bob', 'two alice'])
  })

  it('does not let an attempt that must wait for its account hold up others of its address', async () => {
    const { started, ask, end } = createBench({ atOnce: 2 })
    void ask('one', 'alice')
    void ask('two', 'alice')
    void ask('two', 'bob')
    await end('')
    expect(started).to.deep.equal(['one alice', 'two bob'])
  })

  it('goes on after work that failed, and hands the failure on', async () => {
    const { started, ask, end } = createBench()
    const failing = ask('a', 'a')
    void ask('b', 'b')
    await end('')
    void end('a a', new Error('no'))
    expect(await failing.catch((error: unknown) => error)).to.have.property('message', 'no')
    await end('')
    expect(started).to.deep.equal(['a a', 'b b'])
  })

  it('turns away who has waited too long, and forgets about it', async () => {
    const { started, ask, end } = createBench({ patienceMs: 5 })
    void ask('a', 'a')
    await end('')
    expect(await failureOf(ask('b', 'b'))).to.equal('sign-in.busy')
    await end('a a')
    expect(started).to.deep.equal(['a a'])
    void ask('c', 'c')
    await end('')
    expect(started).to.deep.equal(['a a', 'c c'])
  })

  it('turns newcomers away at once when too many wait, in all and of one address', async () => {
    const { ask, end } = createBench({ mostWaiting: 3, mostWaitingOfAddress: 2 })
    for (const account of ['1', '2', '3']) void ask('one', account)
    await end('')
    expect(await failureOf(ask('one', '4'))).to.equal('sign-in.busy')
    void ask('two', '5')
    await end('')
    expect(await failureOf(ask('three', '6'))).to.equal('sign-in.busy')
  })

  it('gives a newcomer every fourth turn, however many of those who signed in before wait', async () => {
    const { queue, started, ask, end } = createBench()
    for (const address of ['a', 'b', 'c', 'd', 'e', 'f']) queue.prefer(address)
    void ask('x', 'x')
    for (const address of ['a', 'b', 'c', 'd', 'e', 'f', 'new1', 'new2']) void ask(address, address)
    await end('')
    for (let turn = 0; turn < 9; turn += 1) await end(started.at(-1) ?? '')
    expect(started.map((label) => label.split(' ')[0])).to.deep.equal([
      'x',
      'a',
      'b',
      'c',
      'new1',
      'd',
      'e',
      'f',
      'new2',
    ])
  })

  it('takes those who signed in before when too many wait, in the place of the newcomer who came last', async () => {
    const { queue, started, ask, end } = createBench({ mostWaiting: 2 })
    queue.prefer('known')
    void ask('x', 'x')
    await end('')
    void ask('new1', 'new1')
    const last = failureOf(ask('new2', 'new2'))
    expect(await failureOf(ask('new3', 'new3'))).to.equal('sign-in.busy')
    void ask('known', 'alice')
    expect(await last).to.equal('sign-in.busy')
    await end('x x')
    expect(started).to.deep.equal(['x x', 'known alice'])
    void ask('known', 'bob')
    expect(await failureOf(ask('new4', 'new4'))).to.equal('sign-in.busy')
  })

  it('remembers only so many addresses', async () => {
    const { queue, started, ask, end } = createBench({ mostPreferred: 2 })
    for (const address of ['old', 'newer', 'newest']) queue.prefer(address)
    void ask('x', 'x')
    for (const address of ['stranger', 'old', 'newest', 'newer']) void ask(address, address)
    await end('')
    for (const label of ['x x', 'newest newest', 'newer newer', 'stranger stranger']) await end(label)
    expect(started).to.deep.equal(['x x', 'newest newest', 'newer newer', 'stranger stranger', 'old old'])
  })
})
