/** Makes tests of a folder of dialogue scripts: every case is played in every manner. */

import { readdirSync, readFileSync } from 'node:fs'
import { type Dialog, parseDialogs } from './dialog.ts'
import { type Manner, play, type Scene } from './play.ts'

const MANNERS: readonly Manner[] = ['turn by turn', 'octet by octet', 'all at once']

/** The cases of each script of a folder, by the script's name. */
export function readDialogues(folder: URL): ReadonlyMap<string, readonly Dialog[]> {
  const files = readdirSync(folder).toSorted()
  return new Map(
    files.map((file) => [
      file.replace('.dialog', ''),
      parseDialogs(readFileSync(new URL(file, folder), 'utf8')),
    ]),
  )
}

export function testDialogues(
  scripts: ReadonlyMap<string, readonly Dialog[]>,
  openScene: (dialog: Dialog) => Promise<Scene>,
): void {
  for (const [script, dialogs] of scripts) {
    describe(script, () => {
      for (const dialog of dialogs) {
        it(dialog.name, async () => {
          for (const manner of MANNERS) await play(dialog, manner, openScene)
        })
      }
    })
  }
}
