/** Small tools for octets in tests. */

/** All octets of a stream as text, one character an octet. */
export async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString('latin1')
}

/** Octets of a text, one octet a character. */
export function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}
