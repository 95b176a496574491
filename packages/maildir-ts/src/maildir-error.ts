/**
 * The one error of this library: which file operation failed, on which path, and why.
 * It refuses to hide anything: what the system said is the `cause`.
 */

/** Every failure of this library. */
export class MaildirError extends Error {
  override readonly name = 'MaildirError'
  /** the system's code (`ENOSPC`, `ENOENT`, …), `EINVAL` for a wrong argument or state, `EUNKNOWN` for what had none */
  readonly code: string
  /** the file or folder concerned; octets that are no UTF-8 are shown as U+FFFD */
  readonly path: string
  /** what was tried: a member of `FileLayer`, or the library's own call for `EINVAL` */
  readonly operation: string

  constructor(operation: string, path: string | Buffer, code: string, cause?: unknown) {
    super(
      `${operation} ${path.toString()}: ${reason(code, cause)}`,
      cause === undefined ? undefined : { cause },
    )
    this.code = code
    this.path = path.toString()
    this.operation = operation
  }
}

/** Lets a file operation pass and turns its failure into a `MaildirError`. */
export async function guard<T>(operation: string, path: string | Buffer, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw toMaildirError(operation, path, error)
  }
}

/** The same for an operation that is done in place. */
export function guardInPlace<T>(operation: string, path: string | Buffer, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw toMaildirError(operation, path, error)
  }
}

/** A `MaildirError` for anything that was thrown; one that is a `MaildirError` already stays itself. */
export function toMaildirError(operation: string, path: string | Buffer, error: unknown): MaildirError {
  return error instanceof MaildirError ? error : new MaildirError(operation, path, codeOf(error), error)
}

/** The system's code of an error, `EUNKNOWN` if it has none. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'EUNKNOWN'
}

function reason(code: string, cause: unknown): string {
  if (typeof cause === 'string') return `${code}, ${cause}`
  return codeOf(cause) === 'EUNKNOWN' && cause instanceof Error ? `${code}, ${cause.message}` : code
}
