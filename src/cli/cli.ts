/** From the command line to an exit status. One file per command; a failure is one line on standard error. */
import yargs from 'yargs'
import { GatewayError } from '../base/errors.js'
import { languageOf } from '../base/language.js'
import { messageIn } from '../base/refused-input.js'
import { ROOT_FLAG } from '../config/flags.js'
import { VERSION } from '../gateway/version.js'
import { accountCommand } from './commands/account.js'
import { aliasCommand } from './commands/alias.js'
import { configCommand } from './commands/config.js'
import { importCommand } from './commands/import.js'
import { lostCommand } from './commands/lost.js'
import { serveCommand } from './commands/serve.js'
import { DONE, exitStatus } from './exit-status.js'
import { warn, type Io } from './io.js'

/** Exit status of a command whose question was answered with Ctrl-C, as shells give it. */
const INTERRUPTED = 130

export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  try {
    await parser(argv, io).parseAsync()
    return DONE
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') return INTERRUPTED
    warn(io, error instanceof GatewayError ? messageIn(languageOf(io.env), error) : bugReport(error))
    return exitStatus(error)
  }
}

function parser(argv: readonly string[], io: Io) {
  return yargs(operandsLast(argv))
    .scriptName('relais')
    .usage('$0 COMMAND: the mail house of one internal domain')
    .detectLocale(false)
    .parserConfiguration({ 'camel-case-expansion': false })
    .option(ROOT_FLAG.name, { ...ROOT_FLAG, type: 'string' as const, coerce: onlyOne })
    .command(serveCommand(io))
    .command(accountCommand(io))
    .command(aliasCommand(io))
    .command(importCommand(io))
    .command(lostCommand(io))
    .command(configCommand(io))
    .demandCommand(1, 'say what to do; relais --help lists the commands')
    .strict()
    .version(VERSION)
    .help()
    .exitProcess(false)
    .fail((message, error: Error | undefined) => {
      throw error === undefined || error.name === 'YError'
        ? new GatewayError('usage.wrong', message.replace(/\s*\n\s*/g, ' '))
        : error
    })
}

/**
 * The command line without `--`, which yargs does not take before the operands of a sub-command. No operand of
 * ours begins with a hyphen, so nothing is lost but the chance to take one for a flag.
 */
function operandsLast(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--')
  if (end === -1) return argv
  const operands = argv.slice(end + 1)
  const flag = operands.find((operand) => operand.startsWith('-'))
  if (flag !== undefined)
    throw new GatewayError(
      'account.name-refused',
      `${JSON.stringify(flag)} is no name: it begins with a hyphen`,
    )
  return [...argv.slice(0, end), ...operands]
}

function onlyOne(root: string | readonly string[]): string {
  if (typeof root === 'string') return root
  throw new GatewayError('usage.wrong', '--root is given more than once')
}

function bugReport(error: unknown): string {
  return `this is a bug, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
}
