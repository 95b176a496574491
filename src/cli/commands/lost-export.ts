/** `relais lost export`: the messages as files, with the block that says why they were lost on top. */
import { open, mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { CommandModule } from 'yargs'
import { GatewayError } from '../../base/errors.js'
import { print, type Io } from '../io.js'
import { withHouse, type Flags } from '../open.js'
import { printableJson } from '../printable.js'
import { namedFilterFrom, SELECTION, type SelectionFlags } from './lost-selection.js'

interface ExportFlags extends SelectionFlags {
  readonly operands: readonly string[]
  readonly json: boolean
}

export function lostExportCommand(io: Io): CommandModule<Flags, ExportFlags> {
  return {
    command: 'export <operands..>',
    describe: 'Write messages into a folder as ID.eml; they stay in lost/ as well',
    builder: (yargs) =>
      yargs
        .positional('operands', {
          type: 'string',
          array: true,
          demandOption: true,
          describe: 'IDs as lost list names them, and last the folder',
        })
        .options(SELECTION)
        .option('json', { type: 'boolean', default: false, describe: 'For scripts' }),
    handler: (flags) =>
      withHouse(flags, io, async ({ lostDesk }) => {
        const ids = flags.operands.slice(0, -1)
        const folder = resolve(io.currentDir, flags.operands.at(-1) ?? '')
        const selection = await lostDesk.find(namedFilterFrom(flags, ids))
        await writing(folder, () => mkdir(folder, { recursive: true, mode: 0o700 }))
        const files: string[] = []
        for (const entry of selection.entries) {
          const file = join(folder, fileName(entry.id))
          await writing(file, () => write(file, selection.whole(entry)))
          files.push(file)
        }
        if (flags.json) print(io, printableJson(files))
        else if (files.length === 0) print(io, 'There is no such message in lost/')
        else for (const file of files) print(io, file)
      }),
  }
}

/** An id is what another tool called its file. */
function fileName(id: string): string {
  return `${id.replace(/[^A-Za-z0-9._=-]/g, '_').replace(/^\./, '_')}.eml`
}

/** A new file, whole or not at all; one that is there is left as it is. */
async function write(path: string, chunks: AsyncIterable<Buffer>): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    for await (const chunk of chunks) await file.appendFile(chunk)
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
}

async function writing(path: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (error instanceof GatewayError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new GatewayError('store.cannot-create', `cannot write ${path}: ${why}`, { cause: error })
  }
}
