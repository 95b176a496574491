/** DER (ITU-T X.690), as much as writing a certificate takes; it reads nothing. */

/** One value with tag and length in front; several contents follow one another inside it. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content)]), content])
}

export function sequence(...contents: readonly Uint8Array[]): Buffer {
  return der(0x30, ...contents)
}

export function set(...contents: readonly Uint8Array[]): Buffer {
  return der(0x31, ...contents)
}

/** Not negative; in as few octets as hold it. @param magnitude big-endian */
export function integer(magnitude: Uint8Array): Buffer {
  const first = magnitude.findIndex((octet) => octet !== 0)
  const digits = first === -1 ? Uint8Array.of(0) : magnitude.subarray(first)
  // A highest bit that is set would mean a negative number.
  return der(0x02, Uint8Array.from((digits[0] ?? 0) > 0x7f ? [0] : []), digits)
}

/** @param dotted `1.2.840.10045.4.3.2` */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number)
  return der(0x06, Uint8Array.from([first * 40 + second, ...others].flatMap(base128)))
}

export function utf8(text: string): Buffer {
  return der(0x0c, Buffer.from(text))
}

export function octets(content: Uint8Array): Buffer {
  return der(0x04, content)
}

/** @param unused bits at the end that do not count */
export function bits(content: Uint8Array, unused = 0): Buffer {
  return der(0x03, Uint8Array.of(unused), content)
}

export const TRUE = der(0x01, Uint8Array.of(0xff))

/** Whole seconds: UTCTime until 2049, then GeneralizedTime (RFC 5280 §4.1.2.5). */
export function time(date: Date): Buffer {
  const digits = `${date.toISOString().slice(0, 19).replaceAll(/\D/g, '')}Z`
  return date.getUTCFullYear() < 2050
    ? der(0x17, Buffer.from(digits.slice(2)))
    : der(0x18, Buffer.from(digits))
}

function lengthOf({ length }: Uint8Array): readonly number[] {
  if (length < 0x80) return [length]
  const digits: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256)
  return [0x80 + digits.length, ...digits]
}

/** Seven bits an octet, the highest set on all but the last. */
function base128(value: number): readonly number[] {
  const digits = [value % 128]
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128))
    digits.unshift(0x80 + (rest % 128))
  return digits
}
