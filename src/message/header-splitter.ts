/**
 * Takes the header of a message apart while it streams by: one field at a time, however it is segmented. Pure.
 * Source: RFC 5322 §2.2 (fields, folding), §2.1 (the empty line that ends the header).
 */

export interface HeaderField {
  /** Lower case; empty for a line that is no field. */
  readonly name: string
  /** As it stands, with every line end of it; cut off at the splitter's bound. */
  readonly octets: Buffer
  /** Whether octets were cut off. */
  readonly cut: boolean
}

export interface SplitHeader {
  /** Those that this chunk completed. */
  readonly fields: readonly HeaderField[]
  /** What follows the last field, the empty line first; `undefined` while the header goes on. */
  readonly body: Buffer | undefined
}

export interface HeaderSplitter {
  /** Not to be called again once there is a body. */
  push(chunk: Buffer): SplitHeader
  /** The message ended within its header. */
  end(): readonly HeaderField[]
}

const LF = 0x0a
const SPACE = 0x20
const TAB = 0x09
/** No name of a field is longer than its line may be (RFC 5322 §2.1.1). */
const NAME_OCTETS = 998

/** @param maxFieldOctets how much of one field is kept */
export function createHeaderSplitter(maxFieldOctets: number): HeaderSplitter {
  /** The field that may still go on, and the line of which the end has not come. */
  const field = createBounded(maxFieldOctets)
  const line = createBounded(maxFieldOctets)

  function takeField(): readonly HeaderField[] {
    if (field.isEmpty) return []
    const { octets, cut } = field.take()
    return [{ name: nameOf(octets), octets, cut }]
  }

  /** A whole line: it goes on with the field, or begins another. */
  function takeLine(): readonly HeaderField[] {
    const { octets, cut } = line.take()
    const folded = octets[0] === SPACE || octets[0] === TAB
    const ended = folded ? [] : takeField()
    field.add(octets, cut)
    return ended
  }

  return {
    push(chunk) {
      const fields: HeaderField[] = []
      for (let at = 0; at < chunk.length;) {
        const lf = chunk.indexOf(LF, at)
        const end = lf === -1 ? chunk.length : lf + 1
        line.add(chunk.subarray(at, end), false)
        at = end
        if (lf === -1) break
        if (line.isEmptyLine) {
          fields.push(...takeField())
          return { fields, body: Buffer.concat([line.take().octets, chunk.subarray(at)]) }
        }
        fields.push(...takeLine())
      }
      return { fields, body: undefined }
    },
    end: () => [...(line.isEmpty ? [] : takeLine()), ...takeField()],
  }
}

/** Octets put together, and cut off at a bound. */
function createBounded(maxOctets: number) {
  let pieces: Buffer[] = []
  let length = 0
  let wasCut = false

  function joined(): Buffer {
    const [only] = pieces
    return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces)
  }

  return {
    add(piece: Buffer, cut: boolean): void {
      const room = maxOctets - length
      wasCut ||= cut || piece.length > room
      if (room <= 0) return
      pieces.push(piece.subarray(0, room))
      length += Math.min(piece.length, room)
    },
    take(): { readonly octets: Buffer; readonly cut: boolean } {
      const taken = { octets: joined(), cut: wasCut }
      pieces = []
      length = 0
      wasCut = false
      return taken
    },
    get isEmpty() {
      return length === 0
    },
    get isEmptyLine() {
      return length <= 2 && /^\r?\n$/.test(joined().toString('latin1'))
    },
  }
}

function nameOf(octets: Buffer): string {
  const [, name = ''] = /^([!-9;-~]+)[ \t]*:/.exec(octets.toString('latin1', 0, NAME_OCTETS)) ?? []
  return name.toLowerCase()
}
