/** Small disks of memory, where mounting is allowed. Whoever mounts one unmounts it. */

import { closeSync, openSync, rmSync, writeSync } from 'node:fs'

import { run } from '../../e2e/support/run.ts'

export interface SmallDisk {
  /** Takes away all room that is left. */
  fill(): void
  /** Gives it back. */
  drain(): void
  remount(mode: 'ro' | 'rw'): Promise<void>
  unmount(): Promise<void>
}

/** Mounts a disk over an empty folder, or skips the suite aloud. */
export async function mountSmallDisk(
  test: Mocha.Context,
  folder: string,
  mebibytes: number,
): Promise<SmallDisk> {
  const size = `size=${mebibytes}m,mode=700`
  const { status } = await run('mount', ['-t', 'tmpfs', '-o', size, 'relais-test', folder]).catch(() => ({
    status: 'missing',
  }))
  if (status !== 0) {
    console.log('      skipped: mounting a small disk is not allowed here')
    test.skip()
  }
  const filler = `${folder}/filler`
  return {
    fill() {
      const file = openSync(filler, 'a')
      try {
        for (;;) writeSync(file, Buffer.alloc(4096))
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
      } finally {
        closeSync(file)
      }
    },
    drain: () => rmSync(filler, { force: true }),
    remount: (mode) => succeed('mount', ['-o', `remount,${mode}`, folder]),
    unmount: () => succeed('umount', [folder]),
  }
}

async function succeed(program: string, args: readonly string[]): Promise<void> {
  const { status, stderr } = await run(program, args)
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr}`)
}
