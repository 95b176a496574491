/** Base64 as SASL profiles send it (RFC 4648 §4): one spelling for each octet string, nothing between or behind. */

/** @returns `undefined` for anything but the canonical form: wrong padding, other alphabets, spaces, stray bits */
export function decodeBase64(text: string): Buffer | undefined {
  const octets = Buffer.from(text, 'base64')
  return octets.toString('base64') === text ? octets : undefined
}

/**
 * What a client sent behind `AUTH` or as an answer, decoded. `=` is the empty response (RFC 4954 §4, RFC 5034 §4);
 * an empty line is one too. The protocol has looked for `*` before.
 */
export function decodeResponse(text: string): Buffer | undefined {
  return text === '=' ? Buffer.alloc(0) : decodeBase64(text)
}
