import { expect } from 'chai'
import { createTurnstile, type Turnstile } from '../../../src/accounts/turnstile.ts'
import { failureOf } from '../../contract/support/failure-of.ts'

describe('the turnstile', () => {
  let log: string[]
  beforeEach(() => {
    log = []
  })

  /** Work that begins when let through and ends when told. */
  function visitor(turnstile: Turnstile, name: string) {
    const { promise: ended, resolve: end, reject: fail } = signal()
    const passed = turnstile.pass(async () => {
      log.push(name)
      await ended
      return name
    })
    return { passed, end, fail }
  }

  function signal() {
    let resolve = (): void => {}
    let reject: (error: Error) => void = () => {}
    const promise = new Promise<void>((yes, no) => {
      resolve = yes
      reject = no
    })
    return { promise, resolve, reject }
  }

  /** Lets everything happen that only waits for promises. */
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

  it('lets as many through at once as it says, the rest in the order they came', async () => {
    const turnstile = createTurnstile(2, 10)
    const visitors = ['a', 'b', 'c', 'd'].map((name) => visitor(turnstile, name))
    await settle()
    expect(log).to.deep.equal(['a', 'b'])
    visitors[1]?.end()
    await settle()
    expect(log).to.deep.equal(['a', 'b', 'c'])
    visitors[0]?.end()
    await settle()
    expect(log).to.deep.equal(['a', 'b', 'c', 'd'])
    for (const { end } of visitors) end()
    expect(await Promise.all(visitors.map(({ passed }) => passed))).to.deep.equal(['a', 'b', 'c', 'd'])
  })

  it('turns newcomers away at once when too many wait, and takes them again later', async () => {
    const turnstile = createTurnstile(1, 2)
    const visitors = ['a', 'b', 'c'].map((name) => visitor(turnstile, name))
    expect(await failureOf(turnstile.pass(async () => log.push('d')))).to.equal('sign-in.busy')
    for (const { end } of visitors) end()
    await Promise.all(visitors.map(({ passed }) => passed))
    await turnstile.pass(async () => log.push('e'))
    expect(log).to.deep.equal(['a', 'b', 'c', 'e'])
  })

  it('turns everybody away who would have to wait when nobody may', async () => {
    const turnstile = createTurnstile(1, 0)
    const first = visitor(turnstile, 'a')
    expect(await failureOf(turnstile.pass(async () => 1))).to.equal('sign-in.busy')
    first.end()
    await first.passed
    expect(await turnstile.pass(async () => 1)).to.equal(1)
  })

  it('goes on after work that failed, and hands its failure on', async () => {
    const turnstile = createTurnstile(1, 10)
    const visitors = ['a', 'b'].map((name) => visitor(turnstile, name))
    visitors[0]?.fail(new Error('broken'))
    expect(await visitors[0]?.passed.catch((error: unknown) => error)).to.have.property('message', 'broken')
    visitors[1]?.end()
    expect(await visitors[1]?.passed).to.equal('b')
  })
})
