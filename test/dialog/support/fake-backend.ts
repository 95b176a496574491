/** Maildrops in memory, with every fault a test asks for, that count what was asked of them. */

import { type FailureCode, GatewayError } from '../../../src/base/errors.ts'
import type { SaslExchange, SaslReply } from '../../../src/sasl/exchange.ts'
import type {
  Credentials,
  Maildrop,
  MaildropEntry,
  Pop3Backend,
  StoredMessage,
} from '../../../src/pop3/backend.ts'

interface FakeMessage {
  readonly number: number
  readonly uid: string
  readonly content: Buffer
}

interface FakeAccount {
  readonly password: string
  messages: FakeMessage[]
  /** Whether a session holds the maildrop. */
  held: boolean
}

/** What goes wrong; nothing by default. Numbers are message numbers, of every account. */
export interface Faults {
  /** These are gone when they are opened. */
  gone?: readonly number[]
  /** These cannot be removed. */
  stuck?: readonly number[]
  /** These break off after their first chunk. */
  broken?: readonly number[]
  /** The store cannot open, read nor remove. */
  storeDown?: boolean
  /** These fail before their first chunk. */
  unreadable?: readonly number[]
  /** Sign-in throws what is no failure of ours. */
  signInBug?: boolean
  /** The store cannot open the maildrop. */
  storeAway?: boolean
  /** Too many are signing in. */
  busy?: boolean
  /** Every sign-in fails so. */
  signIn?: FailureCode
  /** Closing a message or a maildrop throws. */
  closeFails?: boolean
}

export interface FakeBackendOptions {
  /** Messages are opened, read and closed without a promise, as small ones may be. */
  readonly atHand?: boolean
  /** Octets of a chunk; small ones put every boundary to the test. */
  readonly chunkOctets?: number
  readonly faults?: Faults
  /** Awaited by every sign-in once the password was found right. */
  readonly signInGate?: Promise<void>
  /** Awaited before every chunk but a message's first. */
  readonly chunkGate?: Promise<void>
  /** Days that every maildrop is kept for. */
  readonly expireDays?: number
  /** When alice, bob and everybody else is shown the door. */
  readonly revoked?: AbortSignal
  /** Awaited by `markSeen`. */
  readonly seenGate?: Promise<void>
  /** Called when a sign-in begins. */
  readonly onSignIn?: () => void
  /** Called when a maildrop was closed. */
  readonly onClose?: () => void
}

export interface FakeBackend extends Pop3Backend {
  readonly accounts: ReadonlyMap<string, FakeAccount>
  /** What clients signed in with, in order. */
  readonly seen: readonly Credentials[]
  /** Octets of messages handed out so far. */
  readonly octetsRead: number
  /** Messages opened and not closed. */
  readonly openMessages: number
  /** Numbers that were marked as seen, and by how many sessions. */
  readonly marked: readonly (readonly number[])[]
  /** Exchanges that were abandoned. */
  readonly abandoned: number
}

