/** Opens what a command works on: the settings, and the data below the root. */
import { loadSettings } from '../config/load.js'
import { pathsBelow, resolveRoot, type Paths } from '../config/paths.js'
import type { Settings } from '../config/schema.js'
import type { House } from '../gateway/house.js'
import { warn, type Io } from './io.js'

/** The parsed command line, as far as every command has it. */
export interface Flags {
  readonly root?: string | undefined
}

/** @throws GatewayError `config.invalid` */
export async function openSettings(flags: Flags, io: Io): Promise<{ settings: Settings; paths: Paths }> {
  const root = resolveRoot(flags.root, io.env, io.currentDir)
  const { settings, warnings } = await loadSettings({ root, flags: { ...flags }, env: io.env })
  for (const warning of warnings) warn(io, warning)
  return { settings, paths: pathsBelow(root) }
}

type Work = (house: House, settings: Settings, paths: Paths) => Promise<void>

/** Runs work on the house and closes it again. @throws GatewayError `config.invalid`, `store.*` */
export async function withHouse(flags: Flags, io: Io, work: Work): Promise<void> {
  const { settings, paths } = await openSettings(flags, io)
  // Loaded when there is work to do: help, versions and mistakes are answered without the engines.
  const { openHouse } = await import('../gateway/house.js')
  await workIn(await openHouse(paths, settings), work, settings, paths)
}

/** The same on a house in which nothing is made; see `trial-house.ts`. @throws GatewayError `config.invalid`, `store.*` */
export async function withTrialHouse(flags: Flags, io: Io, work: Work): Promise<void> {
  const { settings, paths } = await openSettings(flags, io)
  const { openTrialHouse } = await import('../gateway/trial-house.js')
  await workIn(await openTrialHouse(paths, settings), work, settings, paths)
}

async function workIn(house: House, work: Work, settings: Settings, paths: Paths): Promise<void> {
  try {
    await work(house, settings, paths)
  } finally {
    await house.close()
  }
}
