/**
 * SQLite below Kysely: opening, settings and what its errors mean.
 *
 * The driver is synchronous, so a statement that waits for a lock would hold up every connection of the
 * server: it waits a few milliseconds only, and the rest of the waiting is done here, asynchronously.
 */
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { DatabaseSync } from '@photostructure/sqlite'
import { DEFAULT_MIGRATION_TABLE, Kysely, SqliteDialect, type SqliteDatabase } from 'kysely'
import { GatewayError } from '../../base/errors.js'
import { makeFolder } from '../../base/make-folder.js'
import type { SqlEngine } from '../sql/sql-engine.js'

type Database = InstanceType<typeof DatabaseSync>

/** How long one statement may block the event loop for another process's lock. */
const BUSY_TIMEOUT_MS = 10
/** How long a query waits for a lock in all, and how often it asks. */
const PATIENCE_MS = 5000
const RETRY_MS = 20

/** Statements that are kept prepared; ours are some dozens, those of migrations besides. */
const MOST_STATEMENTS = 100

/** Result codes: https://www.sqlite.org/rescode.html */
const BUSY = 5
const IO_ERROR = 10
const FULL = 13
const CORRUPT = 11
const NOT_A_DATABASE = 26
const CONSTRAINT = 19
const CONSTRAINT_UNIQUE = 2067
const CONSTRAINT_PRIMARY_KEY = 1555

export interface SqliteEngine<Tables> extends SqlEngine<Tables> {
  /** Answers something else after another connection has changed the file. */
  dataVersion(): Promise<number>
}

/**
 * @param durable whether a change is on stable storage when its query has ended; else it survives the end of
 * this process, but not that of the machine, and costs no sync
 * @throws GatewayError `store.cannot-create`, `store.damaged`, `store.unavailable`
 */
export async function openSqliteEngine<Tables>(
  file: string,
  durable: boolean,
): Promise<SqliteEngine<Tables>> {
  await prepareFile(file)
  const database = await waitOutLocks(async () => openDatabase(file, durable), file)
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: adapt(database) }) })
  const dataVersion = database.prepare('PRAGMA data_version')
  return {
    db,
    attempt: (queries) => waitOutLocks(queries, file),
    isUniqueViolation: (error) =>
      [CONSTRAINT_UNIQUE, CONSTRAINT_PRIMARY_KEY].includes(resultCode(error) ?? 0),
    dataVersion: () => waitOutLocks(async () => Number(dataVersion.get()?.['data_version']), file),
  }
}

/** Password records are for the owner's eyes only; SQLite gives its side files the same mode. */
async function prepareFile(file: string): Promise<void> {
  await makeFolder(dirname(file))
  try {
    const handle = await open(file, 'a', 0o600)
    await handle.close()
  } catch (error) {
    throw new GatewayError('store.cannot-create', `cannot create ${file}: ${reason(error)}`, { cause: error })
  }
}

function openDatabase(file: string, durable: boolean): Database {
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS })
  try {
    demandSound(database, file)
    const synchronous = durable ? 'FULL' : 'OFF'
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA foreign_keys = ON`)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/**
 * Damage inside is told now, not by the first who needs what is there, and a database that has tables but no list of
 * migrations is another program's. Looked at before anything is set: that would already change the file.
 */
function demandSound(database: Database, file: string): void {
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
  const names = tables.map((row) => String(row['name']))
  if (names.length > 0 && !names.includes(DEFAULT_MIGRATION_TABLE))
    throw new GatewayError(
      'store.damaged',
      `${file} is of another program: it has a table ${names[0]}; nothing was changed`,
    )
  const [row] = database.prepare('PRAGMA quick_check(1)').all()
  const verdict = Object.values(row ?? {})[0]
  if (verdict !== 'ok')
    throw new GatewayError('store.damaged', `${file} is damaged; nothing was changed: ${String(verdict)}`)
}

type Statement = ReturnType<SqliteDatabase['prepare']>

/**
 * The driver takes parameters one by one and knows a reading statement by its columns. Statements are kept:
 * preparing one costs more than running it. How many there are is bounded by how our queries are written.
 */
function adapt(database: Database): SqliteDatabase {
  const prepared = new Map<string, Statement>()

  function prepare(sql: string): Statement {
    const statement = database.prepare(sql)
    return {
      reader: statement.columns().length > 0,
      all: (parameters) => statement.all(...parameters),
      run: (parameters) => statement.run(...parameters),
      iterate: (parameters) => statement.iterate(...parameters),
    }
  }

  return {
    close: () => closeDatabase(database),
    prepare(sql) {
      const known = prepared.get(sql) ?? prepare(sql)
      if (prepared.size < MOST_STATEMENTS) prepared.set(sql, known)
      return known
    },
  }
}

/**
 * The driver cannot finalize its statements, so the log beside the file may stay after the last close:
 * what is in it goes into the file now, so that the file alone is a whole copy.
 */
function closeDatabase(database: Database): void {
  try {
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  } catch {
    // Nothing is lost: the log is read at the next opening.
  }
  database.close()
}

async function waitOutLocks<Result>(queries: () => Promise<Result>, file: string): Promise<Result> {
  for (let waitedMs = 0; ; waitedMs += RETRY_MS) {
    try {
      return await queries()
    } catch (error) {
      if (primaryCode(error) !== BUSY || waitedMs >= PATIENCE_MS) throw named(error, file)
    }
    await delay(RETRY_MS)
  }
}

/** SQLite's failures in the house's terms; constraint violations and what is not SQLite's pass unchanged. */
function named(error: unknown, file: string): unknown {
  switch (primaryCode(error)) {
    case CORRUPT:
    case NOT_A_DATABASE:
      return new GatewayError('store.damaged', `${file} is damaged or no database; nothing was changed`, {
        cause: error,
      })
    case FULL:
      return new GatewayError('store.full', `no space left for ${file}`, { cause: error })
    case BUSY:
      return new GatewayError('store.unavailable', `${file} is locked by another process`, { cause: error })
    case CONSTRAINT:
    case undefined:
      return error
    default:
      return new GatewayError('store.unavailable', `${file} cannot be used: ${reason(error)}`, {
        cause: error,
      })
  }
}

function primaryCode(error: unknown): number | undefined {
  const code = resultCode(error)
  return code === undefined ? undefined : code & 0xff
}

function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined
  if ('errcode' in error && typeof error.errcode === 'number') return error.errcode
  // What fails while rows are read comes without its code; SQLite's words for it never change.
  return 'code' in error && error.code === 'ERR_SQLITE_ERROR' ? CODE_OF_WORDS.get(error.message) : undefined
}

/** As sqlite3_errstr() has them. */
const CODE_OF_WORDS: ReadonlyMap<string, number> = new Map([
  ['database is locked', BUSY],
  ['database disk image is malformed', CORRUPT],
  ['database or disk is full', FULL],
  ['file is not a database', NOT_A_DATABASE],
  ['disk I/O error', IO_ERROR],
])

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
