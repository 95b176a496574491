/**
 * Takes the header of a message apart while it streams by: one field at a time, however it is segmented. Pure.
 * Sources: RFC 5322 §2.2 (fields, folding), §2.1 (the empty line that ends the header), §4.5 (blanks before the colon).
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
const CR = 0x0d
const SPACE = 0x20
const TAB = 0x09
const COLON = 0x3a
/** No name of a field is longer than its line may be (RFC 5322 §2.1.1). */
const NAME_OCTETS = 998

/**
 * @param maxFieldOctets how much of one field is kept
 * @param wanted names of fields, lower case, that are worth handing out; all by default. Others may be left out, and
 * cost next to nothing: a header of a million lines is as cheap as a body.
 */
export function createHeaderSplitter(maxFieldOctets: number, wanted?: ReadonlySet<string>): HeaderSplitter {
  const initials = wanted === undefined ? undefined : initialsOf(wanted)
  /** The field that may still go on, and the line of which the end has not come. */
  const field = createBounded(maxFieldOctets)
  const line = createBounded(maxFieldOctets)
  /** Whether the field that goes on is none that is wanted, and whether the chunk before ended within a line of it. */
  let skippingField = false
  let skippingLine = false

  /** Whether a line that begins so cannot belong to a field that is wanted. */
  function maySkip(first: number | undefined): boolean {
    if (initials === undefined || first === undefined || first === CR || first === LF) return false
    return first === SPACE || first === TAB ? skippingField : !initials.has(first)
  }

  function takeField(): HeaderField | undefined {
    if (field.isEmpty) return undefined
    const { octets, cut } = field.take()
    return { name: nameOf(octets, cut), octets, cut }
  }

  return {
    push(chunk) {
      const fields: HeaderField[] = []
      for (let at = 0; at < chunk.length;) {
        const lf = chunk.indexOf(LF, at)
        const end = lf === -1 ? chunk.length : lf + 1
        if (skippingLine || (line.isEmpty && maySkip(chunk[at]))) {
          const ended = skippingField ? undefined : takeField()
          if (ended !== undefined) fields.push(ended)
          skippingField = true
          skippingLine = lf === -1
          at = end
          continue
        }
        line.add(chunk.subarray(at, end), false)
        at = end
        if (lf === -1) break
        const { octets, cut } = line.take()
        const ended = isFolded(octets) ? undefined : takeField()
        if (ended !== undefined) fields.push(ended)
        skippingField = false
        if (isEmptyLine(octets)) return { fields, body: Buffer.concat([octets, chunk.subarray(at)]) }
        field.add(octets, cut)
      }
      return { fields, body: undefined }
    },
    end() {
      const { octets, cut } = line.take()
      const before = octets.length === 0 || isFolded(octets) ? undefined : takeField()
      field.add(octets, cut)
      return [before, takeField()].filter((ended) => ended !== undefined)
    },
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
      if (room <= 0 || piece.length === 0) return
      pieces.push(piece.length > room ? piece.subarray(0, room) : piece)
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
  }
}

function initialsOf(names: ReadonlySet<string>): ReadonlySet<number> {
  const letters = [...names].map((name) => name.charAt(0))
  return new Set(letters.flatMap((letter) => [letter.charCodeAt(0), letter.toUpperCase().charCodeAt(0)]))
}

function isFolded(line: Buffer): boolean {
  return line[0] === SPACE || line[0] === TAB
}

function isEmptyLine(line: Buffer): boolean {
  return line[0] === LF || (line.length === 2 && line[0] === CR)
}

/** Blanks and folds may stand before the colon (RFC 5322 §4.5.8); where they were cut off, a colon may have followed. */
function nameOf(octets: Buffer, cut: boolean): string {
  const [name = ''] = /^[!-9;-~]+/.exec(octets.toString('latin1', 0, NAME_OCTETS)) ?? []
  let at = name.length
  while (isBlank(octets[at])) at += 1
  return octets[at] === COLON || (cut && at === octets.length) ? name.toLowerCase() : ''
}

function isBlank(octet: number | undefined): boolean {
  return octet === SPACE || octet === TAB || octet === CR || octet === LF
}
