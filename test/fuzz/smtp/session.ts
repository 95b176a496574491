/** One session of arbitrary octets with a real server over a store in memory, and what must hold of every such session. */
import { expect } from 'chai'
import { silentLog } from '../../../src/base/log.ts'
import { createDelivery } from '../../../src/delivery/delivery.ts'
import { createLostFolder } from '../../../src/lost/lost-folder.ts'
import { openSmtpServer, type SmtpServer, type SmtpServerOptions } from '../../../src/smtp/smtp-server.ts'
import { connectClient } from '../../dialog/support/client.ts'
import { createFakeAccounts } from '../../dialog/support/smtp-accounts.ts'
import { type FakeStore, fakeStore } from '../../unit/delivery/fake-store.ts'

export interface Heard {
  /** All that the server said behind its greeting. */
  readonly replies: string
  /** What is stored, by account, in order. */
  readonly stored: Readonly<Record<string, readonly string[]>>
}

/** Octets of the client in latin1, segment by segment. */
export type Segments = readonly string[]

export const ALICE = Buffer.from('\0alice\0wonder land').toString('base64')

const REPLY_LINE = /^[2-5]\d\d(?:-| |$)[^\r\n\0]*$/
const MESSAGE = 'RCPT TO:<bob@glo2000.ca>\r\nDATA\r\nnormal\r\n.\r\nQUIT\r\n'
/** A session that succeeds, for each service. */
const NORMAL = {
  reception: `HELO x\r\nMAIL FROM:<>\r\n${MESSAGE}`,
  lmtp: `LHLO x\r\nMAIL FROM:<>\r\n${MESSAGE}`,
  submission: `EHLO x\r\nAUTH PLAIN ${ALICE}\r\nMAIL FROM:<alice@glo2000.ca>\r\n${MESSAGE}`,
}

export async function converse(segments: Segments, options: Partial<SmtpServerOptions> = {}): Promise<Heard> {
  const store = fakeStore()
  const server = await open(store, options)
  try {
    const heard = await session(server, store, segments)
    // Whatever one client said, the next is served.
    const after = await say(server, [NORMAL[options.service ?? 'reception']])
    expect(after).to.match(/250 2\.0\.0 stored as \w+\r\n221 /)
    return heard
  } finally {
    await server.close(1)
    expect(store.open(), 'messages neither kept nor dropped').to.equal(0)
  }
}

async function open(store: FakeStore, options: Partial<SmtpServerOptions>): Promise<SmtpServer> {
  const delivery = createDelivery({
    domain: 'glo2000.ca',
    accounts: { find: async (key) => (['alice', 'bob'].includes(key) ? [{ key, quotaOctets: 0 }] : []) },
    mailboxes: store.mailboxes,
    lost: createLostFolder(store.mailboxes),
    trail: { record: () => {}, close: async () => {} },
    reserve: { check: async () => {} },
    lostReply: 'refuse',
    clock: () => new Date('2026-11-21T03:04:05Z'),
  })
  return openSmtpServer({
    host: '127.0.0.1',
    port: 0,
    domain: 'glo2000.ca',
    delivery,
    log: silentLog,
    maxMessageOctets: 2000,
    auth: createFakeAccounts(),
    clearPasswords: () => true,
    clock: () => new Date('2026-11-21T03:04:05Z'),
    newId: () => 'id1',
    ...options,
  })
}

async function session(server: SmtpServer, store: FakeStore, segments: Segments): Promise<Heard> {
  const replies = await say(server, segments)
  for (const line of replies.split('\r\n').slice(0, -1)) expect(line).to.match(REPLY_LINE)
  const stored = store.stored()
  const messages = Object.values(stored).flat()
  for (const message of messages) expect(message.replaceAll('\r\n', ''), 'line ends').to.not.match(/[\r\n]/)
  const said = replies.match(/^250[- ]2\.0\.0 stored as /gm)?.length ?? 0
  const kept = new Set(messages.map((message) => / id (m\d+)/.exec(message)?.[1])).size
  expect(said, 'messages that were promised').to.be.at.most(kept)
  return { replies, stored }
}

async function say(server: SmtpServer, segments: Segments): Promise<string> {
  const client = await connectClient(server.address)
  expect(await client.line()).to.match(/^220 /)
  for (const segment of segments) {
    client.send(segment)
    await new Promise((resolve) => setImmediate(resolve))
  }
  client.socket.end()
  const replies = await client.rest()
  client.socket.destroy()
  return replies
}
