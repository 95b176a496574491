import { expect } from 'chai'
import { GatewayError } from '../../../src/base/errors.ts'
import { silentLog, type Log } from '../../../src/base/log.ts'
import type { Receipt } from '../../../src/delivery/reception.ts'
import type { RecipientVerdict } from '../../../src/delivery/recipient-list.ts'
import { createHandlers } from '../../../src/smtp/handlers.ts'
import { HungUp } from '../../../src/smtp/hung-up.ts'
import type { Reply } from '../../../src/smtp/reply.ts'
import type { SmtpClient } from '../../../src/smtp/client.ts'
import { createTraffic, DEFAULT_SMTP_LIMITS } from '../../../src/smtp/traffic.ts'
import { createFakeAccounts } from '../../dialog/support/smtp-accounts.ts'
import type { SmtpAuthentication } from '../../../src/smtp/sign-in.ts'
import { octetsOf } from '../../contract/support/octets.ts'

/** What delivery answers to each step; an error is thrown. */
interface Script {
  readonly begin?: Error
  readonly verdict?: RecipientVerdict | Error
  readonly receive?: Error
  readonly receipt?: Receipt | Error
}

const FULL = new GatewayError('store.full', 'secret inside')

function handlersOn(
  { begin, verdict, receive, receipt }: Script = {},
  maxConnectionsPerAddress = 2,
  auth?: SmtpAuthentication,
) {
  const origins: unknown[] = []
  const lines: string[] = []
  const log: Log = {
    ...silentLog,
    debug: (_fields, message) => void lines.push(`debug: ${message}`),
    info: (_fields, message) => void lines.push(`info: ${message}`),
    error: (_fields, message) => void lines.push(`error: ${message}`),
  }
  function orThrow<Value>(value: Value | Error | undefined, otherwise: Value): Value {
    if (value instanceof Error) throw value
    return value ?? otherwise
  }
  const handlers = createHandlers({
    delivery: {
      async begin(origin) {
        if (begin !== undefined) throw begin
        origins.push(origin)
        return {
          addRecipient: async (_address, dsn) => {
            if (dsn !== undefined) origins.push(dsn)
            return orThrow<RecipientVerdict>(verdict, { kind: 'known' })
          },
          async receive() {
            if (receive !== undefined) throw receive
            return {
              write: async () => {},
              commit: async () => orThrow<Receipt>(receipt, { id: 'm1', accepted: true, lost: [] }),
              abort: async () => {},
            }
          },
        }
      },
    },
    log,
    domain: 'glo2000.ca',
    maxMessageOctets: 10,
    service: 'reception',
    bareLineEnds: 'refuse',
    badMessageMs: 60_000,
    traffic: createTraffic(
      { ...DEFAULT_SMTP_LIMITS, connectionsPerAddress: maxConnectionsPerAddress },
      () => false,
    ),
    failedSignIns: 5,
    auth,
    clearPasswords: () => true,
    trusted: () => false,
    fromAllowed: () => false,
    newId: () => 'id1',
    now: () => new Date(0),
  })
  return { handlers, origins, lines }
}

function client(address = '192.0.2.7'): SmtpClient {
  return {
    id: 'c1',
    address,
    heloName: 'client.example.org',
    protocol: 'ESMTP',
    secure: false,
    dismiss: () => {},
  }
}

const mailFrom = (reversePath: string, declaredOctets = 0) => ({
  reversePath,
  declaredOctets,
  smtpUtf8: false,
})

async function* message(text: string): AsyncIterable<Buffer> {
  yield octetsOf(text)
}

/** A reply as it is sent. */
const sent = ({ code, status, lines }: Reply): readonly string[] =>
  lines.map((line) => `${code} ${status} ${line}`)

async function replyTo(
  step: 'mail' | 'rcpt' | 'data',
  script: Script,
  text = 'a\r\n',
): Promise<readonly string[]> {
  const { handlers } = handlersOn(script)
  const someone = client()
  const mail = await handlers.mail(someone, mailFrom('dave@example.org', 0))
  if (step === 'mail') return sent(mail)
  if (step === 'rcpt') return sent(await handlers.rcpt(someone, { forwardPath: 'alice@glo2000.ca' }))
  const replies = await handlers.data(someone, message(text))
  return 'code' in replies ? sent(replies) : []
}

