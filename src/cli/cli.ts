/** From the command line to an exit status. One file per command; a failure is one line on standard error. */
import yargs from 'yargs'
import { GatewayError } from '../base/errors.js'
import { ROOT_FLAG } from '../config/flags.js'
import { VERSION } from '../gateway/version.js'
import { accountCommand } from './commands/account.js'
import { configCommand } from './commands/config.js'
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
    warn(io, error instanceof GatewayError ? error.message : bugReport(error))
    return exitStatus(error)
  }
}

function parser(argv: readonly string[], io: Io) {
  return yargs([...argv])
    .scriptName('relais')
    .usage('$0 COMMAND: the mail house of one internal domain')
    .detectLocale(false)
    .parserConfiguration({ 'camel-case-expansion': false })
    .option(ROOT_FLAG.name, { ...ROOT_FLAG, type: 'string' as const })
    .command(serveCommand(io))
    .command(accountCommand(io))
    .command(configCommand(io))
    .demandCommand(1, 'say what to do; relais --help lists the commands')
    .strict()
    .version(VERSION)
    .help()
    .exitProcess(false)
    .fail((message, error: Error | undefined) => {
      throw error ?? new GatewayError('usage.wrong', message)
    })
}

function bugReport(error: unknown): string {
  return `this is a bug, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
}
