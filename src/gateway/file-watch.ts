/**
 * Tells when files may have changed: a hint at once through `fs.watch` on their folders, which sees a file replaced and
 * a link in the folder turned to another target, and a look every minute at what `stat` says of them, which sees
 * everything else (a folder above that was replaced, a disk of the network, a machine without watches to spare).
 */
import { watch, type FSWatcher } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface FileWatchTiming {
  /** Between two looks; a change that no watch sees is seen after this long. */
  readonly everyMs: number
  /** From a hint to the look that follows it, so that the many steps of one change are one. */
  readonly quietMs: number
}

export const DEFAULT_FILE_WATCH_TIMING: FileWatchTiming = { everyMs: 60_000, quietMs: 200 }

/**
 * Keeps no process alive.
 * @param onLook at each look, with whether the files differ from those of the look before; must not throw
 * @returns ends it
 */
export async function watchFiles(
  files: readonly string[],
  onLook: (changed: boolean) => void,
  timing: FileWatchTiming = DEFAULT_FILE_WATCH_TIMING,
): Promise<() => void> {
  let seen = await traitsOf(files)
  let watchers = watchFolders(files, hinted)
  let pending: NodeJS.Timeout | undefined
  let ended = false

  async function look(): Promise<void> {
    const traits = await traitsOf(files)
    if (ended) return
    const changed = traits !== seen
    seen = traits
    if (changed) {
      // A folder that was replaced needs a new watch.
      for (const watcher of watchers) watcher.close()
      watchers = watchFolders(files, hinted)
    }
    onLook(changed)
  }

  function hinted(): void {
    clearTimeout(pending)
    pending = setTimeout(() => void look(), timing.quietMs).unref()
  }

  const interval = setInterval(() => void look(), timing.everyMs).unref()
  return () => {
    ended = true
    clearInterval(interval)
    clearTimeout(pending)
    for (const watcher of watchers) watcher.close()
  }
}

function watchFolders(files: readonly string[], onHint: () => void): readonly FSWatcher[] {
  return [...new Set(files.map((file) => dirname(file)))].flatMap((folder) => {
    try {
      const watcher = watch(folder, { persistent: false }, onHint)
      // The looks go on without it.
      watcher.on('error', () => watcher.close())
      return [watcher]
    } catch {
      return []
    }
  })
}

/** What changes when a file does, through links. */
async function traitsOf(files: readonly string[]): Promise<string> {
  const traits = await Promise.all(
    files.map(async (file) => {
      try {
        const { dev, ino, size, mtimeMs, ctimeMs } = await stat(file)
        return [dev, ino, size, mtimeMs, ctimeMs].join(' ')
      } catch {
        return 'unreadable'
      }
    }),
  )
  return traits.join('\n')
}
