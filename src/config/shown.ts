/** Text from outside, made fit for one line of an error: nothing in it can break or colour a terminal. */

/** Longest part of a found value that a message repeats, in characters. */
const MAX_SHOWN = 60

/** A raw value close to how it was written: text in quotes, control characters escaped, cut at 60 characters. */
export function shown(value: unknown): string {
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : json(value)
  const characters = Array.from(oneLine(text))
  return characters.length <= MAX_SHOWN ? characters.join('') : `${characters.slice(0, MAX_SHOWN).join('')}…`
}

/** `text` with control, format and separator characters as `\u{…}`. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`)
}

function json(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner)) ??
    'nothing'
  )
}
