/**
 * A disk in memory that knows what a power cut would leave: octets that were synced, names whose folder was synced,
 * and any part of the rest. A rename may be lost, done, or half done with both names; never half done with none.
 */
import type { FileFacts, FileLayer, FilePath } from '../../src/index.js'
import { systemError } from './watched-files.js'

interface FileNode {
  readonly kind: 'file'
  octets: Buffer
  synced: Buffer
}

interface FolderNode {
  readonly kind: 'folder'
  names: Map<string, number>
  synced: Map<string, number>
  changedAt: number
}

/** A change of names that is not on the disk yet: what it adds, then what it takes away. */
interface Change {
  added: { folder: number; name: string; node: number } | undefined
  removed: { folder: number; name: string } | undefined
}

/** Gives numbers from 0 up to, not including, 1. */
export type Random = () => number

/** The disk. `layer` is its file layer; `afterEach` is called after each operation that changed something. */
export class SimulatedDisk {
  readonly layer: FileLayer
  afterEach: (() => void) | undefined
  #nodes = new Map<number, FileNode | FolderNode>([[0, newFolder()]])
  #changes: Change[] = []
  #open = new Map<number, number>()
  #nextNode = 1
  #nextFile = 3
  #clock = 0

  constructor() {
    this.layer = this.#makeLayer()
  }

