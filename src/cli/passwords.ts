/** Gets a new password from a person or a script; never from the command line, where others could read it. */
import { password as ask } from '@inquirer/prompts'
import { GatewayError } from '../base/errors.js'
import type { Io } from './io.js'

/** More than any password that the rules allow. */
const MOST_OCTETS = 65_536

/**
 * @param judge throws what is wrong with a password, as setting it would
 * @throws GatewayError `usage.wrong` without a terminal
 */
export async function newPassword(
  io: Io,
  fromStdin: boolean,
  judge: (password: string) => void,
): Promise<string> {
  return fromStdin ? readLine(io.stdin) : askTwice(io, judge)
}

/** What is wrong is said at once, and the same question asked again. */
async function askTwice(io: Io, judge: (password: string) => void): Promise<string> {
  if (!io.stdin.isTTY) {
    throw new GatewayError(
      'usage.wrong',
      'there is no terminal to ask for the password on; use --password-stdin',
    )
  }
  const context = { input: io.stdin, output: io.stdout }
  const first = await ask({ message: 'Password:', validate: (typed) => verdict(judge, typed) }, context)
  return ask(
    {
      message: 'Once more:',
      validate: (typed) => typed === first || 'this is not the same; type it again, or Ctrl-C to begin anew',
    },
    context,
  )
}

function verdict(judge: (password: string) => void, password: string): true | string {
  try {
    judge(password)
    return true
  } catch (error) {
    if (error instanceof GatewayError) return error.message
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
