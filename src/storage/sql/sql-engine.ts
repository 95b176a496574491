/** What differs between SQL engines, for the code that they share. */
import type { Kysely } from 'kysely'

export interface SqlEngine<Tables> {
  readonly db: Kysely<Tables>
  /** Runs queries; waits out another process's lock without blocking, and names what failed. May run them again. */
  attempt<Result>(queries: () => Promise<Result>): Promise<Result>
  isUniqueViolation(error: unknown): boolean
}
