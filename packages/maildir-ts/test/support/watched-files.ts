/** A file layer over the real one that tells each operation before it happens, and lets it fail. */
import { nodeFiles, type FileLayer, type FilePath } from '../../src/index.js'

/** One operation, before it happens. */
export interface Operation {
  readonly name: keyof FileLayer
  /** the path; for an operation on an open file the path it was opened with */
  readonly path: string
}

/** A file layer that calls `before` with each operation; what it throws becomes the operation's failure. */
export function watchedFiles(
  before: (operation: Operation) => void | Promise<void>,
  files = nodeFiles,
): FileLayer {
  const paths = new Map<number, string>()
  const tell = async (name: keyof FileLayer, path: FilePath | number): Promise<void> => {
    await before({
      name,
      path: typeof path === 'number' ? (paths.get(path) ?? '?') : path.toString('latin1'),
    })
  }
  return {
    open: async (path, mode) => {
      await tell('open', path)
      const file = await files.open(path, mode)
      paths.set(file, path.toString('latin1'))
      return file
    },
    read: async (file, into, position) => (await tell('read', file), files.read(file, into, position)),
    write: async (file, from, position) => (await tell('write', file), files.write(file, from, position)),
    sync: async (file) => (await tell('sync', file), files.sync(file)),
    syncFolder: async (path) => (await tell('syncFolder', path), files.syncFolder(path)),
    close: async (file) => (await tell('close', file), files.close(file)),
    factsOf: async (file) => (await tell('factsOf', file), files.factsOf(file)),
    stat: async (path) => (await tell('stat', path), files.stat(path)),
    link: async (from, to) => (await tell('link', to), files.link(from, to)),
    rename: async (from, to) => (await tell('rename', to), files.rename(from, to)),
    unlink: async (path) => (await tell('unlink', path), files.unlink(path)),
    makeFolder: async (path) => (await tell('makeFolder', path), files.makeFolder(path)),
    names: async (path) => (await tell('names', path), files.names(path)),
    watch: (path, changed, failed) => files.watch(path, changed, failed),
  }
}

/** What the system would say: an error with a code. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code })
}
