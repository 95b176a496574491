/**
 * The structured log as the areas see it; gateway brings the real one.
 * Never carries a password, a message body or AUTH data.
 */

/** Plain facts of one log line: ids, names, octets. Keys are camelCase. */
export type LogFields = Readonly<Record<string, unknown>>

export interface Log {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  /** A log whose every line also carries `fields`: one child for each connection. */
  child(fields: LogFields): Log
}

/** Says nothing; for tests and for tools that report in another way. */
export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLog,
}
