/** Text of strangers on a terminal: nothing in it moves the cursor, changes colours or the order of reading. */

/** C0 and C1 controls, line and paragraph separators, marks of direction, and what has no glyph of its own. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu

/** One line: whatever could act on a terminal shows as `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (mark) => `\\u{${mark.codePointAt(0)?.toString(16)}}`)
}

/** JSON of some lines that means the same and is as harmless. */
export function printableJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2)
  return text.replace(UNSAFE, (mark) => (mark === '\n' ? mark : escapedUnits(mark)))
}

/** As JSON escapes what lies outside the first plane: both halves. */
function escapedUnits(mark: string): string {
  return mark
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}
