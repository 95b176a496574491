/** The lost folder: keeps what reached nobody, with the reason on top, and shows it again. It decides nothing. */
import { failureCode, systemCode } from '../base/errors.js'
import type { IncomingMessage, MailboxStore, MailboxView, MaildropEntry } from '../ports/mailbox-store.js'
import { beginsBlock, lostBlock, readLostBlock, type LostCircumstances } from './block.js'

export interface LostFolder {
  /**
   * Whether a message from this client may be kept although it is answered with 5xx. The folder by itself takes
   * everything; `lost-keeper.ts` sets its bounds.
   */
  admits(clientAddress: string): Promise<boolean>
  /** Starts a message whose first octets are the block that says why it is here. */
  begin(circumstances: LostCircumstances): Promise<IncomingMessage>
  /** What lies there now. @throws GatewayError `store.unavailable` */
  view(): Promise<LostView>
}

export interface LostEntry {
  /** The id that the sender was told. */
  readonly id: string
  /** All octets, the block counted. */
  readonly octets: number
  /** `undefined` for a message that another tool put there, or that cannot be read. */
  readonly circumstances: LostCircumstances | undefined
  /** How much of the octets is the block; 0 when there is none. */
  readonly blockOctets: number
}

/** The folder as it was when it was looked at. */
export interface LostView {
  /** The oldest first, each read when it is asked for; what is removed meanwhile is passed over. */
  entries(): AsyncIterable<LostEntry>
  /** The message behind the block. @throws GatewayError `message.gone`, `store.unavailable` */
  message(entry: LostEntry): AsyncIterable<Buffer>
  /** The message under the block. @throws GatewayError `message.gone`, `store.unavailable` */
  whole(entry: LostEntry): AsyncIterable<Buffer>
  /** Removes entries for good; answers those that are still there. @throws GatewayError `store.unavailable` */
  remove(entries: readonly LostEntry[]): Promise<readonly LostEntry[]>
}

/** A thousand of the longest recipients take less. */
const MOST_BLOCK_OCTETS = 1024 * 1024
const UNREADABLE: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EIO'])
/** Files that are read at once. */
const AT_ONCE = 8

export function createLostFolder(mailboxes: MailboxStore): LostFolder {
  return {
    admits: async () => true,
    async begin(circumstances) {
      const message = await mailboxes.begin([{ kind: 'lost' }])
      try {
        await message.write(Buffer.from(lostBlock(circumstances)))
      } catch (error) {
        await message.abort()
        throw error
      }
      return message
    },
    view: async () => lostView(await mailboxes.view({ kind: 'lost' })),
  }
}

function lostView(view: MailboxView): LostView {
  const byId = new Map(view.entries.map((entry) => [entry.uid, entry]))

  function fileOf({ id }: LostEntry): MaildropEntry {
    const file = byId.get(id)
    if (file === undefined) throw new Error(`no entry ${id} was listed`)
    return file
  }

  return {
    async *entries() {
      for (let at = 0; at < view.entries.length; at += AT_ONCE) {
        const read = await Promise.all(
          view.entries.slice(at, at + AT_ONCE).map((file) => readEntry(view, file)),
        )
        for (const entry of read) if (entry !== undefined) yield entry
      }
    },
    message: (entry) => behind(octetsOf(view, fileOf(entry)), entry.blockOctets),
    whole: (entry) => octetsOf(view, fileOf(entry)),
    async remove(entries) {
      const left = new Set((await view.remove(entries.map(fileOf))).map(({ uid }) => uid))
      return entries.filter(({ id }) => left.has(id))
    },
  }
}

/** `undefined` when it is gone. */
async function readEntry(view: MailboxView, file: MaildropEntry): Promise<LostEntry | undefined> {
  const { uid: id, octets } = file
  try {
    const block = await readBlock(octetsOf(view, file))
    return { id, octets, circumstances: block?.circumstances, blockOctets: block?.octets ?? 0 }
  } catch (error) {
    if (failureCode(error) === 'message.gone') return undefined
    // One file that cannot be read hides no other.
    if (!UNREADABLE.has(systemCode(error) ?? '')) throw error
    return { id, octets, circumstances: undefined, blockOctets: 0 }
  }
}

async function readBlock(chunks: AsyncIterable<Buffer>): Promise<ReturnType<typeof readLostBlock>> {
  let octets = Buffer.alloc(0)
  for await (const chunk of chunks) {
    octets = Buffer.concat([octets, chunk])
    const block = readLostBlock(octets)
    if (block !== undefined || !beginsBlock(octets) || octets.length > MOST_BLOCK_OCTETS) return block
  }
  return undefined
}

async function* octetsOf(view: MailboxView, file: MaildropEntry): AsyncIterable<Buffer> {
  const message = await view.open(file)
  try {
    yield* message.chunks()
  } finally {
    await message.close()
  }
}

/** All but so many octets at the beginning. */
async function* behind(chunks: AsyncIterable<Buffer>, octets: number): AsyncIterable<Buffer> {
  let left = octets
  for await (const chunk of chunks) {
    const rest = chunk.subarray(Math.min(left, chunk.length))
    left -= chunk.length - rest.length
    if (rest.length > 0) yield rest
  }
}
