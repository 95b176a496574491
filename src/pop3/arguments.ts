/**
 * The arguments of POP3 commands: what follows the keyword and one space, as latin1 characters.
 *
 * Exact, by the grammar of RFC 2449 §3 (`command = keyword *(SP param) CRLF`, `param = 1*VCHAR`): one
 * space before each argument and nothing after the last, so that `RETR  1`, `RETR 1 ` and `STAT `
 * are wrong. Only PASS takes the rest of the line as it is, spaces and all (RFC 1939 §7).
 * Text is UTF-8 (RFC 6856 §2 for names); octets that are not are wrong.
 */

/** A parsed argument, or `undefined` for a wrong one. Boxed, because "no argument" can be right. */
export type Parsed<A> = { readonly value: A } | undefined

export interface ArgumentParser<A> {
  /** The arguments in the RFC's own words, for the usage line. */
  readonly syntax: string
  /** The argument is a secret: never logged, and allowed to be long. */
  readonly secret: boolean
  /** @param text what follows the keyword and its space; `undefined` when there was no space */
  parse(text: string | undefined): Parsed<A>
}

/** No argument. */
export const none = parser<undefined>('', (text) => (text === undefined ? { value: undefined } : undefined))

/** A message-number; whether there is such a message is the handler's question. */
export const msg = parser<number>('msg', (text) => decimal(text))

/** A message-number or nothing. */
export const optionalMsg = parser<number | undefined>('[msg]', (text) =>
  text === undefined ? { value: undefined } : decimal(text),
)

/** TOP's two arguments. A count too large for a number is as good as infinite. */
export const msgAndLines = parser<{ readonly msg: number; readonly lines: number }>('msg n', (text) => {
  const space = text?.indexOf(' ') ?? -1
  const number = decimal(text?.slice(0, Math.max(space, 0)))
  const lines = decimal(text?.slice(space + 1))
  return number && lines ? { value: { msg: number.value, lines: lines.value } } : undefined
})

/** A basic language range (RFC 4647 §2.1) or nothing. */
export const optionalRange = parser<string | undefined>('[language-range]', (text) =>
  text === undefined || /^(?:\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)$/.test(text)
    ? { value: text }
    : undefined,
)

/** A mailbox name: UTF-8 without spaces and control characters. */
export const name = parser<string>('name', (text) =>
  // oxlint-disable-next-line no-control-regex -- they are what is refused
  text === undefined || /^$|[\x00-\x20\x7f]/.test(text) ? undefined : utf8(text),
)

/** A password: the rest of the line as it is, UTF-8. */
export const password: ArgumentParser<string> = {
  ...parser<string>('string', (text) => (text === undefined || text === '' ? undefined : utf8(text))),
  secret: true,
}

/** AUTH's: the mechanism in upper case and the initial response, decoded; `=` is an empty one (RFC 5034 §4). */
export const mechanism: ArgumentParser<{ readonly name: string; readonly initial: Buffer | undefined }> = {
  ...parser('mechanism [initial-response]', (text) => {
    const [, name, initial] = /^([A-Za-z0-9_-]{1,20})(?: (\S+))?$/.exec(text ?? '') ?? []
    if (name === undefined) return undefined
    const octets = initial === '=' ? Buffer.alloc(0) : initial === undefined ? undefined : base64(initial)
    return initial !== undefined && octets === undefined
      ? undefined
      : { value: { name: name.toUpperCase(), initial: octets } }
  }),
  secret: true,
}

/** Base64 by the grammar of RFC 5034 §5 alone: nothing is skipped, `=` stands at the end. `undefined` for all else. */
export function base64(text: string): Buffer | undefined {
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)
    ? Buffer.from(text, 'base64')
    : undefined
}

function parser<A>(syntax: string, parse: (text: string | undefined) => Parsed<A>): ArgumentParser<A> {
  return { syntax, secret: false, parse }
}

function decimal(text: string | undefined): Parsed<number> {
  return text !== undefined && /^[0-9]+$/.test(text) ? { value: Number(text) } : undefined
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function utf8(latin1: string): Parsed<string> {
  try {
    return { value: decoder.decode(Buffer.from(latin1, 'latin1')) }
  } catch {
    return undefined
  }
}
