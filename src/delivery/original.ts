/**
 * What a notification can give back of a message: its header, or all of it when that is asked for and small enough.
 * Kept while the message goes by, because later nobody could read it again. Pure but for its memory.
 */

/** Longer headers are cut at a line end, and longer messages are given back as their header. */
const MOST_HEADER_OCTETS = 64 * 1024
const MOST_WHOLE_OCTETS = 256 * 1024

export interface Original {
  /** The header without the empty line behind it; each line ended with CRLF. */
  readonly header: Buffer
  /** The whole message, when it was asked for and is at most 256 KiB. */
  readonly whole: Buffer | undefined
}

export interface OriginalKeeper {
  see(chunk: Uint8Array): void
  /** What was kept of all that was seen. */
  kept(): Original
}

/** @param ret what the sender wants back of an undelivered message (RFC 3461 §4.3) */
export function keepOriginal(ret: 'FULL' | 'HDRS' | undefined): OriginalKeeper {
  const most = ret === 'FULL' ? MOST_WHOLE_OCTETS : MOST_HEADER_OCTETS
  const chunks: Buffer[] = []
  let seen = 0
  let held = 0

  return {
    see(chunk) {
      seen += chunk.length
      if (held === most || chunk.length === 0) return
      const part = Buffer.from(chunk.subarray(0, most - held))
      held += part.length
      chunks.push(part)
    },
    kept() {
      const octets = Buffer.concat(chunks)
      return { header: headerOf(octets), whole: ret === 'FULL' && seen === held ? octets : undefined }
    },
  }
}

function headerOf(octets: Buffer): Buffer {
  if (octets.subarray(0, 2).equals(Buffer.from('\r\n'))) return Buffer.alloc(0)
  const beginning = octets.subarray(0, MOST_HEADER_OCTETS)
  const end = beginning.indexOf('\r\n\r\n')
  const lastLineEnd = end === -1 ? beginning.lastIndexOf('\r\n') : end
  return beginning.subarray(0, lastLineEnd === -1 ? 0 : lastLineEnd + 2)
}