/** @param accounts by name: a password and messages as latin1 text */
export function createFakeBackend(
  accounts: Readonly<Record<string, { readonly password: string; readonly messages: readonly string[] }>>,
  options: FakeBackendOptions = {},
): FakeBackend {
  const { faults = {}, chunkOctets = 64 * 1024 } = options
  const all = new Map(
    Object.entries(accounts).map(([name, { password, messages }]) => [name, account(password, messages)]),
  )
  const seen: Credentials[] = []
  let octetsRead = 0
  let openMessages = 0
  let abandoned = 0
  const marked: (readonly number[])[] = []

  function account(password: string, messages: readonly string[]): FakeAccount {
    const numbered = messages.map((text, index) => ({
      number: index + 1,
      uid: `uid-${index + 1}`,
      content: Buffer.from(text, 'latin1'),
    }))
    return { password, messages: numbered, held: false }
  }

  function storeUp(): void {
    if (faults.storeDown === true) throw new GatewayError('store.unavailable', 'the disk is away')
  }

  async function* chunks({ number, content }: FakeMessage): AsyncGenerator<Buffer> {
    if (faults.unreadable?.includes(number)) throw new GatewayError('store.unavailable', 'cannot read')
    for (let start = 0; start < content.length; start += chunkOctets) {
      if (start > 0) await options.chunkGate
      const chunk = content.subarray(start, start + chunkOctets)
      octetsRead += chunk.length
      yield chunk
      if (faults.broken?.includes(number)) throw new GatewayError('store.unavailable', 'broke off')
    }
  }

  function* chunksAtHand({ number, content }: FakeMessage): Generator<Buffer> {
    if (faults.unreadable?.includes(number)) throw new GatewayError('store.unavailable', 'cannot read')
    for (let start = 0; start < content.length; start += chunkOctets) {
      const chunk = content.subarray(start, start + chunkOctets)
      octetsRead += chunk.length
      yield chunk
      if (faults.broken?.includes(number)) throw new GatewayError('store.unavailable', 'broke off')
    }
  }

  function closeMessage(): undefined {
    openMessages -= 1
    if (faults.closeFails === true) throw new Error('close failed')
  }

  function openMessage(message: FakeMessage): StoredMessage {
    openMessages += 1
    return {
      chunks: () => (options.atHand === true ? chunksAtHand(message) : chunks(message)),
      close: options.atHand === true ? closeMessage : async () => closeMessage(),
    }
  }

  function maildrop(name: string, owner: FakeAccount): Maildrop {
    const entries = owner.messages.map(({ number, uid, content }) => ({
      number,
      uid,
      octets: content.length,
    }))
    function find(entry: MaildropEntry): StoredMessage {
      storeUp()
      const message = owner.messages.find(({ uid }) => uid === entry.uid)
      if (message === undefined || faults.gone?.includes(entry.number))
        throw new GatewayError('message.gone', 'another tool removed it')
      return openMessage(message)
    }

    return {
      account: name,
      ...(options.expireDays === undefined ? {} : { expireDays: options.expireDays }),
      ...(options.revoked === undefined ? {} : { revoked: options.revoked }),
      async markSeen(seen) {
        if (!owner.held) throw new Error(`the maildrop of ${name} is closed`)
        await options.seenGate
        storeUp()
        marked.push(seen.map(({ number }) => number))
      },
      entries,
      open: options.atHand === true ? find : async (entry) => find(entry),
      async remove(doomed: readonly MaildropEntry[]) {
        storeUp()
        const stuck = doomed.filter(({ number }) => faults.stuck?.includes(number))
        const gone = new Set(doomed.filter((entry) => !stuck.includes(entry)).map(({ uid }) => uid))
        owner.messages = owner.messages.filter(({ uid }) => !gone.has(uid))
        return stuck
      },
      async close() {
        if (!owner.held) throw new Error(`the maildrop of ${name} was closed twice`)
        owner.held = false
        options.onClose?.()
        if (faults.closeFails === true) throw new Error('close failed')
      },
    }
  }

  async function signIn(credentials: Credentials): Promise<Maildrop> {
    return open(check(credentials))
  }

  function check(credentials: Credentials): string {
    seen.push(credentials)
    options.onSignIn?.()
    if (faults.signInBug === true) throw new TypeError('undefined is not a function')
    if (faults.storeAway === true) throw new GatewayError('store.unavailable', 'the folder is gone')
    if (faults.busy === true) throw new GatewayError('sign-in.busy', 'too many at once')
    if (faults.signIn !== undefined) throw new GatewayError(faults.signIn, 'as the test wants it')
    const owner = all.get(credentials.name)
    if (owner?.password !== credentials.password) throw new GatewayError('sign-in.refused', 'no')
    return credentials.name
  }

  async function open(name: string): Promise<Maildrop> {
    const owner = all.get(name)
    await options.signInGate
    if (owner === undefined || owner.held) throw new GatewayError('maildrop.in-use', 'another session has it')
    owner.held = true
    return maildrop(name, owner)
  }

  /** One step for each response; the first is there already when the client sent it with AUTH. */
  function exchange(
    steps: readonly ((text: string) => Promise<SaslReply<Maildrop>>)[],
  ): SaslExchange<Maildrop> {
    let next = 0
    return {
      async respond(response) {
        if (response === undefined) return challenge('')
        const step = steps[next++]
        if (step === undefined) throw new Error('the exchange is over')
        return step(response.toString('utf8'))
      },
      abandon: () => void (abandoned += 1),
    }
  }

  /** RFC 4616, without an authorisation identity. */
  function plain(): SaslExchange<Maildrop> {
    return exchange([
      async (text) => {
        const [, name, password] = /^\0([^\0]+)\0([^\0]+)$/.exec(text) ?? []
        if (name === undefined || password === undefined)
          throw new GatewayError('sign-in.malformed', 'not PLAIN')
        return { kind: 'done', outcome: await signIn({ name, password }) }
      },
    ])
  }

  /** In the shape of SCRAM, with none of its arithmetic: name, password, and an empty response to the server's proof. */
  function scramLike(): SaslExchange<Maildrop> {
    let name = ''
    return exchange([
      async (text) => {
        name = text
        return challenge('r=server')
      },
      async (password) => {
        name = check({ name, password })
        return challenge('v=proof')
      },
      async (text) => {
        if (text !== '') throw new GatewayError('sign-in.malformed', 'not empty')
        return { kind: 'done', outcome: await open(name) }
      },
    ])
  }

  return {
    accounts: all,
    marked,
    get abandoned() {
      return abandoned
    },
    authenticate: (mechanism) => (mechanism === 'PLAIN' ? plain() : scramLike()),
    signIn,
    seen,
    get octetsRead() {
      return octetsRead
    },
    get openMessages() {
      return openMessages
    },
  }
}

function challenge(text: string): SaslReply<never> {
  return { kind: 'challenge', octets: Buffer.from(text) }
}
