/** Makes the folders of a Maildir, and finds its Maildir++ folders. */
import path from 'node:path'
import type { FileLayer } from './file-layer.js'
import { filePath } from './file-path.js'
import { syncFolder } from './folder-sync.js'
import { codeOf, guard } from './maildir-error.js'
import { closeQuietly } from './measure.js'

/** A place for a Maildir. */
interface Site {
  readonly files: FileLayer
  readonly path: string
}

/** Makes a Maildir and the folders above it, all on stable storage. @throws MaildirError */
export async function makeMaildir({ files, path }: Site): Promise<void> {
  await makeFolders(files, path)
  for (const name of ['tmp', 'new', 'cur']) await makeFolder(files, `${path}/${name}`)
  await syncFolder(files, path)
}

/** Marks a Maildir as a folder of another, which Maildir++ does by an empty file. @throws MaildirError */
export async function markFolder({ files, path }: Site): Promise<void> {
  const mark = `${path}/maildirfolder`
  try {
    await closeQuietly(files, await guard('open', mark, files.open(mark, 'create')))
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
  await syncFolder(files, path)
}

/** The names of a Maildir's folders that begin like this, sorted; names that are no UTF-8 are left out. @throws MaildirError */
export async function folderNames({ files, path }: Site, beginning: string): Promise<string[]> {
  const names = await guard('names', path, files.names(path))
  const folders: string[] = []
  for (const octets of names.toSorted()) {
    const name = Buffer.from(octets, 'latin1').toString()
    if (!name.startsWith(beginning) || name === beginning || name.includes('\uFFFD')) continue
    const found = filePath(path, octets)
    const facts = await guard('stat', found, files.stat(found))
    if (facts.kind === 'folder') folders.push(name)
  }
  return folders
}

/** Makes a folder and those above it, each synced into the one above. */
async function makeFolders(files: FileLayer, folder: string): Promise<void> {
  const above = path.dirname(folder)
  const made = await makeFolder(files, folder).catch(async (error: unknown) => {
    if (codeOf(error) !== 'ENOENT' || above === folder) throw error
    await makeFolders(files, above)
    return await makeFolder(files, folder)
  })
  try {
    // Also if it was there: who made it may not have synced it yet, or have died before.
    await syncFolder(files, above)
  } catch (error) {
    // A folder that was there may lie in one that only its owner may read.
    if (made || codeOf(error) !== 'EACCES') throw error
  }
}

/** Makes a folder; false if it was there. */
async function makeFolder(files: FileLayer, folder: string): Promise<boolean> {
  try {
    await guard('makeFolder', folder, files.makeFolder(folder))
    return true
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    return false
  }
}
