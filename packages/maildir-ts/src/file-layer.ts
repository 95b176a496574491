/**
 * What this library asks of the file system, so that tests can count, fail or forget each operation.
 * Nothing in the library reaches a file past this interface. Failures are Node's own errors, with a `code`.
 */

/** A path: text, or octets where a name is no UTF-8. */
export type FilePath = string | Buffer

/** What is known of a file without reading it. */
export interface FileFacts {
  readonly kind: 'file' | 'folder' | 'other'
  readonly device: bigint
  readonly inode: bigint
  /** octets */
  readonly size: number
  readonly modifiedNs: bigint
  readonly accessedNs: bigint
}

/** How a file is opened: a new one for reading and writing (fails with `EEXIST`), or an old one for reading. */
export type OpenMode = 'create' | 'read'

/** The file operations. Each is one step that can fail alone; none retries. */
export interface FileLayer {
  /** A new file gets mode 0600. Reading never waits for the other end of a pipe. */
  open(path: FilePath, mode: OpenMode): Promise<number>
  /** Reads at `position`; 0 octets at the end of the file. */
  read(file: number, into: Uint8Array, position: number): Promise<number>
  /**
   * Optional: opens a file, reads all of it into `into` and closes it, without giving others a turn. Answers with its
   * octets; undefined if they are more than `into` holds, or if it is no file. Without it files are read by `read`.
   */
  readWhole?(path: FilePath, into: Uint8Array): number | undefined
  /** Optional: `stat` without giving others a turn. */
  statInPlace?(path: FilePath): FileFacts
  /** Writes at `position`; resolves with how many octets were taken, perhaps fewer than given. */
  write(file: number, from: Uint8Array, position: number): Promise<number>
  /** Puts the file's octets and facts on stable storage. */
  sync(file: number): Promise<void>
  /** Puts the folder's entries on stable storage, whichever folder has this path now. */
  syncFolder(path: FilePath): Promise<void>
  close(file: number): Promise<void>
  factsOf(file: number): Promise<FileFacts>
  stat(path: FilePath): Promise<FileFacts>
  /** Fails with `EEXIST` rather than replace. */
  link(from: FilePath, to: FilePath): Promise<void>
  /** Replaces. */
  rename(from: FilePath, to: FilePath): Promise<void>
  unlink(path: FilePath): Promise<void>
  /** Makes one folder with mode 0700; fails with `EEXIST` if the name is taken. */
  makeFolder(path: FilePath): Promise<void>
  /** Names in a folder, one character an octet (latin1), in no order, without `.` and `..`. */
  names(path: FilePath): Promise<string[]>
  /** Calls back after each change of a folder's names, perhaps more often, and with the error when it can no longer tell. */
  watch(path: FilePath, changed: () => void, failed: (error: unknown) => void): { close(): void }
}
