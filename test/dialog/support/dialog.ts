/**
 * Dialogue scripts: what a client says and what the server answers, one file for each RFC section.
 *
 *     # a comment
 *     == RFC 1939 §5: NOOP does nothing           a case begins
 *     given: stuck 2                              what is special about it (the protocol's scene knows)
 *     C: NOOP                                     the client sends this line and CRLF
 *     C- NO                                       the same without CRLF
 *     S: +OK                                      the server sends exactly this line and CRLF
 *     S: +OK ...                                  a line that starts with `+OK `
 *     C.                                          the client ends its side (FIN)
 *     T.                                          both sides begin TLS; what comes before it is said turn by turn
 *     S.                                          the server ends its side
 *     kept: alice 1 3                             what is stored in the end (`kept`, `lost`, `trace`)
 *
 * `\xNN`, `\r`, `\n`, `\s` (a space that would not be seen) and `\\` stand for octets, and `\*N{x}` for
 * N times `x`; all other text is UTF-8.
 * A case that begins with `S:` begins with the greeting; every other starts after it. A case without `S.`
 * ends with `C.`.
 */

export type Turn =
  /** Octets as latin1 text. */
  | { readonly who: 'client'; readonly octets: string }
  | { readonly who: 'server'; readonly line: string; readonly open: boolean }
  | { readonly who: 'client-ends' }
  | { readonly who: 'tls' }
  | { readonly who: 'server-ends' }

export interface Dialog {
  readonly name: string
  readonly given: readonly string[]
  readonly turns: readonly Turn[]
  readonly stored: readonly Stored[]
}

/** What must be stored in the end; the protocol's scene says what its text means. */
export interface Stored {
  readonly what: string
  /** Octets as latin1 text. */
  readonly text: string
}

/** @throws Error naming the line that is none of the format */
export function parseDialogs(script: string): readonly Dialog[] {
  const dialogs: { name: string; given: string[]; turns: Turn[]; stored: Stored[] }[] = []
  for (const [index, line] of script.split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue
    if (line.startsWith('== ')) {
      dialogs.push({ name: line.slice(3), given: [], turns: [], stored: [] })
      continue
    }
    const dialog = dialogs.at(-1)
    const turn = parseTurn(line)
    const [, what = '', value = ''] = /^(given|kept|lost|trace): (.*)$/.exec(line) ?? []
    if (dialog === undefined) throw new Error(`line ${index + 1} stands before the first case: ${line}`)
    if (turn !== undefined) dialog.turns.push(turn)
    else if (what === 'given') dialog.given.push(value)
    else if (what !== '') dialog.stored.push({ what, text: octets(value) })
    else throw new Error(`line ${index + 1} is no line of a dialogue: ${line}`)
  }
  return dialogs
}

function parseTurn(line: string): Turn | undefined {
  if (line === 'C.') return { who: 'client-ends' }
  if (line === 'T.') return { who: 'tls' }
  if (line === 'S.') return { who: 'server-ends' }
  const text = octets(line.slice(3))
  if (/^C:( |$)/.test(line)) return { who: 'client', octets: `${text}\r\n` }
  if (line.startsWith('C- ')) return { who: 'client', octets: text }
  if (!/^S:( |$)/.test(line)) return undefined
  const open = text.endsWith(' ...')
  return { who: 'server', line: open ? text.slice(0, -3) : text, open }
}

function octets(text: string): string {
  const latin1 = Buffer.from(text, 'utf8').toString('latin1')
  const plain = latin1.replace(
    /\\(?:x([0-9a-f]{2})|([rns\\]))/g,
    (_, hex: string | undefined, letter: string) =>
      hex === undefined ? letter.replace('r', '\r').replace('n', '\n').replace('s', ' ') : unhex(hex),
  )
  return plain.replace(/\\\*(\d+)\{(.*?)\}/gs, (_, times: string, what: string) => what.repeat(Number(times)))
}

function unhex(hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16))
}
