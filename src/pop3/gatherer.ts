/** Output on its way to one write: text and octets in the order in which they came, in few pieces. */

export interface Gatherer {
  text(more: string): void
  /** They must not change afterwards. */
  octets(octets: Buffer): void
  /** Octets so far; a character of text counts as one. */
  readonly size: number
  /** All of it, and nothing is left. Small pieces are copied into one, which is cheaper to write than many. */
  take(): readonly Buffer[]
}

export function createGatherer(): Gatherer {
  let pieces: Buffer[] = []
  let text = ''
  let size = 0

  function settleText(): void {
    if (text === '') return
    pieces.push(Buffer.from(text))
    text = ''
  }

  return {
    text(more) {
      text += more
      size += more.length
    },
    octets(octets) {
      if (octets.length === 0) return
      settleText()
      pieces.push(octets)
      size += octets.length
    },
    get size() {
      return size
    },
    take() {
      settleText()
      const all = pieces
      const large = size >= all.length * 8192
      pieces = []
      size = 0
      return all.length < 2 || large ? all : [Buffer.concat(all)]
    },
  }
}
