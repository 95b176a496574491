/** What a failed file operation means to the house. */
import { MaildirError } from 'maildir-ts'
import { GatewayError, systemCode } from '../../base/errors.js'

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** A failure of the file system as a `GatewayError`; what is none (a bug) passes unchanged. */
export function storeFailure(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof GatewayError) return error
  const code = error instanceof MaildirError ? error.code : systemCode(error)
  if (code === undefined) return error
  if (FULL.has(code)) return new GatewayError('store.full', 'no space left in the store', { cause: error })
  return new GatewayError('store.unavailable', `the store failed: ${error.message}`, { cause: error })
}

/** Runs file operations; their failures come out as `GatewayError`. */
export async function inStoreTerms<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw storeFailure(error)
  }
}

/** Reads from files; their failures come out as `GatewayError`. */
export async function* readInStoreTerms<Chunk>(chunks: AsyncIterable<Chunk>): AsyncIterable<Chunk> {
  try {
    yield* chunks
  } catch (error) {
    throw storeFailure(error)
  }
}
