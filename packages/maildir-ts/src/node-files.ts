/**
 * The file layer over `node:fs`. It uses the callback functions on file descriptors, because they cost the fewest steps.
 * A folder is opened anew for each sync, so that one which was replaced is never missed. Opening it, closing files and
 * `fstat` happen in place: none waits for a disk here, and a step through the thread pool would cost more than the call.
 */
import fs from 'node:fs'
import type { FileFacts, FileLayer } from './file-layer.js'

const CREATE = fs.constants.O_CREAT | fs.constants.O_EXCL | fs.constants.O_RDWR
// A named pipe that lies in a Maildir must not hold a thread for ever, nor a terminal become the process's own.
const READ = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY
const FOLDER = fs.constants.O_RDONLY | fs.constants.O_DIRECTORY

/** The file layer over `node:fs`; it keeps no state. */
export const nodeFiles: FileLayer = {
  open: (path, mode) =>
    new Promise((done, fail) => fs.open(path, mode === 'create' ? CREATE : READ, 0o600, settle(done, fail))),
  read: (file, into, position) =>
    new Promise((done, fail) => fs.read(file, into, 0, into.byteLength, position, settle(done, fail))),
  readWhole: (path, into) => {
    const file = fs.openSync(path, READ)
    try {
      const stats = fs.fstatSync(file)
      return stats.isFile() && stats.size <= into.byteLength ? readWhole(file, into, stats.size) : undefined
    } finally {
      fs.closeSync(file)
    }
  },
  write: (file, from, position) =>
    new Promise((done, fail) => fs.write(file, from, 0, from.byteLength, position, settle(done, fail))),
  sync: (file) => new Promise((done, fail) => fs.fsync(file, settleEmpty(done, fail))),
  syncFolder: async (path) => {
    const folder = fs.openSync(path, FOLDER)
    try {
      await nodeFiles.sync(folder)
    } finally {
      fs.closeSync(folder)
    }
  },
  close: async (file) => fs.closeSync(file),
  factsOf: async (file) => facts(fs.fstatSync(file, { bigint: true })),
  stat: async (path) =>
    facts(await new Promise((done, fail) => fs.stat(path, { bigint: true }, settle(done, fail)))),
  statInPlace: (path) => facts(fs.statSync(path, { bigint: true })),
  link: (from, to) => new Promise((done, fail) => fs.link(from, to, settleEmpty(done, fail))),
  rename: (from, to) => new Promise((done, fail) => fs.rename(from, to, settleEmpty(done, fail))),
  unlink: (path) => new Promise((done, fail) => fs.unlink(path, settleEmpty(done, fail))),
  makeFolder: (path) => new Promise((done, fail) => fs.mkdir(path, 0o700, settleEmpty(done, fail))),
  names: (path) => new Promise((done, fail) => fs.readdir(path, 'latin1', settle(done, fail))),
  watch: (path, changed, failed) => fs.watch(path, changed).on('error', failed),
}

/** Reads as much as the file held when it was looked at, less if it became shorter. */
function readWhole(file: number, into: Uint8Array, size: number): number {
  let done = 0
  while (done < size) {
    const octets = fs.readSync(file, into, done, size - done, done)
    if (octets === 0) break
    done += octets
  }
  return done
}

function facts(stats: fs.BigIntStats): FileFacts {
  return {
    kind: stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other',
    device: stats.dev,
    inode: stats.ino,
    size: Number(stats.size),
    modifiedNs: stats.mtimeNs,
    accessedNs: stats.atimeNs,
  }
}

function settle<T>(done: (value: T) => void, fail: (error: unknown) => void) {
  return (error: unknown, value: T): void => (error ? fail(error) : done(value))
}

function settleEmpty(done: () => void, fail: (error: unknown) => void) {
  return (error: unknown): void => (error ? fail(error) : done())
}
