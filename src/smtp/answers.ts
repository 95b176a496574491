/** What recipients and messages are answered. Pure; status codes RFC 3463. */
import type { Receipt } from '../delivery/reception.js'
import type { RecipientVerdict } from '../delivery/recipient-list.js'
import { fitting, reply, type Reply } from './reply.js'

/** Recipients that a reply names; RFC 5321 sets no bound, a client's patience does. */
const MOST_LINES = 50

export function recipientReply(verdict: RecipientVerdict, address: string, domain: string): Reply {
  switch (verdict.kind) {
    case 'known':
      return reply(250, '2.1.5', fitting(`${address} will have it`))
    case 'held':
      return reply(250, '2.1.0', fitting(`${address} is unknown here; the reply after the message tells`))
    case 'refused':
      return verdict.reason === 'foreign'
        ? reply(
            550,
            '5.7.1',
            fitting(`no relaying: this server takes mail for ${domain} only, not for ${address}`),
          )
        : reply(550, '5.1.1', fitting(`there is no mailbox ${address}`))
  }
}

/** 250 with the id and, line by line, whom it did not reach; 550 when it reached nobody. */
export function messageReply({ id, accepted, lost }: Receipt): Reply {
  const failed = lost.flatMap((entry) => entry.addresses.map((address) => lostText(entry, address)))
  const [first = 'nobody of that name here', ...rest] = shortened(failed)
  return accepted
    ? reply(250, '2.0.0', `stored as ${id}`, ...shortened(failed))
    : reply(550, '5.1.1', first, ...rest)
}

/** The reply for each of several recipients (RFC 2033 §4.2), of whom each may be named more than once. */
export function repliesForEach(receipt: Receipt, recipients: readonly string[]): readonly Reply[] {
  return recipients.map((address) => {
    const key = address.toLowerCase()
    const entry = receipt.lost.find(({ addresses }) => addresses.some((lost) => lost.toLowerCase() === key))
    if (entry === undefined) return reply(250, '2.0.0', `stored as ${receipt.id}`)
    return entry.answered === 250
      ? reply(250, '2.0.0', lostText(entry, address))
      : reply(550, '5.1.1', lostText(entry, address))
  })
}

function lostText({ id, reason }: Receipt['lost'][number], address: string): string {
  const why =
    reason === 'mailbox-failed' ? `the mailbox ${address} is out of order` : `there is no mailbox ${address}`
  return fitting(`${why}; the postmaster has the message as ${id}`)
}

/** A client reads a reply of some lines; what is behind them is in the lost folder's entry. */
function shortened(lines: readonly string[]): readonly string[] {
  if (lines.length <= MOST_LINES) return lines
  return [...lines.slice(0, MOST_LINES), `and ${lines.length - MOST_LINES} more recipients`]
}
