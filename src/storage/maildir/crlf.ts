/**
 * Message files of other tools may end their lines with a bare LF, and the last one not at all; on the wire every line
 * ends with CRLF.
 * What POP3 announces as octets counts them so (RFC 1939 §11), and this is where it becomes true: a file that gives
 * more octets or fewer than were announced, because a tool wrote it anew, is refused.
 */
import { GatewayError } from '../../base/errors.js'

const LF = 0x0a
const CR = 0x0d
const CRLF = Buffer.from('\r\n')
/** What the port allows; a chunk of nothing but LF doubles. */
const LARGEST_CHUNK_OCTETS = 65_536

/**
 * The same octets with a CR before every bare LF, in chunks of at most 64 KiB; a line end may lie across two.
 * @param octets how many are announced; if that counts a CRLF after a last line without an end, this is sent too
 * @throws GatewayError `message.gone` as soon as it is seen that they are more or fewer
 */
export async function* withCrlf(chunks: AsyncIterable<Uint8Array>, octets: number): AsyncIterable<Buffer> {
  let last: number | undefined
  let missing = octets
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue
    const converted = convert(chunk, last === CR)
    missing -= converted.length
    if (missing < 0) throw otherOctets()
    yield* inChunks(converted)
    last = chunk[chunk.length - 1]
  }
  const end = endOf(last, missing)
  if (end === undefined) throw otherOctets()
  if (end.length > 0) yield end
}

/** The same for a whole message. @throws GatewayError `message.gone` */
export function wholeWithCrlf(whole: Uint8Array, octets: number): Buffer {
  const converted = convert(whole, false)
  const end = endOf(whole[whole.length - 1], octets - converted.length)
  if (end === undefined) throw otherOctets()
  return end.length > 0 ? Buffer.concat([converted, end]) : converted
}

/** Octets in pieces of at most 64 KiB; no octets in none. */
export function inChunks(octets: Buffer): readonly Buffer[] {
  if (octets.length === 0) return []
  if (octets.length <= LARGEST_CHUNK_OCTETS) return [octets]
  const chunks: Buffer[] = []
  for (let at = 0; at < octets.length; at += LARGEST_CHUNK_OCTETS)
    chunks.push(octets.subarray(at, at + LARGEST_CHUNK_OCTETS))
  return chunks
}

/** What follows the last octet; undefined if the message is not what was announced. */
function endOf(last: number | undefined, missing: number): Buffer | undefined {
  if (missing === 0) return CRLF.subarray(0, 0)
  return missing === CRLF.length && last !== LF && last !== undefined ? CRLF : undefined
}

function otherOctets(): GatewayError {
  return new GatewayError('message.gone', 'the message is not as long any more as it was announced')
}

function convert(chunk: Uint8Array, afterCr: boolean): Buffer {
  const pieces: Uint8Array[] = []
  let from = 0
  for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, at + 1)) {
    const bare = at === 0 ? !afterCr : chunk[at - 1] !== CR
    if (!bare) continue
    pieces.push(chunk.subarray(from, at), CRLF)
    from = at + 1
  }
  pieces.push(chunk.subarray(from))
  return Buffer.concat(pieces)
}