describe('the SMTP handlers', () => {
  it('hand on where a message comes from', async () => {
    const { handlers, origins } = handlersOn()
    await handlers.mail(client(), mailFrom('dave@example.org', 4711))
    expect(origins).to.deep.equal([
      {
        reversePath: 'dave@example.org',
        heloName: 'client.example.org',
        clientAddress: '192.0.2.7',
        protocol: 'ESMTP',
        declaredOctets: 4711,
      },
    ])
  })

  it('hand on who signed in, and what was asked of notifications', async () => {
    const { handlers, origins } = handlersOn({}, 2, createFakeAccounts())
    const someone = client()
    const plain = Buffer.from('\0alice\0wonder land').toString('base64')
    const answered = await handlers.auth(someone, `PLAIN ${plain}`, async () => '*')
    expect(answered).to.include({ code: 235 })
    const dsn = { ret: 'HDRS', envid: 'x' } as const
    await handlers.mail(someone, { ...mailFrom('alice@glo2000.ca'), dsn })
    expect(origins[0]).to.include({ reversePath: 'alice@glo2000.ca' })
    expect(origins[0]).to.deep.include({ dsn, signedIn: { key: 'alice', address: 'alice@glo2000.ca' } })
    await handlers.rcpt(someone, {
      forwardPath: 'bob@glo2000.ca',
      dsn: { notify: ['NEVER'], orcpt: 'rfc822;x' },
    })
    expect(origins[1]).to.deep.equal({ notify: ['NEVER'], orcpt: 'rfc822;x' })
  })

  const lostAs = (id: string, ...addresses: readonly string[]) =>
    ({ id, reason: 'unknown-recipient', addresses, answered: 550 }) as const
  const table: readonly (readonly [
    what: string,
    step: 'mail' | 'rcpt' | 'data',
    script: Script,
    ...replies: string[],
  ])[] = [
    ['MAIL', 'mail', {}, '250 2.1.0 Accepted'],
    [
      'MAIL from one of ours',
      'mail',
      { begin: new GatewayError('sender.sign-in-required', 'x') },
      '530 5.7.0 a sender of this domain must sign in first: with AUTH here, or on the submission port',
    ],
    ['MAIL on a full disk', 'mail', { begin: FULL }, '452 4.3.1 not enough space left; try again later'],
    ['RCPT for a known one', 'rcpt', {}, '250 2.1.5 alice@glo2000.ca will have it'],
    [
      'RCPT for one that is held',
      'rcpt',
      { verdict: { kind: 'held' } },
      '250 2.1.0 alice@glo2000.ca is unknown here; the reply after the message tells',
    ],
    [
      'RCPT for an unknown one',
      'rcpt',
      { verdict: { kind: 'refused', reason: 'unknown' } },
      '550 5.1.1 there is no mailbox alice@glo2000.ca',
    ],
    [
      'RCPT for a foreign one',
      'rcpt',
      { verdict: { kind: 'refused', reason: 'foreign' } },
      '550 5.7.1 no relaying: this server takes mail for glo2000.ca only, not for alice@glo2000.ca',
    ],
    [
      'RCPT while the directory is away',
      'rcpt',
      { verdict: new GatewayError('store.unavailable', 'x') },
      '451 4.3.0 local trouble, the message was not taken; try again later',
    ],
    ['DATA that everybody has', 'data', {}, '250 2.0.0 stored as m1'],
    [
      'DATA that somebody has not',
      'data',
      { receipt: { id: 'm1', accepted: true, lost: [lostAs('m2', 'xeno@glo2000.ca', 'yoko@glo2000.ca')] } },
      '250 2.0.0 stored as m1',
      '250 2.0.0 there is no mailbox xeno@glo2000.ca; the postmaster has the message as m2',
      '250 2.0.0 there is no mailbox yoko@glo2000.ca; the postmaster has the message as m2',
    ],
    [
      'DATA into a mailbox that failed',
      'data',
      {
        receipt: {
          id: 'm1',
          accepted: true,
          lost: [{ id: 'm2', reason: 'mailbox-failed', addresses: ['bob@glo2000.ca'], answered: 250 }],
        },
      },
      '250 2.0.0 stored as m1',
      '250 2.0.0 the mailbox bob@glo2000.ca is out of order; the postmaster has the message as m2',
    ],
    [
      'DATA that nobody has',
      'data',
      { receipt: { id: 'm1', accepted: false, lost: [lostAs('m1', 'xeno@glo2000.ca')] } },
      '550 5.1.1 there is no mailbox xeno@glo2000.ca; the postmaster has the message as m1',
    ],
    [
      'DATA that cannot be begun',
      'data',
      { receive: FULL },
      '452 4.3.1 not enough space left; try again later',
    ],
    [
      'DATA that cannot be stored',
      'data',
      { receipt: FULL },
      '452 4.3.1 not enough space left; try again later',
    ],
    [
      'DATA with a bug behind it',
      'data',
      { receipt: new Error('secret inside') },
      '451 4.3.0 local trouble, the message was not taken; try again later',
    ],
  ]
  for (const [what, step, script, ...replies] of table) {
    it(`answer ${what} with ${replies[0]?.slice(0, 9)}`, async () => {
      expect(await replyTo(step, script)).to.deep.equal(replies)
    })
  }

  it('answer a message that is too large and one with a bare LF as such', async () => {
    expect((await replyTo('data', {}, 'x'.repeat(11)))[0]).to.match(/^552 5\.3\.4 /)
    expect((await replyTo('data', {}, 'a\n'))[0]).to.match(/^550 5\.6\.0 /)
  })

  it('cut what a client wrote to what fits into a line, without its controls', async () => {
    const { handlers } = handlersOn()
    const someone = client()
    await handlers.mail(someone, mailFrom('', 0))
    const [line] = (await handlers.rcpt(someone, { forwardPath: `\r\n${'x'.repeat(600)}@glo2000.ca` })).lines
    expect(line).to.match(/^\?\?x+\.\.\.$/)
    expect(line).to.have.length(480)
  })

  it('forget the transaction when it ended', async () => {
    const { handlers, lines } = handlersOn()
    const someone = client()
    await handlers.mail(someone, mailFrom('', 0))
    handlers.reset(someone)
    expect(await handlers.rcpt(someone, { forwardPath: 'alice@glo2000.ca' })).to.include({ code: 451 })
    expect(lines.at(-1)).to.match(/^error: a bug/)
  })

  it('keep the transactions of two clients apart', async () => {
    const { handlers } = handlersOn()
    const [one, two] = [client(), client()]
    await handlers.mail(one, mailFrom('', 0))
    expect(await handlers.rcpt(two, { forwardPath: 'alice@glo2000.ca' })).to.include({ code: 451 })
    expect(await handlers.rcpt(one, { forwardPath: 'alice@glo2000.ca' })).to.include({ code: 250 })
  })

  it('log a refusal as information, trouble as an error and a bug as a bug', async () => {
    const lineFor = async (begin: Error): Promise<string | undefined> => {
      const { handlers, lines } = handlersOn({ begin })
      await handlers.mail(client(), mailFrom('', 0))
      return lines.at(-1)
    }
    expect(await lineFor(new GatewayError('sender.sign-in-required', ''))).to.equal('info: refused')
    expect(await lineFor(new HungUp())).to.equal('info: the client hung up in the middle of a message')
    expect(await lineFor(FULL)).to.equal('error: a message or recipient was put off')
    expect(await lineFor(new Error('x'))).to.equal('error: a bug: unexpected error in a mail transaction')
  })

  it('refuse the connection past the limit for one address, and welcome it once another ended', () => {
    const { handlers } = handlersOn({}, 2)
    const clients = [client(), client(), client()]
    expect(clients.map((one) => handlers.connect(one)?.code)).to.deep.equal([undefined, undefined, 421])
    expect(handlers.connect(client('192.0.2.8'))).to.equal(undefined)
    for (const one of clients.slice(1)) handlers.close(one)
    expect(handlers.connect(client())).to.equal(undefined)
    expect(handlers.connect(client())).to.deep.equal({
      code: 421,
      status: '4.7.0',
      lines: ['too many connections; try again later'],
    })
  })
})
