/** `relais lost show ID`: what is known about a message, and its header. `export` gives the whole of it. */
import type { CommandModule } from 'yargs'
import { print, type Io } from '../io.js'
import { describeLost, factsOf } from '../lost-facts.js'
import { withHouse, type Flags } from '../open.js'
import { printable, printableJson } from '../printable.js'

interface ShowFlags extends Flags {
  readonly id: string
  readonly json: boolean
}

/** Longer headers are cut. */
const MOST_HEADER_OCTETS = 64 * 1024

export function lostShowCommand(io: Io): CommandModule<Flags, ShowFlags> {
  return {
    command: 'show <id>',
    describe: 'Show why a message is there, and its header',
    builder: (yargs) =>
      yargs
        .positional('id', { type: 'string', demandOption: true, describe: 'As lost list names it' })
        .option('json', { type: 'boolean', default: false, describe: 'For scripts' }),
    handler: (flags) =>
      withHouse(flags, io, async ({ lostDesk }) => {
        const selection = await lostDesk.find({ ids: [flags.id] })
        for (const entry of selection.entries) {
          const header = await headerOf(selection.message(entry))
          if (flags.json) print(io, printableJson({ ...factsOf(entry, selection), header }))
          else
            print(
              io,
              [
                ...describeLost(entry, selection),
                '',
                ...header.map((line) => printable(line.replaceAll('\t', '    '))),
              ].join('\n'),
            )
        }
      }),
  }
}

/** Its lines, without line ends. */
async function headerOf(message: AsyncIterable<Buffer>): Promise<readonly string[]> {
  let octets = Buffer.alloc(0)
  for await (const chunk of message) {
    octets = Buffer.concat([octets, chunk]).subarray(0, MOST_HEADER_OCTETS)
    if (octets.includes('\r\n\r\n') || octets.length === MOST_HEADER_OCTETS) break
  }
  const end = octets.indexOf('\r\n\r\n')
  const header = end === -1 ? octets : octets.subarray(0, end)
  return header.toString().replace(/\r\n$/, '').split('\r\n')
}
