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

export interface LostCopyOptions {
  readonly lost: LostFolder
  readonly log: Log
  /** Whether a 250 depends on it. */
  readonly promised: boolean
}

/** @throws GatewayError `store.*` */
export async function openLostCopy(
  options: LostCopyOptions,
  circumstances: LostCircumstances,
): Promise<LostCopy> {
  const { lost, log, promised } = options
  const message = await lost.begin(circumstances)
  let failed = false

  async function attempt(work: () => Promise<void>): Promise<boolean> {
    if (failed) return false
    try {
      await work()
      return true
    } catch (error) {
      if (promised) throw error
      failed = true
      log.warn(
        { id: message.id, err: error },
        'a message whose recipient was refused could not be kept in lost/',
      )
      await message.abort()
      return false
    }
  }

  return {
    id: message.id,
    circumstances,
    async write(chunk) {
      await attempt(() => message.write(chunk))
    },
    commit: () => attempt(() => commitWhole(message)),
    abort: () => message.abort(),
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
