/**
 * PBKDF2 on threads of its own, so that file operations never wait behind a hash in the thread pool, and at a
 * lower priority, so that mail goes first when there are not cores enough for both.
 */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

/** PBKDF2-HMAC-SHA3-512 (RFC 8018 §5.2): 64 octets. */
export type Derive = (password: string | Uint8Array, salt: Uint8Array, iterations: number) => Promise<Buffer>

export interface KeyDerivation {
  /** Never more than this many are under way. */
  readonly threads: number
  readonly derive: Derive
  /** Ends the threads; what is under way fails. */
  close(): Promise<void>
}

/** Leaves one core to mail where there are several. */
export const HASHING_THREADS = Math.max(1, availableParallelism() - 1)

/** Threads are started when they are first needed, and do not keep the process alive. */
export function createKeyDerivation(threads = HASHING_THREADS): KeyDerivation {
  const idle: Thread[] = []
  const all = new Set<Thread>()
  const waiting: ((thread: Thread) => void)[] = []

  async function take(): Promise<Thread> {
    const free = idle.pop()
    if (free !== undefined) return free
    if (all.size < threads) {
      const started = startThread()
      all.add(started)
      return started
    }
    return new Promise((resolve) => waiting.push(resolve))
  }

  function giveBack(thread: Thread): void {
    if (thread.ended) all.delete(thread)
    const next = waiting.shift()
    if (next !== undefined) next(thread.ended ? replacement() : thread)
    else if (!thread.ended) idle.push(thread)
  }

  function replacement(): Thread {
    const started = startThread()
    all.add(started)
    return started
  }

  return {
    threads,
    async derive(password, salt, iterations) {
      const thread = await take()
      try {
        return await thread.derive(password, salt, iterations)
      } finally {
        giveBack(thread)
      }
    },
    close: async () => {
      await Promise.all([...all].map((thread) => thread.close()))
    },
  }
}

interface Answer {
  readonly derived?: Uint8Array
  readonly error?: Error
}

interface Thread {
  readonly derive: Derive
  readonly ended: boolean
  close(): Promise<void>
}

/**
 * The thread's whole program. As text, because it must run the same from the built tree and from the source;
 * Linux takes the id of a thread where others take that of a process, and where it does not, nothing is lost.
 */
const PROGRAM = `
  const { parentPort } = require('node:worker_threads')
  const { pbkdf2Sync } = require('node:crypto')
  const { readlinkSync } = require('node:fs')
  const os = require('node:os')
  try {
    os.setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), os.constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {}
  parentPort.on('message', ({ password, salt, iterations }) => {
    try {
      parentPort.postMessage({ derived: pbkdf2Sync(password, salt, iterations, 64, 'sha3-512') })
    } catch (error) {
      parentPort.postMessage({ error })
    }
  })
`

function startThread(): Thread {
  const worker = new Worker(PROGRAM, { eval: true, env: {}, execArgv: [], stdout: false, stderr: false })
  let settle: { resolve(derived: Buffer): void; reject(error: Error): void } | undefined
  let ended = false
  worker.unref()
  worker.on('message', ({ derived, error }: Answer) => {
    if (derived === undefined) settle?.reject(error ?? new Error('no answer'))
    else settle?.resolve(Buffer.from(derived))
  })
  worker.on('error', (error) => {
    ended = true
    settle?.reject(error)
  })
  worker.on('exit', () => {
    ended = true
    settle?.reject(new Error('the hashing thread has ended'))
  })
  return {
    get ended() {
      return ended
    },
    async derive(password, salt, iterations) {
      worker.ref()
      try {
        return await new Promise<Buffer>((resolve, reject) => {
          settle = { resolve, reject }
          worker.postMessage({ password, salt, iterations })
        })
      } finally {
        settle = undefined
        worker.unref()
      }
    },
    async close() {
      await worker.terminate()
    },
  }
}
