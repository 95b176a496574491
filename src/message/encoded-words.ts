/** Encoded words as mail programs show them: more is read as one than the standard allows. Source: RFC 2047. Pure. */
import { TextDecoder } from 'node:util'

/** `=?charset?encoding?text?=`, the charset perhaps with a language behind `*` (RFC 2231 §5). Some programs let the text hold `?`. */
const WORD = String.raw`=\?([^?\s*]+)(?:\*[^?\s]*)?\?([bq])\?([^?]*|.{0,300}?)\?=`
/** What stands between two of them is not shown (RFC 2047 §6.2). */
const RUN = new RegExp(`${WORD}(?:\\s*${WORD})*`, 'gis')
const EACH = new RegExp(WORD, 'gis')

/**
 * Decodes the encoded words of a field's value wherever they stand, also within quotes, comments and addresses. A
 * charset that is not known is read as Latin-1.
 * @param shown what is put in the place of the text of adjacent words; the text itself by default
 */
export function decodeEncodedWords(value: string, shown = (text: string): string => text): string {
  return value.replace(RUN, (run) => shown([...run.matchAll(EACH)].map(decodeWord).join('')))
}

function decodeWord([, charset = '', encoding = '', text = '']: RegExpExecArray): string {
  const octets = encoding.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : fromQ(text)
  return decoderOf(charset).decode(octets)
}

function fromQ(text: string): Buffer {
  const octets = text
    .replaceAll('_', ' ')
    .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(octets, 'latin1')
}

function decoderOf(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset)
  } catch {
    return new TextDecoder('latin1')
  }
}
