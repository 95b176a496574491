/**
 * Takes one message from the connection into delivery. Reads to the final dot whatever happens, because a
 * reply may only follow it; once something is wrong nothing more is kept. A message with a bare line end, of which
 * the true end is uncertain, is not waited for without bound.
 */
import { GatewayError } from '../base/errors.js'
import type { Receipt, Reception } from '../delivery/reception.js'
import type { HeaderFilter } from '../message/header-filter.js'
import { createLineEndGuard, createLineEndNormaliser } from '../message/line-ends.js'

export interface ReceiveOptions {
  /** Counted as they arrive, dots unstuffed. */
  readonly maxMessageOctets: number
  /** What becomes of a CR or LF that is no CRLF. */
  readonly bareLineEnds: 'refuse' | 'normalise'
  /** How long a message is read on once a bare line end was seen. */
  readonly badMessageMs: number
  readonly header: HeaderFilter
}

/**
 * @param message octets between DATA and the final dot, dots unstuffed; fails with `HungUp`
 * @throws GatewayError `message.*`, `sender.forged`, `sender.not-own`, `store.*`; nothing is kept then. Only with
 * `message.line-ends` may the message not have been read to its end.
 */
export async function receive(
  message: AsyncIterable<Buffer>,
  reception: Reception,
  options: ReceiveOptions,
): Promise<Receipt> {
  const { maxMessageOctets, bareLineEnds, header } = options
  const guard = createLineEndGuard()
  const normaliser = bareLineEnds === 'normalise' ? createLineEndNormaliser() : undefined
  let octets = 0
  let failure: unknown

  async function write(chunk: Buffer): Promise<void> {
    if (chunk.length > 0) await reception.write(chunk)
  }

  async function take(chunk: Buffer): Promise<void> {
    if (octets > maxMessageOctets)
      throw new GatewayError('message.too-large', `more than ${maxMessageOctets} octets`)
    return write(header.push(normaliser?.push(chunk) ?? chunk))
  }

  async function finish(): Promise<Receipt> {
    if (guard.bare) throw new GatewayError('message.line-ends', 'the message holds a bare CR or LF')
    if (failure !== undefined) throw failure
    if (normaliser !== undefined) await write(header.push(normaliser.end()))
    await write(header.end())
    return reception.commit()
  }

  const chunks = message[Symbol.asyncIterator]()
  const patience = createPatience(options.badMessageMs)
  try {
    // The end of a message with a bare line end is not waited for past the size limit, nor past our patience.
    while (!guard.bare || octets <= maxMessageOctets) {
      const step = await patience.wait(chunks.next())
      if (step === undefined || step.done === true) break
      octets += step.value.length
      if (normaliser === undefined) guard.see(step.value)
      if (guard.bare) patience.begin()
      if (failure !== undefined || guard.bare) continue
      await take(step.value).catch(async (error: unknown) => {
        failure = error
        await reception.abort()
      })
    }
    return await finish()
  } finally {
    patience.end()
    await reception.abort()
  }
}

/** Once begun, waits for at most so long in all. */
function createPatience(ms: number): {
  begin(): void
  /** `undefined` once it is over. */
  wait<Value>(promise: Promise<Value>): Promise<Value | undefined>
  end(): void
} {
  let timer: NodeJS.Timeout | undefined
  let over: Promise<undefined> | undefined
  return {
    begin() {
      over ??= new Promise((resolve) => {
        timer = setTimeout(() => resolve(undefined), ms)
        timer.unref()
      })
    },
    wait: (promise) => (over === undefined ? promise : Promise.race([promise, over])),
    end: () => clearTimeout(timer),
  }
}
