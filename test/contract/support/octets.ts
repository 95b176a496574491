/** Octets of messages, for tests that compare them. */

/** All octets of a stream as text, one character an octet. */
export async function textOf(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all).toString('latin1')
}

/** Octets of a text, one octet a character. */
export function octetsOf(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

/** A message of exactly that many octets, its line ends CRLF and no two lines alike. */
export function messageOf(octets: number): string {
  let text = 'Subject: test\r\n\r\n'
  for (let line = 0; text.length < octets; line += 1) text += `line ${line} of a test\r\n`
  return `${text.slice(0, octets - 2)}\r\n`
}
