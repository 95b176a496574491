/** `relais serve`: runs the server until it is told to stop. */
import { relative } from 'node:path'
import type { Argv, CommandModule } from 'yargs'
import { SETTING_FLAGS } from '../../config/flags.js'
import type { Paths } from '../../config/paths.js'
import type { Settings } from '../../config/schema.js'
import { openGateway, type Gateway } from '../../gateway/gateway.js'
import { openHouse } from '../../gateway/house.js'
import { createPinoLog } from '../../gateway/pino-log.js'
import { VERSION } from '../../gateway/version.js'
import { print, type Io } from '../io.js'
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
      const stop = stopSignal()
      const log = createPinoLog(settings.log.level)
      const gateway = await openGateway(settings, await openHouse(paths, settings, log), log)
      print(io, summary(gateway, settings, paths, io))
      await stop
      await gateway.close(GRACE_MS)
    },
  }
}

/** Resolves at the first SIGINT or SIGTERM; one that comes later ends the process without waiting. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let firstMs: number | undefined
    const onSignal = (): void => {
      if (firstMs !== undefined && performance.now() - firstMs > IMPATIENCE_MS) process.exit(130)
      firstMs ??= performance.now()
      resolve()
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
}

function summary(gateway: Gateway, settings: Settings, paths: Paths, io: Io): string {
  const root = relative(io.currentDir, paths.root) === '' ? '' : ` --root ${paths.root}`
  return [
    `Relais ${VERSION}, ready for ${settings.domain}`,
    ...gateway.listeners.map(({ protocol, address }) => `  ${protocol.padEnd(6)} ${hostPort(address)}`),
    `  data   ${paths.root}`,
    `  add the first account with:  ${io.program} account add NAME${root}`,
  ].join('\n')
}

function hostPort({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
