import { expect } from 'chai'
import { GatewayError } from '../../../src/base/errors.ts'
import type { Receipt, Reception } from '../../../src/delivery/reception.ts'
import { receive, type ReceiveOptions } from '../../../src/smtp/receive.ts'
import { failureOf } from '../../contract/support/failure-of.ts'
import { octetsOf } from '../../contract/support/octets.ts'

/** At most so many octets, bare line ends refused, the header let through. */
function upTo(maxMessageOctets: number): ReceiveOptions {
  const header = { push: (chunk: Buffer) => chunk, end: () => Buffer.alloc(0) }
  return { maxMessageOctets, bareLineEnds: 'refuse', badMessageMs: 60_000, header }
}

const RECEIPT: Receipt = { id: 'm1', accepted: true, lost: [] }

/** A reception that keeps what it is given and fails where told. */
function fakeReception(failure: { readonly write?: Error; readonly commit?: Error } = {}) {
  const state = { written: '', kept: undefined as string | undefined, aborts: 0 }
  let over = false
  const reception: Reception = {
    async write(chunk) {
      if (over) throw new Error('written after its end')
      if (failure.write !== undefined) throw failure.write
      state.written += Buffer.from(chunk).toString('latin1')
    },
    async commit() {
      if (over) throw new Error('committed after its end')
      if (failure.commit !== undefined) throw failure.commit
      over = true
      state.kept = state.written
      return RECEIPT
    },
    async abort() {
      over = true
      state.aborts += 1
    },
  }
  return { state, reception }
}

/** A connection that tells whether it was read to its end. */
function connection(chunks: readonly string[], end?: Error) {
  const state = { finished: false }
  async function* read(): AsyncIterable<Buffer> {
    for (const chunk of chunks) yield octetsOf(chunk)
    state.finished = true
    if (end !== undefined) throw end
  }
  return { state, message: read() }
}

describe('receiving a message', () => {
  it('hands every octet on and answers with the receipt', async () => {
    const { state, reception } = fakeReception()
    const { message } = connection(['a\r', '\nb\r\n', '', '\r\n'])
    expect(await receive(message, reception, upTo(100))).to.equal(RECEIPT)
    expect(state.kept).to.equal('a\r\nb\r\n\r\n')
    expect(state.aborts).to.be.above(0)
  })

  it('takes exactly as many octets as it may', async () => {
    const { state, reception } = fakeReception()
    await receive(connection(['x'.repeat(8), '\r\n']).message, reception, upTo(10))
    expect(state.kept).to.have.length(10)
  })

  for (const chunks of [['x'.repeat(9), '\r\n'], ['x'.repeat(50)], ['x'.repeat(11), 'y', 'z']]) {
    it(`keeps nothing of a message of ${chunks.join('').length} octets where 10 may be, and reads it to its end`, async () => {
      const { state, reception } = fakeReception()
      const { state: read, message } = connection(chunks)
      expect(await failureOf(receive(message, reception, upTo(10)))).to.equal('message.too-large')
      expect(state.kept).to.equal(undefined)
      expect(state.written.length).to.be.at.most(10)
      expect(state.aborts).to.be.above(0)
      expect(read.finished).to.equal(true)
    })
  }

  for (const text of ['a\nb\r\n', 'a\rb\r\n', '\n', 'a\r\n\nb\r\n', 'a\n.\r\n', 'a\r.\r\n', '\r\r\n']) {
    it(`refuses ${JSON.stringify(text)} for its bare line end, wherever it is cut`, async () => {
      for (let cut = 0; cut <= text.length; cut += 1) {
        const { state, reception } = fakeReception()
        const { state: read, message } = connection([text.slice(0, cut), text.slice(cut), 'end\r\n'])
        expect(await failureOf(receive(message, reception, upTo(100)))).to.equal('message.line-ends')
        expect(state.kept).to.equal(undefined)
        expect(state.aborts).to.be.above(0)
        expect(read.finished).to.equal(true)
      }
    })
  }

  it('says of a message that is wrong in both ways that it has a bare line end, which ends the connection', async () => {
    const { reception } = fakeReception()
    const { message } = connection(['\n', 'x'.repeat(20)])
    expect(await failureOf(receive(message, reception, upTo(10)))).to.equal('message.line-ends')
  })

  it('keeps nothing when the client hangs up in the middle', async () => {
    const { state, reception } = fakeReception()
    const hungUp = new Error('hung up')
    const { message } = connection(['a\r\n', 'b\r\n'], hungUp)
    expect(await receive(message, reception, upTo(100)).catch((error: unknown) => error)).to.equal(hungUp)
    expect(state.kept).to.equal(undefined)
    expect(state.aborts).to.be.above(0)
  })

  it('reads on to the end when a write fails, and keeps nothing', async () => {
    const { state, reception } = fakeReception({ write: new GatewayError('store.full', 'full') })
    const { state: read, message } = connection(['a\r\n', 'b\r\n'])
    expect(await failureOf(receive(message, reception, upTo(100)))).to.equal('store.full')
    expect(read.finished).to.equal(true)
    expect(state).to.include({ written: '', kept: undefined })
  })

  it('gives no receipt when the commit fails', async () => {
    const { state, reception } = fakeReception({ commit: new GatewayError('store.unavailable', 'broken') })
    expect(await failureOf(receive(connection(['a\r\n']).message, reception, upTo(100)))).to.equal(
      'store.unavailable',
    )
    expect(state.aborts).to.be.above(0)
  })
})
