/** Clients that go on until the server dies under them: senders by SMTP, a reader by POP3. */

import { type Wire, openWire, signIn, stuffed } from '../../e2e/support/wire.ts'
import type { Ledger } from './ledger.ts'
import type { Parcel, Place } from './parcel.ts'
import type { Draw } from './plan.ts'

/** What a client works with. */
export interface Client {
  readonly draw: Draw
  readonly ledger: Ledger
  /** Called after each reply of the server. */
  step(): void
}

/** Sends without end, on one connection after the other, some of them with everything pipelined (RFC 2920). */
export function sendForever(port: number, client: Client, next: () => Parcel): Promise<void> {
  return untilDeath(async () => {
    const wire = await openWire(port)
    try {
      const parcels = Array.from({ length: client.draw.within(1, 8) }, next)
      await converse(wire, client, parcels, client.draw.next() < 0.5)
    } finally {
      wire.hangUp()
    }
  })
}

/** Fetches and removes up to five messages in each session. */
export function readForever(port: number, client: Client, place: Place): Promise<void> {
  return untilDeath(async () => {
    const wire = await signIn(port, place)
    try {
      const there = Number((await wire.pop3('STAT')).split(' ')[1])
      const ids: string[] = []
      for (let number = 1; number <= Math.min(there, 5); number++) {
        expectReply(await wire.pop3(`RETR ${number}`), /^\+OK/)
        ids.push(client.ledger.open(await wire.multiline()))
        expectReply(await wire.pop3(`DELE ${number}`), /^\+OK/)
        client.step()
      }
      client.ledger.removing(place, ids)
      expectReply(await wire.pop3('QUIT'), /^\+OK/)
      client.ledger.removed(place, ids)
      client.step()
      await wire.closed()
    } finally {
      wire.hangUp()
    }
  })
}

async function converse(
  wire: Wire,
  { ledger, step }: Client,
  parcels: readonly Parcel[],
  pipelined: boolean,
): Promise<void> {
  async function expectNext(pattern: RegExp): Promise<void> {
    expectReply(await wire.reply(), pattern)
    step()
  }

  await expectNext(/^220 /)
  wire.send('EHLO mail.example.org\r\n')
  await expectNext(/^250[ -]/)
  let isAhead = false
  for (const [index, parcel] of parcels.entries()) {
    for (const [command, pattern] of commands(parcel)) {
      if (!pipelined) wire.send(command)
      else if (!isAhead) wire.send(allCommands(parcel))
      isAhead = true
      await expectNext(pattern)
    }
    const next = pipelined ? parcels[index + 1] : undefined
    ledger.sent(parcel)
    wire.send(
      Buffer.concat([
        stuffed(parcel.bytes),
        Buffer.from(`.\r\n${next === undefined ? '' : allCommands(next)}`),
      ]),
    )
    isAhead = next !== undefined
    await expectNext(parcel.answer)
    ledger.answered(parcel)
  }
  wire.send('QUIT\r\n')
  await expectNext(/^221 /)
}

/** Each command and how it has to be answered. */
function commands({ to }: Parcel): readonly (readonly [string, RegExp])[] {
  return [
    ['MAIL FROM:<bob@example.org>\r\n', /^250 /],
    ...to.map((name) => [`RCPT TO:<${name}@glo2000.ca>\r\n`, /^(?:250 2\.1|550 5\.1\.1)/] as const),
    ['DATA\r\n', /^354 /],
  ]
}

function allCommands(parcel: Parcel): string {
  return commands(parcel)
    .map(([command]) => command)
    .join('')
}

class UnexpectedReply extends Error {}

function expectReply(reply: string, pattern: RegExp): void {
  if (!pattern.test(reply)) throw new UnexpectedReply(`${reply} instead of ${String(pattern)}`)
}

const DEATH: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE'])

async function untilDeath(session: () => Promise<void>): Promise<void> {
  try {
    for (;;) await session()
  } catch (error) {
    if (!(error instanceof Error)) throw error
    if (error.message !== 'closed' && !('code' in error && DEATH.has(String(error.code)))) throw error
  }
}
