/**
 * Takes one message from the connection into delivery. Reads to the final dot whatever happens, because a
 * reply may only follow it; once something is wrong nothing more is kept.
 */
import { GatewayError } from '../base/errors.js'
import type { Receipt, Reception } from '../delivery/reception.js'
import { createLineEndGuard } from '../message/line-ends.js'

/**
 * @param message octets between DATA and the final dot, dots unstuffed; fails with `HungUp`
 * @throws GatewayError `message.too-large`, `message.line-ends`, `store.*`; nothing is kept then
 */
export async function receive(
  message: AsyncIterable<Buffer>,
  reception: Reception,
  maxMessageOctets: number,
): Promise<Receipt> {
  const guard = createLineEndGuard()
  let octets = 0
  let failure: unknown

  async function take(chunk: Buffer): Promise<void> {
    octets += chunk.length
    if (octets > maxMessageOctets)
      throw new GatewayError('message.too-large', `more than ${maxMessageOctets} octets`)
    guard.see(chunk)
    if (!guard.bare) await reception.write(chunk)
  }

  try {
    for await (const chunk of message) {
      if (failure !== undefined) continue
      await take(chunk).catch(async (error: unknown) => {
        failure = error
        await reception.abort()
      })
    }
    if (failure !== undefined) throw failure
    if (guard.bare) throw new GatewayError('message.line-ends', 'the message holds a bare CR or LF')
    return await reception.commit()
  } finally {
    await reception.abort()
  }
}
