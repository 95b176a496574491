/**
 * Every setting as a commented `config/relais.toml`. Lines that begin with `# ` explain; a line that begins
 * with `#` and no blank is a setting with its default, in force once the `#` is gone.
 */
import { environmentName, flagName } from './names.js'
import { SETTING_BY_KEY } from './schema.js'
import type { Setting } from './settings.js'

/** Longest line, in columns. */
const COLUMNS = 110

const HEADER = [
  'Settings of Relais. This is an example: copy it to config/relais.toml below the root folder (--root, ' +
    'RELAIS_ROOT, by default the current one), and remove the # in front of what you change.',
  'Each setting is looked for as a flag, then in the environment, then in that file; else the default counts. ' +
    'A variable that is there but empty is a wrong value.',
  'A number may be written as text, and a list as an array or as one text with commas.',
  'A wrong value or an unknown key stops the start. Changes count from the next start on.',
]

/** The whole file, LF line ends, at most 110 columns; valid TOML as it is and with every setting uncommented. */
export function describeSettings(): string {
  const sections = [...settingsByTable()].map(([table, entries]) => {
    const heading = table === '' ? [] : [`[${table}]`]
    return [...heading, ...entries.map(described)].join('\n\n')
  })
  return [HEADER.map(comment).join('\n#\n'), ...sections].join('\n\n') + '\n'
}

type Entry = readonly [key: string, setting: Setting<unknown>]

/** The settings in the order of their table; `''` stands for the top, which TOML wants first. */
function settingsByTable(): ReadonlyMap<string, readonly Entry[]> {
  const grouped = new Map<string, readonly Entry[]>([['', []]])
  for (const entry of SETTING_BY_KEY) {
    const [first = '', second] = entry[0].split('.')
    const table = second === undefined ? '' : first
    grouped.set(table, [...(grouped.get(table) ?? []), entry])
  }
  return grouped
}

function described([key, { kind, default: value, meaning, reason, inEffect }]: Entry): string {
  const literal = JSON.stringify(value)
  return [
    comment(meaning),
    ...(inEffect ? [] : [comment('Not in effect yet: the value is checked, and nothing asks for it.')]),
    comment(`Expected: ${kind.expected}.`),
    comment(`Default: ${literal}, because ${reason}.`),
    comment(`Also --${flagName(key)} and ${environmentName(key)}.`),
    `#${key.slice(key.indexOf('.') + 1)} = ${literal}`,
  ].join('\n')
}

/** `text` as comment lines, broken between words. */
function comment(text: string): string {
  const lines = ['#']
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`
    if (longer.length <= COLUMNS) lines[lines.length - 1] = longer
    else lines.push(`# ${word}`)
  }
  return lines.join('\n')
}
