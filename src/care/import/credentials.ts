/**
 * `credentials.txt`: one account a line, `NAME SP PASSWORD`, in clear. Pure.
 * The first space parts them; whatever follows it, spaces included, is the password, but for the line end.
 */
import type { Found } from './found.js'

/** Every account of the text, in order. Blank lines are nothing. */
export function* parseCredentials(text: string): Generator<Found> {
  let number = 0
  for (const line of linesOf(text)) {
    number += 1
    if (line.trim() !== '') yield { place: { kind: 'line', number }, ...parseLine(line) }
  }
}

/** A line without a space may be a password that lost its name: nothing of it is told. */
function parseLine(line: string): Omit<Found, 'place'> {
  const space = line.indexOf(' ')
  if (space === -1) return { name: undefined, secret: { kind: 'no-space' } }
  const [name, password] = [line.slice(0, space), line.slice(space + 1)]
  return { name, secret: password === '' ? { kind: 'no-password' } : { kind: 'password', password } }
}

/** Without making an array of them all. */
function* linesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from)
    const line = text.slice(from, end === -1 ? undefined : end)
    yield line.endsWith('\r') ? line.slice(0, -1) : line
    from = end === -1 ? text.length : end + 1
  }
}
