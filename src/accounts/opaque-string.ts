/**
 * The one form of a password that is hashed: the OpaqueString profile of PRECIS. Pure.
 *
 * Width is not mapped, spaces of every kind become U+0020, letter case stays, the text is in form C, and
 * direction does not count (RFC 8265 §4.2). Then every code point must be one that the FreeformClass allows, in
 * its context (RFC 8264 §4.3; contexts of RFC 5892, appendix A).
 *
 * The code points are looked at after the mapping, in the order of RFC 8264 §7, so that canonically equivalent
 * passwords are judged alike: Hangul typed as conjoining letters is the same password as Hangul syllables.
 * What counts as assigned is what the Unicode version of the running Node.js says.
 *
 * Sources: RFC 8265 §4.2, RFC 8264 §7 to §9, RFC 5892 §A.
 */
import { JOINS_NEXT, JOINS_PREVIOUS, TRANSPARENT } from './joining-types.js'

/** The mapped form, legal or not (RFC 8265 §4.2.2, rules 2 and 4). */
export function mapOpaqueString(text: string): string {
  return text.replace(/\p{Zs}/gu, ' ').normalize('NFC')
}

/** Whether a mapped text holds only what the FreeformClass allows. Empty text passes; the profile refuses it. */
export function isFreeform(mapped: string): boolean {
  if (DISALLOWED.test(mapped)) return false
  return OUT_OF_CONTEXT.every((rule) => !rule.test(mapped)) && areJoinersInContext(mapped)
}

/** The form to hash, or `undefined` for what is no OpaqueString: empty, or with a code point out of place. */
export function prepareOpaqueString(text: string): string | undefined {
  const mapped = mapOpaqueString(text)
  return mapped !== '' && isFreeform(mapped) ? mapped : undefined
}

/**
 * RFC 8264 §8, each way to DISALLOWED or UNASSIGNED: Exceptions (§9.6), OldHangulJamo (§9.9), and beside
 * PrecisIgnorableProperties (§9.13) and Controls (§9.12) everything of the general categories that no rule
 * allows: format, private use, unassigned, lone surrogates, line and paragraph separators.
 * U+200C and U+200D are JoinControl and looked at in context.
 */
const DISALLOWED = new RegExp(
  [
    String.raw`[\u0640\u07FA\u302E\u302F\u3031-\u3035\u303B]`,
    String.raw`[\u1100-\u11FF\uA960-\uA97C\uD7B0-\uD7C6\uD7CB-\uD7FB]`,
    String.raw`(?![\u200C\u200D])[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]`,
  ].join('|'),
  'u',
)

/** RFC 5892 §A.3 to §A.9, each as a match of the character where it may not stand. */
const OUT_OF_CONTEXT: readonly RegExp[] = [
  // MIDDLE DOT stands between two l, as in Catalan (§A.3).
  /(?<!l)\u00B7|\u00B7(?!l)/u,
  // GREEK LOWER NUMERAL SIGN stands before a Greek letter (§A.4).
  /\u0375(?!\p{Script=Greek})/u,
  // HEBREW PUNCTUATION GERESH and GERSHAYIM stand behind a Hebrew letter (§A.5, §A.6).
  /(?<!\p{Script=Hebrew})[\u05F3\u05F4]/u,
  // KATAKANA MIDDLE DOT stands in text that has Japanese or Chinese characters (§A.7).
  /^[^\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}\u30FB]*\u30FB[^\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]*$/u,
  // Arabic-Indic digits are not mixed with the extended ones (§A.8, §A.9).
  /^(?=[^]*[\u0660-\u0669])[^]*[\u06F0-\u06F9]/u,
]

/** What a ZERO WIDTH NON-JOINER parts: two letters that would join (RFC 5892 §A.1). */
const PARTED = new RegExp(`(?<=${JOINS_NEXT}${TRANSPARENT}*)\u200C(?=${TRANSPARENT}*${JOINS_PREVIOUS})`, 'uy')

/** A ZERO WIDTH JOINER or NON-JOINER stands behind a virama, the latter also between joining letters. */
function areJoinersInContext(text: string): boolean {
  for (const { index } of text.matchAll(/[\u200C\u200D]/g)) {
    PARTED.lastIndex = index
    if (!isVirama(characterBefore(text, index)) && !PARTED.test(text)) return false
  }
  return true
}

function characterBefore(text: string, index: number): string {
  return Array.from(text.slice(Math.max(0, index - 2), index)).at(-1) ?? ''
}

/**
 * Canonical_Combining_Class 9. JavaScript does not tell the class, but its normaliser sorts marks by it:
 * a virama goes behind U+3099 (class 8) and in front of U+05B0 (class 10).
 */
function isVirama(character: string): boolean {
  return (
    character !== '' &&
    `${character}\u3099`.normalize('NFD') === `\u3099${character}` &&
    `\u05B0${character}`.normalize('NFD') === `${character}\u05B0`
  )
}
