/** What a process and all below it have used, from Linux's /proc. */
import { readdirSync, readFileSync } from 'node:fs'

/** Ticks of /proc/PID/stat a second (`getconf CLK_TCK`). */
const TICKS = 100

/** Seconds of CPU of the tree below `root`, with those of children that have ended and were waited for. */
export function cpuSeconds(root) {
  return sum(root, ({ ticks }) => ticks) / TICKS
}

/** Proportional set size in KiB: a page that several processes share counts once. */
export function pssKiB(root) {
  return sum(root, ({ pid }) => {
    const [, kib = '0'] = /^Pss:\s+(\d+)/m.exec(textOf(`/proc/${pid}/smaps_rollup`)) ?? []
    return Number(kib)
  })
}

function sum(root, measure) {
  const all = processes()
  let total = 0
  const add = (pid) => {
    const found = all.find((each) => each.pid === pid)
    if (found !== undefined) total += measure(found)
    for (const child of all) if (child.parent === pid) add(child.pid)
  }
  add(root)
  return total
}

function processes() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ name, text: textOf(`/proc/${name}/stat`) }))
    .filter(({ text }) => text !== '')
    .map(({ name, text }) => {
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
      // utime, stime, cutime, cstime (proc(5), fields 14 to 17).
      const ticks = fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0)
      return { pid: Number(name), parent: Number(fields[1]), ticks }
    })
}

function textOf(file) {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}
