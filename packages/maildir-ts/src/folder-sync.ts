/**
 * Syncs folders, and lets concurrent callers share one sync.
 * A sync counts only for those who asked before it began: only their entries were there already.
 */
import type { FileLayer } from './file-layer.js'
import { guard } from './maildir-error.js'

/** The sync of one folder that runs, and the one that begins after it. */
interface Turn {
  running: Promise<void>
  next: Promise<void> | undefined
}

const turnsOf = new WeakMap<FileLayer, Map<string, Turn>>()

/**
 * Puts a folder's entries on stable storage, with a sync that begins after this call.
 * @throws MaildirError; it is not tried again: what a failed sync forgot, a second one would not find
 */
export function syncFolder(files: FileLayer, path: string): Promise<void> {
  const turns = turnsOf.get(files) ?? new Map<string, Turn>()
  turnsOf.set(files, turns)
  const turn = turns.get(path)
  if (turn) return (turn.next ??= turn.running.then(again, again))
  const first: Turn = { running: run(), next: undefined }
  turns.set(path, first)
  return first.running

  function again(): Promise<void> {
    const running = run()
    turns.set(path, { running, next: undefined })
    return running
  }

  async function run(): Promise<void> {
    // The turn must be in the map before the sync can end.
    await Promise.resolve()
    try {
      await guard('syncFolder', path, files.syncFolder(path))
    } finally {
      if (turns.get(path)?.next === undefined) turns.delete(path)
    }
  }
}
