/**
 * What is written down of an account and an address, in one statement: every sign-in asks for it, over all processes.
 * Compiled once, because putting a query together costs more than running this one.
 */
import { type Kysely, sql } from 'kysely'
import type { AttemptTables } from './attempt-tables.js'

export interface CountsWanted {
  readonly account: string
  readonly address: string
  /** Older failures of the address do not count. Milliseconds since 1970. */
  readonly addressSince: number
  /** Nobody looks at an older attempt any more: it counts as a failure. */
  readonly flightSince: number
}

export interface Counts {
  /** Attempts of the address that count. */
  readonly ofAddress: number
  /** When the account's block ends, in milliseconds since 1970; 0 without one. */
  readonly until: number
  /** The account's failures in a row. */
  readonly failures: number
  /** Attempts that may still become some. */
  readonly inFlight: number
}

/** @param within the database, or a transaction on it */
export type CountQuery = (within: Kysely<AttemptTables>, wanted: CountsWanted) => Promise<Counts>

/** Named as a database names columns; an engine may give large numbers as text. */
interface Row {
  readonly of_address: number | string
  readonly until: number | string | null
  readonly of_account: number | string
  readonly in_flight: number | string
}

export function compileCounts(db: Kysely<AttemptTables>): CountQuery {
  const query = sql<Row>`select
    (select count(*) from attempt where address = ${''} and at > ${0}) as of_address,
    (select until from block where account = ${''}) as until,
    (select count(*) from attempt where account = ${''}) as of_account,
    (select count(*) from attempt where account = ${''} and in_flight = 1 and at > ${0}) as in_flight`.compile(
    db,
  )

  return async (within, { account, address, addressSince, flightSince }) => {
    const parameters = [address, addressSince, account, account, account, flightSince]
    const { rows } = await within.executeQuery<Row>({ ...query, parameters })
    const row = rows[0]
    if (row === undefined) throw new Error('a select without a table gave no row')
    const inFlight = Number(row.in_flight)
    return {
      ofAddress: Number(row.of_address),
      until: Number(row.until ?? 0),
      failures: Number(row.of_account) - inFlight,
      inFlight,
    }
  }
}
