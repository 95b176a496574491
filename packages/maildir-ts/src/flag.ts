/** Changes flags, which are part of a file's name. Source: D. J. Bernstein's maildir page, `:2,`. */
import { parseEntryName, withFlags } from './entry-name.js'
import { syncFolder } from './folder-sync.js'
import { atPlace, placePath, type Place } from './locate.js'
import type { MaildirEntry } from './maildir-entry.js'
import { guard, MaildirError } from './maildir-error.js'
import type { FlagChange, MaildirGround } from './maildir.js'

/**
 * Adds and removes flags; the message moves to `cur`, where alone flags are allowed. Flags that are not named stay.
 * @throws MaildirError `ENOENT` gone, `EINVAL` a flag that is no ASCII letter
 */
export async function flagEntry(
  ground: MaildirGround,
  entry: MaildirEntry,
  change: FlagChange,
): Promise<MaildirEntry> {
  const { add = '', remove = '' } = change
  if (!/^[A-Za-z]*$/.test(add + remove)) {
    throw new MaildirError('flag', placePath(ground, entry), 'EINVAL', 'flags are ASCII letters')
  }
  const renamed = await atPlace(ground, entry, async (from) => {
    const flags = Array.from(parseEntryName(from.name).flags + add)
      .filter((flag) => !remove.includes(flag))
      .join('')
    const to: Place = { folder: 'cur', name: withFlags(from.name, flags) }
    await guard(
      'rename',
      placePath(ground, from),
      ground.files.rename(placePath(ground, from), placePath(ground, to)),
    )
    return { from, to }
  })
  if (!renamed) throw new MaildirError('rename', placePath(ground, entry), 'ENOENT')
  await syncFolder(ground.files, `${ground.path}/cur`)
  // Only now: were the entry in `new` to vanish from the disk first, a power cut could leave none.
  if (renamed.from.folder === 'new') await syncFolder(ground.files, `${ground.path}/new`)
  return { ...entry, ...renamed.to, flags: parseEntryName(renamed.to.name).flags }
}