  /** The same disk, to be cut later. */
  clone(): SimulatedDisk {
    const copy = new SimulatedDisk()
    copy.#nodes = new Map(
      [...this.#nodes].map(([id, node]) => [
        id,
        node.kind === 'file'
          ? { ...node }
          : { ...node, names: new Map(node.names), synced: new Map(node.synced) },
      ]),
    )
    copy.#changes = this.#changes.map((change) => ({ ...change }))
    copy.#nextNode = this.#nextNode
    copy.#clock = this.#clock
    return copy
  }

  /** What is there after a power cut at this moment; the random numbers decide about what was not synced. */
  afterPowerCut(random: Random): SimulatedDisk {
    const disk = this.clone()
    for (const node of disk.#nodes.values()) {
      if (node.kind === 'folder') node.names = new Map(node.synced)
      else if (!node.octets.equals(node.synced)) node.octets = torn(node.octets, node.synced, random)
    }
    for (const { added, removed } of this.#changes) {
      const fate = random()
      if (fate < 0.4) continue
      if (added) disk.#folder(added.folder).names.set(added.name, added.node)
      if (removed && (fate < 0.8 || !added)) disk.#folder(removed.folder).names.delete(removed.name)
    }
    disk.#changes = []
    for (const node of disk.#nodes.values()) {
      if (node.kind === 'folder') node.synced = new Map(node.names)
      else node.synced = node.octets
    }
    return disk
  }

  #makeLayer(): FileLayer {
    const step = async <T>(work: () => T): Promise<T> => {
      await Promise.resolve()
      const result = work()
      this.afterEach?.()
      return result
    }
    return {
      open: (path, mode) => step(() => this.#openFile(path, mode === 'create')),
      read: (file, into, position) =>
        step(() => {
          const octets = this.#file(this.#opened(file)).octets.subarray(position, position + into.byteLength)
          into.set(octets)
          return octets.byteLength
        }),
      write: (file, from, position) =>
        step(() => {
          const node = this.#file(this.#opened(file))
          node.octets = Buffer.concat([node.octets.subarray(0, position), from])
          return from.byteLength
        }),
      sync: (file) =>
        step(() => {
          const node = this.#file(this.#opened(file))
          node.synced = node.octets
        }),
      syncFolder: (path) => step(() => this.#syncFolder(this.#find(path))),
      close: (file) => step(() => void this.#open.delete(file)),
      factsOf: (file) => step(() => this.#facts(this.#opened(file))),
      stat: (path) => step(() => this.#facts(this.#find(path))),
      link: (from, to) =>
        step(() => {
          this.#demandFree(to)
          this.#change({ added: { ...this.#spot(to), node: this.#find(from) }, removed: undefined })
        }),
      rename: (from, to) =>
        step(() => {
          const node = this.#find(from)
          if (from.toString() === to.toString()) return
          this.#change({ added: { ...this.#spot(to), node }, removed: this.#spot(from) })
        }),
      unlink: (path) =>
        step(() => {
          this.#find(path)
          this.#change({ added: undefined, removed: this.#spot(path) })
        }),
      makeFolder: (path) =>
        step(() => {
          this.#demandFree(path)
          this.#change({ added: { ...this.#spot(path), node: this.#add(newFolder()) }, removed: undefined })
        }),
      names: (path) => step(() => [...this.#folder(this.#find(path)).names.keys()]),
      watch: () => ({ close: () => undefined }),
    }
  }

  #openFile(path: FilePath, create: boolean): number {
    if (create) {
      this.#demandFree(path)
      const node = this.#add({ kind: 'file', octets: Buffer.alloc(0), synced: Buffer.alloc(0) })
      this.#change({ added: { ...this.#spot(path), node }, removed: undefined })
    }
    this.#open.set(this.#nextFile, this.#find(path))
    return this.#nextFile++
  }

  #change(change: Change): void {
    this.#changes.push(change)
    if (change.added) this.#touch(change.added.folder).names.set(change.added.name, change.added.node)
    if (change.removed) this.#touch(change.removed.folder).names.delete(change.removed.name)
  }

  #syncFolder(id: number): void {
    const node = this.#folder(id)
    node.synced = new Map(node.names)
    for (const change of this.#changes) {
      // A name that is gone for good from here is there for good in its new place.
      if (change.removed?.folder === id && change.added && change.added.folder !== id) {
        this.#folder(change.added.folder).synced.set(change.added.name, change.added.node)
        change.added = undefined
      }
      if (change.added?.folder === id) change.added = undefined
      if (change.removed?.folder === id) change.removed = undefined
    }
    this.#changes = this.#changes.filter(({ added, removed }) => added ?? removed)
  }

  #facts(id: number): FileFacts {
    const node = this.#node(id)
    const changed = BigInt(node.kind === 'folder' ? node.changedAt : 0)
    const size = node.kind === 'file' ? node.octets.byteLength : 0
    return { kind: node.kind, device: 1n, inode: BigInt(id), size, modifiedNs: changed, accessedNs: changed }
  }

  #touch(id: number): FolderNode {
    const node = this.#folder(id)
    node.changedAt = ++this.#clock
    return node
  }

  #add(node: FileNode | FolderNode): number {
    this.#nodes.set(this.#nextNode, node)
    return this.#nextNode++
  }

  #demandFree(path: FilePath): void {
    const { folder, name } = this.#spot(path)
    if (this.#folder(folder).names.has(name)) throw systemError('EEXIST')
  }

  #spot(path: FilePath): { folder: number; name: string } {
    const at = path.toString().lastIndexOf('/')
    return { folder: this.#find(path.toString().slice(0, at)), name: path.toString().slice(at + 1) }
  }

  #find(path: FilePath): number {
    let id = 0
    for (const name of path.toString().split('/').filter(Boolean)) {
      const next = this.#folder(id).names.get(name)
      if (next === undefined) throw systemError('ENOENT')
      id = next
    }
    return id
  }

  #opened(file: number): number {
    const id = this.#open.get(file)
    if (id === undefined) throw systemError('EBADF')
    return id
  }

  #file(id: number): FileNode {
    const node = this.#node(id)
    if (node.kind !== 'file') throw systemError('EISDIR')
    return node
  }

  #folder(id: number): FolderNode {
    const node = this.#node(id)
    if (node.kind !== 'folder') throw systemError('ENOTDIR')
    return node
  }

  #node(id: number): FileNode | FolderNode {
    const node = this.#nodes.get(id)
    if (!node) throw systemError('ENOENT')
    return node
  }
}

function newFolder(): FolderNode {
  return { kind: 'folder', names: new Map(), synced: new Map(), changedAt: 0 }
}

/** What may be left of octets that were not synced: what was synced before, a part, or zeros. */
function torn(octets: Buffer, synced: Buffer, random: Random): Buffer {
  const fate = random()
  if (fate < 0.4) return synced
  if (fate < 0.8) return octets.subarray(0, Math.floor(random() * octets.byteLength))
  return Buffer.alloc(octets.byteLength)
}
