/** `relais import KIND PATH`: the accounts of another system. Their mail is not taken. */
import { resolve } from 'node:path'
import type { CommandModule } from 'yargs'
import type { GatewayError } from '../../base/errors.js'
import { languageOf, type Language } from '../../base/language.js'
import { RefusedInput } from '../../base/refused-input.js'
import { importAccounts, type AccountsToFill, type Outcome } from '../../care/import/import-accounts.js'
import { openSource, SOURCE_KINDS, type Source, type SourceKind } from '../../care/import/open-source.js'
import { describePlace, describeReason, IMPORT_TEXTS, withDetail } from '../../care/import/texts.js'
import { oneLine } from '../../config/shown.js'
import { print, warn, type Io } from '../io.js'
import { withHouse, withTrialHouse, type Flags } from '../open.js'

interface ImportFlags extends Flags {
  readonly kind: SourceKind
  readonly path: string
  readonly 'dry-run': boolean
  readonly json: boolean
}

export function importCommand(io: Io): CommandModule<Flags, ImportFlags> {
  return {
    command: 'import <kind> <path>',
    describe: 'Bring in the accounts of another system, with their passwords',
    builder: (yargs) =>
      yargs
        .positional('kind', {
          choices: SOURCE_KINDS,
          demandOption: true,
          describe: 'A list "NAME PASSWORD", a TP4 data directory, or JMail\'s userdat.txt or its folder',
        })
        .positional('path', { type: 'string', demandOption: true, describe: 'The file or folder; only read' })
        .option('dry-run', {
          type: 'boolean',
          default: false,
          describe: 'Say what would be done, and do nothing',
        })
        .option('json', { type: 'boolean', default: false, describe: 'For scripts' }),
    handler: async (flags) => {
      const source = await openSource(flags.kind, resolve(io.currentDir, flags.path))
      const within = flags['dry-run'] ? withTrialHouse : withHouse
      await within(flags, io, ({ accounts }) => bringIn(source, accounts, flags, io))
    },
  }
}

/** @throws GatewayError `input.refused` at the end, when some were */
async function bringIn(source: Source, accounts: AccountsToFill, flags: ImportFlags, io: Io): Promise<void> {
  const language = languageOf(io.env)
  const dryRun = flags['dry-run']
  if (source.latin1) warn(io, IMPORT_TEXTS[language].latin1)
  const rows: object[] = []
  const counts: Counts = { created: 0, skipped: 0, refused: 0 }
  for await (const outcome of importAccounts(source.accounts, accounts, { dryRun })) {
    counts[outcome.result] += 1
    if (flags.json) rows.push({ ...outcome, name: outcome.name ?? null, ...reasonOf(outcome, language) })
    else print(io, lineOf(outcome, language))
  }
  if (flags.json) print(io, JSON.stringify({ dryRun, ...counts, accounts: rows }, null, 2))
  else print(io, summary(counts, dryRun, language))
  if (counts.refused > 0) throw someRefused(counts.refused)
}

type Counts = Record<Outcome['result'], number>

/** For scripts: the kind of the reason, and the reason in words. */
function reasonOf(
  outcome: Outcome,
  language: Language,
): { readonly reason?: string; readonly said?: string } {
  if (outcome.result !== 'refused') return {}
  return { reason: outcome.reason.kind, said: describeReason(outcome.reason, language) }
}

/** `line 3: alice: refused: …`, in one line whatever it tells; a folder's name is not said twice. */
function lineOf(outcome: Outcome, language: Language): string {
  const { place, name, result } = outcome
  const { colon, result: words } = IMPORT_TEXTS[language]
  const { said } = reasonOf(outcome, language)
  const parts = [
    describePlace(place, language),
    ...(name === undefined || place.kind === 'folder' ? [] : [name]),
    words[result],
    ...(said === undefined ? [] : [said]),
  ]
  return parts.map(oneLine).join(colon)
}

function summary(counts: Readonly<Counts>, dryRun: boolean, language: Language): string {
  const { count, colon, dryRun: trial } = IMPORT_TEXTS[language]
  const parts = (['created', 'skipped', 'refused'] as const).map((result) =>
    withDetail(count[result], String(counts[result])),
  )
  return `${dryRun ? trial + colon : ''}${parts.join(', ')}`
}

function someRefused(refused: number): GatewayError {
  const said = (language: Language): string => withDetail(IMPORT_TEXTS[language].notAll, String(refused))
  return new RefusedInput('input.refused', [], { en: said('en'), fr: said('fr') })
}
