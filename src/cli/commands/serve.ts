/** `relais serve`: runs the server until it is told to stop. */
import { closeSync, openSync } from 'node:fs'
import type { Argv, CommandModule } from 'yargs'
import { SETTING_FLAGS } from '../../config/flags.js'
import { GatewayError } from '../../base/errors.js'
import type { Paths } from '../../config/paths.js'
import type { Settings } from '../../config/schema.js'
import type { Gateway } from '../../gateway/gateway.js'
import { VERSION } from '../../gateway/version.js'
import { addCommand, print, type Io } from '../io.js'
import { openSettings, type Flags } from '../open.js'

/** How long a message under way may take to finish once the server is told to stop. */
const GRACE_MS = 30_000
/** A terminal's Ctrl-C reaches us twice through npm; a signal this much later is a person who lost patience. */
const IMPATIENCE_MS = 1000

export function serveCommand(io: Io): CommandModule<Flags, Flags> {
  return {
    command: 'serve',
    describe: 'Run the mail server',
    builder: (yargs: Argv<Flags>) =>
      SETTING_FLAGS.reduce((built, flag) => built.option(flag.name, flag), yargs),
    handler: async (flags) => {
      const { settings, paths } = await openSettings(flags, io)
      if (settings.smtp.port === 'off' && settings.pop3.port === 'off')
        throw new GatewayError(
          'config.invalid',
          'smtp.port and pop3.port are both "off"; expected a port for one of them',
        )
      const { openGateway } = await import('../../gateway/gateway.js')
      const { openServedHouse } = await import('../../gateway/house.js')
      const { createPinoLog } = await import('../../gateway/pino-log.js')
      const signals = listenForSignals(io)
      const log = createPinoLog(settings.log.level)
      const gateway = await openGateway(settings, await openServedHouse(paths, settings, log), log)
      signals.onReload(() => void gateway.reload())
      print(io, summary(gateway, settings, paths, io))
      await signals.stop
      const patience = setTimeout(
        () => print(io, 'Stopping: sessions under way have 30 s; once more to stop at once'),
        IMPATIENCE_MS,
      )
      await gateway.close(GRACE_MS)
      clearTimeout(patience)
    },
  }
}

interface Signals {
  /** Resolves at the first SIGINT or SIGTERM; one that comes later ends the process without waiting. */
  readonly stop: Promise<void>
  /** What SIGHUP asks for from now on; before, it is passed over, as everything was just read. */
  onReload(reload: () => void): void
}

function listenForSignals(io: Io): Signals {
  let reload = (): void => {}
  const stop = new Promise<void>((resolve) => {
    let firstMs: number | undefined
    const onSignal = (): void => {
      if (firstMs !== undefined && performance.now() - firstMs > IMPATIENCE_MS) process.exit(130)
      firstMs ??= performance.now()
      resolve()
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
    // A terminal that is closed sends the same signal as an operator who wants a reload.
    const inTerminal = io.stdin.isTTY
    process.on('SIGHUP', () => (inTerminal && !hasTerminal() ? onSignal() : reload()))
  })
  return { stop, onReload: (wanted) => (reload = wanted) }
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch {
    return false
  }
}

function summary(gateway: Gateway, settings: Settings, paths: Paths, io: Io): string {
  return [
    `Relais ${VERSION}, ready for ${settings.domain}`,
    ...gateway.listeners.map(({ protocol, address }) => line(protocol, hostPort(address))),
    // Nobody vouches for it, so a client compares this.
    ...(gateway.certificate?.selfSigned === true ? [line('TLS', gateway.certificate.fingerprint)] : []),
    line('data', paths.root),
    `  add the first account with:  ${addCommand(io, paths)}`,
  ].join('\n')
}

/** As wide as the longest name of a listener. */
function line(what: string, value: string): string {
  return `  ${what.padEnd(11)} ${value}`
}

function hostPort({ host, port }: { readonly host: string; readonly port: number }): string {
  // A Unix socket has no port, only its path.
  if (port === 0) return host
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
