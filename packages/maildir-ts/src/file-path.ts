/** Joins a folder, which is text, and a file name, which has one character an octet. */
import type { FilePath } from './file-layer.js'

/** The path of a file; octets where the name is not plain ASCII, because then it may be of any encoding. */
export function filePath(folder: string, name: string): FilePath {
  // oxlint-disable-next-line no-control-regex -- ASCII is what is asked for
  if (/^[\x00-\x7f]*$/.test(name)) return `${folder}/${name}`
  return Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, 'latin1')])
}
