/**
 * Command tables: one for each state, one row for each command. The table is the only dispatcher and
 * the documentation. A Map, so that what a client sends never names a property or a method.
 */

import type { ArgumentParser } from './arguments.js'
import type { Pop3Backend } from './backend.js'
import type { Step } from './reply.js'
import type { Session } from './session.js'

/** Decides; never sees the socket. What it throws becomes the reply (`failures.ts`). */
export type Handler<S extends Session, A> = (
  session: S,
  args: A,
  backend: Pop3Backend,
) => Step | Promise<Step>

export interface Row<S extends Session> {
  /** Where the command is written down. */
  readonly source: string
  /** Its arguments in the RFC's words; empty when it takes none. */
  readonly syntax: string
  /** Its argument is a secret. */
  readonly secret: boolean
  /** Carries the command out; `undefined` when its arguments are wrong. */
  run(session: S, args: string | undefined, backend: Pop3Backend): Step | Promise<Step> | undefined
}

export type Table<S extends Session> = ReadonlyMap<string, Row<S>>

export function row<S extends Session, A>(
  source: string,
  args: ArgumentParser<A>,
  handler: Handler<S, A>,
): Row<S> {
  return {
    source,
    syntax: args.syntax,
    secret: args.secret,
    run(session, text, backend) {
      const parsed = args.parse(text)
      return parsed && handler(session, parsed.value, backend)
    },
  }
}

/** @param rows by keyword, in upper case */
export function table<S extends Session>(rows: Readonly<Record<string, Row<S>>>): Table<S> {
  return new Map(Object.entries(rows))
}
