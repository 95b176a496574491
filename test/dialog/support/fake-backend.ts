/** Maildrops in memory, with every fault a test asks for, that count what was asked of them. */

import { GatewayError } from '../../../src/base/errors.ts'
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
  /** Closing a message or a maildrop throws. */
  closeFails?: boolean
}

export interface FakeBackendOptions {
  /** Octets of a chunk; small ones put every boundary to the test. */
  readonly chunkOctets?: number
  readonly faults?: Faults
  /** Awaited by every sign-in once the password was found right. */
  readonly signInGate?: Promise<void>
  /** Awaited before every chunk but a message's first. */
  readonly chunkGate?: Promise<void>
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

  function openMessage(message: FakeMessage): StoredMessage {
    openMessages += 1
    return {
      chunks: () => chunks(message),
      async close() {
        openMessages -= 1
        if (faults.closeFails === true) throw new Error('close failed')
      },
    }
  }

  function maildrop(name: string, owner: FakeAccount): Maildrop {
    const entries = owner.messages.map(({ number, uid, content }) => ({
      number,
      uid,
      octets: content.length,
    }))
    return {
      entries,
      async open(entry) {
        storeUp()
        const message = owner.messages.find(({ uid }) => uid === entry.uid)
        if (message === undefined || faults.gone?.includes(entry.number))
          throw new GatewayError('message.gone', 'another tool removed it')
        return openMessage(message)
      },
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

  return {
    accounts: all,
    seen,
    get octetsRead() {
      return octetsRead
    },
    get openMessages() {
      return openMessages
    },
    async signIn(credentials) {
      seen.push(credentials)
      options.onSignIn?.()
      if (faults.signInBug === true) throw new TypeError('undefined is not a function')
      if (faults.storeAway === true) throw new GatewayError('store.unavailable', 'the folder is gone')
      if (faults.busy === true) throw new GatewayError('sign-in.busy', 'too many at once')
      const owner = all.get(credentials.name)
      if (owner?.password !== credentials.password) throw new GatewayError('sign-in.refused', 'no')
      await options.signInGate
      if (owner.held) throw new GatewayError('maildrop.in-use', 'another session has it')
      owner.held = true
      return maildrop(credentials.name, owner)
    },
  }
}
