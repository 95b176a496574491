/** Gets a new password from a person or a script; never from the command line, where others could read it. */
import { GatewayError } from '../base/errors.js'
import { languageOf, type InEveryLanguage } from '../base/language.js'
import { messageIn } from '../base/refused-input.js'
import { warn, type Io } from './io.js'

/** More than any password that the rules allow. */
const MOST_OCTETS = 65_536

/** Throws what is wrong with a password, as setting it would; answers what there is to warn about. */
export type Judge = (password: string) => Promise<InEveryLanguage | undefined>

/** @throws GatewayError `usage.wrong` without a terminal; what `judge` throws */
export async function newPassword(io: Io, fromStdin: boolean, judge: Judge): Promise<string> {
  const password = fromStdin ? await readLine(io.stdin) : await askTwice(io, judge)
  const warning = await judge(password)
  if (warning !== undefined) warn(io, warning[languageOf(io.env)])
  return password
}

/** What is wrong is said at once, and the same question asked again. */
async function askTwice(io: Io, judge: Judge): Promise<string> {
  if (!io.stdin.isTTY) {
    throw new GatewayError(
      'usage.wrong',
      'there is no terminal to ask for the password on; use --password-stdin',
    )
  }
  const { password: ask } = await import('@inquirer/prompts')
  const context = { input: io.stdin, output: io.stdout }
  const first = await ask({ message: 'Password:', validate: (typed) => verdict(io, judge, typed) }, context)
  return ask(
    {
      message: 'Once more:',
      validate: (typed) => typed === first || 'this is not the same; type it again, or Ctrl-C to begin anew',
    },
    context,
  )
}

async function verdict(io: Io, judge: Judge, password: string): Promise<true | string> {
  try {
    await judge(password)
    return true
  } catch (error) {
    if (error instanceof GatewayError) return messageIn(languageOf(io.env), error)
    throw error
  }
}

/** The first line without its line end, or everything when there is none. */
async function readLine(stdin: AsyncIterable<Buffer | string>): Promise<string> {
  const chunks: Buffer[] = []
  let octets = 0
  for await (const chunk of stdin) {
    const piece = Buffer.from(chunk)
    chunks.push(piece)
    octets += piece.length
    if (piece.includes(0x0a) || octets > MOST_OCTETS) break
  }
  const [line = ''] = decode(Buffer.concat(chunks)).split('\n')
  return line.replace(/\r$/, '')
}

function decode(octets: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets)
  } catch (error) {
    throw new GatewayError('account.password-refused', 'the password is no UTF-8 text', { cause: error })
  }
}
