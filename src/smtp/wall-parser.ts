/**
 * The wall's reader of octets, in the place of the library's: commands end with CRLF alone, dots are taken off as
 * RFC 5321 §4.5.2 says, and the work is linear in what arrives. Part of the wall (`wall.ts`).
 */
import { SMTPStream } from 'smtp-server/lib/smtp-stream.js'
import { createCommandCutter, type Cut } from './command-cutter.js'
import { createDotUnstuffer } from './dot-unstuffer.js'

/** Longest line that is read at all; what may be that long is decided command by command. */
const LINE_OCTETS = 16 * 1024

/** Commands taken from one chunk before others have a turn. */
const COMMANDS_IN_A_ROW = 100

type Done = (error?: Error | null) => void

export interface ParserListener {
  /** Takes one command; the next is cut once it has called back. */
  command(octets: Buffer, next: () => void): void
  /** What arrived is no command and never will be; nothing more is read. */
  nonsense(kind: Exclude<Cut['kind'], 'command'>): void
}

export class WalledParser extends SMTPStream {
  readonly #listener: ParserListener
  readonly #commands = createCommandCutter(LINE_OCTETS)
  #message = createDotUnstuffer()

  constructor(listener: ParserListener) {
    super()
    this.#listener = listener
  }

  override startDataMode(maxBytes?: number | string | null): ReturnType<SMTPStream['startDataMode']> {
    this.#message = createDotUnstuffer()
    return super.startDataMode(maxBytes)
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding | 'buffer', done: Done): void {
    if (this.isClosed) return done()
    if (this._dataMode) return this._feedDataStream(chunk, done)
    this.#commands.push(chunk)
    return this.#nextCommand(COMMANDS_IN_A_ROW, done)
  }

  #nextCommand(budget: number, done: Done): void {
    for (let left = budget; ; left -= 1) {
      // The connection went away, or a new parser reads behind STARTTLS: nothing of what is left may run.
      if (this.isClosed) return done()
      if (this._dataMode) return this._feedDataStream(this.#commands.rest(), done)
      if (left === 0) return void setImmediate(() => this.#nextCommand(COMMANDS_IN_A_ROW, done))
      const cut = this.#commands.next()
      if (cut === undefined) return done()
      if (cut.kind !== 'command') return this.#listener.nonsense(cut.kind)
      let within = true
      let finished = false
      this.#listener.command(cut.octets, () => {
        finished = true
        if (!within) this.#nextCommand(COMMANDS_IN_A_ROW, done)
      })
      within = false
      if (!finished) return undefined
    }
  }

  override _feedDataStream(chunk: Buffer, done: Done): void {
    const stream = this._dataStream
    if (stream === null) return done()
    const { octets, rest } = this.#message.push(chunk)
    this._countDataBytes(octets.length)
    if (rest !== undefined) return this._endDataMode(octets, rest, done)
    if (octets.length === 0 || !stream.writable || stream.write(octets)) return done()
    // A stream that is destroyed never drains.
    const go = (): void => {
      stream.off('drain', go)
      stream.off('close', go)
      done()
    }
    stream.on('drain', go)
    stream.on('close', go)
    return undefined
  }

  /** An unfinished command at the end of the input is none. */
  override _flushData(): void {}
}
