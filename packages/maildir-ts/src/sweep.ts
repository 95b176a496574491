/** Removes what deliveries that never ended left in `tmp`. Source: D. J. Bernstein's maildir page, 36 hours. */
import { filePath } from './file-path.js'
import { inParallel } from './in-parallel.js'
import { codeOf, guard } from './maildir-error.js'
import type { MaildirGround } from './maildir.js'

const OLD_NS = 36n * 3600n * 1_000_000_000n
const STAT_AT_ONCE = 16

/** Removes files in `tmp` that nobody read or wrote for 36 hours; resolves with how many. @throws MaildirError */
export async function sweepTmp(ground: MaildirGround): Promise<number> {
  const { files, path } = ground
  const names = await guard('names', `${path}/tmp`, files.names(`${path}/tmp`))
  const removed = await inParallel(names, STAT_AT_ONCE, (name) => removeOld(ground, name))
  return removed.filter(Boolean).length
}

async function removeOld({ files, path, now }: MaildirGround, name: string): Promise<boolean> {
  const file = filePath(`${path}/tmp`, name)
  try {
    const { kind, modifiedNs, accessedNs } = await guard('stat', file, files.stat(file))
    const usedNs = modifiedNs > accessedNs ? modifiedNs : accessedNs
    if (kind !== 'file' || BigInt(Math.floor(now())) * 1_000_000n - usedNs <= OLD_NS) return false
    await guard('unlink', file, files.unlink(file))
    return true
  } catch (error) {
    // Its delivery ended, or another sweep was faster.
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}
