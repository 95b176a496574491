/**
 * The kinds of value that a setting can have: a port, octets, seconds, addresses.
 *
 * One schema reads every source: text from the command line and the environment, native values from
 * TOML. In the file, text is understood as well, so `port = 2525` and `port = "2525"` are the same.
 * Blanks around text are dropped; words are read without regard to case.
 */
import { isIP } from 'node:net'
import { z } from 'zod'
import { isNetwork, LOOPBACK } from './networks.js'

export interface Kind<T> {
  /** What is expected, with its unit and bounds, to stand after "expected". */
  readonly expected: string
  /** Reads a raw value of any source. Its own messages are never shown; `expected` is. */
  readonly schema: z.ZodType<T>
}

/** Octets by unit, in lower case: SI prefixes count by 1000, IEC prefixes by 1024 (IEC 80000-13). */
const OCTETS_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ['b', 1],
  ['kb', 1000],
  ['mb', 1000 ** 2],
  ['gb', 1000 ** 3],
  ['tb', 1000 ** 4],
  ['kib', 1024],
  ['mib', 1024 ** 2],
  ['gib', 1024 ** 3],
  ['tib', 1024 ** 4],
])

/** A host name: RFC 1123 §2.1 labels, at most 253 octets, the last one not all digits; in lower case. */
export const HOST_NAME: Kind<string> = {
  expected: 'a host name of letters, digits, hyphens and dots, such as "glo2000.ca"',
  schema: z.string().trim().toLowerCase().refine(isHostName),
}

/** A TCP port, or `off` for no listener; 0 takes a free one. */
export const PORT: Kind<number | 'off'> = {
  expected: 'a port from 0 to 65535, or "off"',
  schema: integer(0, 65_535).or(choice(['off'])),
}

/** One of the marks that a local part may hold; empty for `off`. */
export const SEPARATOR: Kind<string> = {
  expected: '"+", "-", "_" or ".", or "off"',
  schema: choice(['+', '-', '_', '.', 'off']).transform((mark) => (mark === 'off' ? '' : mark)),
}

/** A Unix socket by its path, seen from the root folder, or `off` for none. */
export const SOCKET_PATH: Kind<string> = {
  expected: 'the path of a Unix socket, or "off"',
  schema: choice(['off']).or(
    z
      .string()
      .trim()
      .min(1)
      .max(100)
      .refine((path) => !path.includes('\0')),
  ),
}

/** On or off. */
export const SWITCH: Kind<boolean> = {
  expected: '"on" or "off"',
  schema: z.boolean().or(choice(['on', 'off', 'true', 'false']).transform((w) => w === 'on' || w === 'true')),
}

/** A path, relative to the root folder unless it begins with `/`; or `auto`. */
export const FILE_OR_AUTO: Kind<string> = {
  expected: '"auto", or the path of a file, absolute or below the root folder',
  schema: choice(['auto']).or(
    z
      .string()
      .trim()
      .min(1)
      .refine((path) => !/\p{Cc}/u.test(path)),
  ),
}

/** IP addresses to listen on, at least one; each kept once. */
export const ADDRESSES: Kind<readonly string[]> = {
  expected: 'one or more IP addresses separated by commas, such as "127.0.0.1, ::1"',
  schema: list((item) => isIP(item) !== 0).refine((items) => items.length > 0),
}

/** Networks for `matchesNetworks`; `none` is the empty list. */
export const NETWORKS: Kind<readonly string[]> = {
  expected: '"loopback", or IP addresses and networks separated by commas, such as "10.0.0.0/8", or "none"',
  schema: choice(['none'])
    .transform((): readonly string[] => [])
    .or(list((item) => item === LOOPBACK || isNetwork(item))),
}

/** A whole number of `unit`, both bounds included. */
export function whole(unit: string, min: number, max: number): Kind<number> {
  return { expected: `a whole number of ${unit} from ${min} to ${max}`, schema: integer(min, max) }
}

/** A number of octets, from `min` up to what a number holds exactly (2^53 - 1). */
export function octets(min: number): Kind<number> {
  const sizes = z.string().trim().transform(octetsOf).pipe(z.int().min(min))
  return {
    expected: `a whole number of octets from ${min}, or with a unit such as "50 MiB" or "10 MB"`,
    schema: z.int().min(min).or(sizes),
  }
}

/** Octets, or `auto`. */
export function octetsOrAuto(min: number): Kind<number | 'auto'> {
  const { expected, schema } = octets(min)
  return { expected: `"auto", or ${expected}`, schema: schema.or(choice(['auto'])) }
}

/** One of a few words. */
export function word<const W extends string>(...words: readonly W[]): Kind<W> {
  const quoted = words.map((w) => `"${w}"`)
  return {
    expected: `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1) ?? ''}`,
    schema: choice(words),
  }
}

function choice<const W extends string>(words: readonly W[]): z.ZodType<W> {
  return z.string().trim().toLowerCase().pipe(z.enum(words))
}

/** Decimal digits alone: no sign, no leading zero that some would read as octal, no exponent. */
function integer(min: number, max: number): z.ZodType<number> {
  const bounded = z.int().min(min).max(max)
  const digits = z
    .string()
    .trim()
    .regex(/^(?:0|[1-9][0-9]*)$/)
  return bounded.or(digits.transform(Number).pipe(bounded))
}

/** An array of text, or one text with commas; in lower case, doubles dropped. */
function list(isItem: (item: string) => boolean): z.ZodType<readonly string[]> {
  const item = z.string().trim().toLowerCase().refine(isItem)
  const split = z.string().transform((text) => text.split(','))
  return z
    .array(z.string())
    .or(split)
    .pipe(z.array(item))
    .transform((items) => [...new Set(items)])
}

/** `NaN` for what is no size, which no integer check passes. */
function octetsOf(text: string): number {
  const { amount, unit } = /^(?<amount>0|[1-9][0-9]*)(?: *(?<unit>[a-z]+))?$/i.exec(text)?.groups ?? {}
  return Number(amount) * (OCTETS_PER_UNIT.get((unit ?? 'b').toLowerCase()) ?? Number.NaN)
}

function isHostName(name: string): boolean {
  const labels = name.split('.')
  const wellFormed = labels.every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label))
  return wellFormed && name.length <= 253 && !/^[0-9]+$/.test(labels.at(-1) ?? '')
}
