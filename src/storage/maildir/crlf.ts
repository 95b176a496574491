/**
 * Message files of other tools may end their lines with a bare LF, and the last one not at all; on the wire every line
 * ends with CRLF.
 * What POP3 announces as octets counts them so (RFC 1939 §11), and this is where it becomes true.
 */

const LF = 0x0a
const CR = 0x0d
const CRLF = Buffer.from('\r\n')
/** What the port allows; a chunk of nothing but LF doubles. */
const LARGEST_CHUNK_OCTETS = 65_536

/**
 * The same octets with a CR before every bare LF, in chunks of at most 64 KiB; a line end may lie across two.
 * @param octets how many are announced; if that counts a CRLF after a last line without an end, this is sent too
 */
export async function* withCrlf(chunks: AsyncIterable<Uint8Array>, octets: number): AsyncIterable<Buffer> {
  let afterCr = false
  let missing = octets
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue
    const converted = convert(chunk, afterCr)
    missing -= converted.length
    for (let at = 0; at < converted.length; at += LARGEST_CHUNK_OCTETS)
      yield converted.subarray(at, at + LARGEST_CHUNK_OCTETS)
    afterCr = chunk[chunk.length - 1] === CR
  }
  if (missing === CRLF.length) yield CRLF
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
