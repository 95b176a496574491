/** A mailbox store in memory that fails where a test's script says so. */
import { GatewayError } from '../../../src/base/errors.ts'
import type {
  IncomingMessage,
  MailboxId,
  MailboxStore,
  StoreOutcome,
} from '../../../src/ports/mailbox-store.ts'

/** What a step throws, the first time or always. */
interface Script {
  readonly begin?: Error
  readonly write?: Error
  /** Thrown by `write` once so many writes have been taken. */
  readonly writeAfter?: readonly [writes: number, error: Error]
  /** Thrown by `commit`: no mailbox has the message. */
  readonly commit?: Error
  readonly read?: Error
  /** Accounts whose mailbox is an outcome that failed. */
  readonly failing?: readonly string[]
  /** Accounts whose mailbox would hold more than its quota. */
  readonly full?: readonly string[]
}

export interface StoreScript {
  readonly accounts?: Script
  readonly lost?: Script
  /** Octets that an account's mailbox holds. */
  readonly used?: Readonly<Record<string, number>>
}

export interface FakeStore {
  readonly mailboxes: MailboxStore
  /** What is visible: account key or `lost` → messages. */
  stored(): Readonly<Record<string, readonly string[]>>
  /** Messages begun and neither aborted nor committed. */
  open(): number
  /** What happened, as `begin m1 alice,bob`, `commit m1`, `abort m1`. */
  readonly steps: readonly string[]
}

export function fakeStore(script: StoreScript = {}): FakeStore {
  const visible = new Map<string, string[]>()
  const open = new Set<string>()
  const steps: string[] = []
  let count = 0

  const nameOf = (mailbox: MailboxId): string => (mailbox.kind === 'lost' ? 'lost' : mailbox.key)

  function store(mailbox: MailboxId, text: string, { failing = [], full = [] }: Script): StoreOutcome {
    const name = nameOf(mailbox)
    if (full.includes(name)) {
      return {
        mailbox,
        stored: false,
        cause: new GatewayError('mailbox.full', `the mailbox of ${name} is full`),
      }
    }
    if (failing.includes(name)) {
      const cause = new GatewayError('store.unavailable', `the mailbox of ${name} is broken`)
      return { mailbox, stored: false, cause }
    }
    visible.set(name, [...(visible.get(name) ?? []), text])
    return { mailbox, stored: true }
  }

  async function begin(mailboxes: readonly MailboxId[]): Promise<IncomingMessage> {
    const kind = mailboxes.some((mailbox) => mailbox.kind === 'lost') ? 'lost' : 'accounts'
    const failures: Script = script[kind] ?? {}
    const id = `m${(count += 1)}`
    steps.push(`begin ${id} ${mailboxes.map(nameOf).join(',')}`)
    if (failures.begin !== undefined) throw failures.begin
    open.add(id)
    const chunks: Buffer[] = []
    let over = false

    return {
      id,
      async write(chunk) {
        if (over) throw new Error(`${id} is over`)
        if (failures.write !== undefined) throw failures.write
        const [most = Infinity, late] = failures.writeAfter ?? []
        if (late !== undefined && chunks.length >= most) throw late
        chunks.push(Buffer.from(chunk))
      },
      async commit() {
        if (over) throw new Error(`${id} is over`)
        steps.push(`commit ${id}`)
        if (failures.commit !== undefined) throw failures.commit
        over = true
        open.delete(id)
        const text = Buffer.concat(chunks).toString('latin1')
        return mailboxes.map((mailbox) => store(mailbox, text, failures))
      },
      async *read() {
        if (failures.read !== undefined) throw failures.read
        yield* chunks
      },
      async abort() {
        steps.push(`abort ${id}`)
        over = true
        open.delete(id)
      },
    }
  }

  const notAsked = async (): Promise<never> => {
    throw new Error('delivery has no business with this')
  }
  return {
    mailboxes: {
      begin,
      usedOctets: async (key) => script.used?.[key] ?? 0,
      create: notAsked,
      retire: notAsked,
      isEmpty: notAsked,
      openMaildrop: notAsked,
      view: notAsked,
      freeOctets: async () => ({ free: 1, total: 1 }),
      close: notAsked,
    },
    stored: () => Object.fromEntries(visible),
    open: () => open.size,
    steps,
  }
}
