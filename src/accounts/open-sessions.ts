/** Tells the sessions of an account when it may not have any more: it was removed, or locked, in whatever process. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Log } from '../base/log.js'
import type { Account, AccountDirectory } from '../ports/account-directory.js'

export interface SessionHold {
  /** Aborts when the session must end. */
  readonly revoked: AbortSignal
  /** The session has ended by itself. May be called again. */
  release(): void
}

export interface OpenSessions {
  hold(account: Account): SessionHold
  /** Looks at an account now; called after every change that this process makes. */
  check(key: string): Promise<void>
  close(): void
}

/** How long a session of an account that another process removed may go on. */
const EVERY_MS = 1000
/** Accounts looked at before other work gets its turn. */
const AT_ONCE = 100

export function createOpenSessions(directory: AccountDirectory, log: Log): OpenSessions {
  const held = new Map<string, Set<{ readonly account: Account; readonly controller: AbortController }>>()
  /** Accounts with a session that is new since the last look: theirs may have changed while it was signing in. */
  const fresh = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let lastMark: number | undefined

  async function look(): Promise<void> {
    try {
      const mark = await directory.changeMark()
      const keys = mark === lastMark ? [...fresh] : [...held.keys()]
      fresh.clear()
      lastMark = mark
      await checkAll(keys)
    } catch (error) {
      lastMark = undefined
      log.warn({ err: error }, 'the directory cannot be asked for changes; trying again')
    }
  }

  async function checkAll(keys: readonly string[]): Promise<void> {
    for (const [index, key] of keys.entries()) {
      const now = await directory.find(key)
      for (const { account, controller } of held.get(key) ?? [])
        if (!isSame(now, account) || now?.locked === true) controller.abort()
      if (index % AT_ONCE === AT_ONCE - 1) await nextTurn()
    }
  }

  function start(): void {
    timer ??= setInterval(() => void look(), EVERY_MS).unref()
  }

  function stop(): void {
    clearInterval(timer)
    timer = undefined
  }

  return {
    hold(account) {
      const session = { account, controller: new AbortController() }
      const sessions = held.get(account.key) ?? new Set()
      held.set(account.key, sessions.add(session))
      fresh.add(account.key)
      start()
      return {
        revoked: session.controller.signal,
        release() {
          sessions.delete(session)
          if (sessions.size === 0 && held.get(account.key) === sessions) held.delete(account.key)
          if (held.size === 0) stop()
        },
      }
    },
    check: (key) => checkAll([key]),
    close: stop,
  }
}

/** A name that was removed and given anew is another account. */
function isSame(now: Account | undefined, then: Account): boolean {
  return now?.createdAt.getTime() === then.createdAt.getTime()
}
