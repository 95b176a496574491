/**
 * A copy of a message on its way into `lost/`. One that the sender was promised fails aloud; one that is kept
 * only out of care (its recipient was refused already) fails quietly, so that its trouble is nobody else's.
 */
import { GatewayError } from '../base/errors.js'
import type { Log } from '../base/log.js'
import type { LostCircumstances } from '../lost/block.js'
import type { LostFolder } from '../lost/lost-folder.js'
import type { IncomingMessage } from '../ports/mailbox-store.js'

export interface LostCopy {
  readonly id: string
  readonly circumstances: LostCircumstances
  /** @throws GatewayError `store.*` when the copy is promised */
  write(chunk: Uint8Array): Promise<void>
  /** Answers whether it is kept now. @throws GatewayError `store.*` when the copy is promised */
  commit(): Promise<boolean>
  abort(): Promise<void>
}

/** A copy on which a 250 depends. @throws GatewayError `store.*` */
export async function openPromisedCopy(
  lost: LostFolder,
  circumstances: LostCircumstances,
): Promise<LostCopy> {
  const message = await lost.begin(circumstances)
  return {
    id: message.id,
    circumstances,
    write: (chunk) => message.write(chunk),
    async commit() {
      await commitWhole(message)
      return true
    },
    abort: () => message.abort(),
  }
}

/** A copy that nobody was promised; `undefined` when not even its beginning could be kept. */
export async function openQuietCopy(
  lost: LostFolder,
  log: Log,
  circumstances: LostCircumstances,
): Promise<LostCopy | undefined> {
  let copy: LostCopy | undefined

  async function attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      return copy !== undefined
    } catch (error) {
      log.warn(
        { id: copy?.id, err: error },
        'a message whose recipient was refused could not be kept in lost/',
      )
      await copy?.abort()
      copy = undefined
      return false
    }
  }

  await attempt(async () => {
    copy = await openPromisedCopy(lost, circumstances)
  })
  if (copy === undefined) return undefined
  return {
    id: copy.id,
    circumstances,
    async write(chunk) {
      await attempt(async () => copy?.write(chunk))
    },
    commit: () => attempt(async () => void (await copy?.commit())),
    async abort() {
      await copy?.abort()
    },
  }
}

/** Commits a message of one mailbox. @throws GatewayError `store.*` when that mailbox failed */
async function commitWhole(message: IncomingMessage): Promise<void> {
  for (const outcome of await message.commit()) {
    if (outcome.stored) continue
    if (outcome.cause instanceof GatewayError) throw outcome.cause
    throw new GatewayError('store.unavailable', 'the lost folder could not take a message', {
      cause: outcome.cause,
    })
  }
}
