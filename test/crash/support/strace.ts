/** Reads what `strace -f -yy` has written: which system call began and ended before which other. */

import { type Relais, startRelais } from '../../e2e/support/relais.ts'

/** One system call. Of two, one came first for certain only if its `end` is below the other's `begin`. */
export interface Call {
  readonly name: string
  /** As strace shows them, file descriptors with the path or the connection that they stand for. */
  readonly args: string
  readonly result: string
  /** Lines of the record. */
  readonly begin: number
  readonly end: number
}

const TRACED =
  'fsync,fdatasync,sync_file_range,link,linkat,unlink,unlinkat,rename,renameat,renameat2,write,writev,pwrite64,pwritev'

/** Starts the server under strace, which writes its record to a file until the server has ended. */
export function startTraced(record: string): Promise<Relais> {
  const options = ['-f', '-yy', '-s', '200', '-o', record, '-e', `trace=${TRACED}`]
  return startRelais({
    command: ['strace', ...options, process.execPath, 'dist/main.js', 'serve'],
    env: { UV_USE_IO_URING: '0' },
  })
}

const WHOLE = /^(\d+) +(\w+)\((.*)\) += (.*)$/
const BEGUN = /^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$/
const ENDED = /^(\d+) +<\.\.\. (\w+) resumed>(.*)\) += (.*)$/

/** The calls of a record in the order of their beginning. */
export function parseCalls(record: string): readonly Call[] {
  const begun = new Map<string, { args: string; begin: number }>()
  const calls: Call[] = []
  for (const [line, text] of record.split('\n').entries()) {
    const [, pid = '', name = '', args = '', result = ''] = WHOLE.exec(text) ?? BEGUN.exec(text) ?? []
    if (BEGUN.test(text)) begun.set(pid, { args, begin: line })
    else if (name !== '') calls.push({ name, args, result, begin: line, end: line })
    const [, resumed = '', call = '', rest = '', outcome = ''] = ENDED.exec(text) ?? []
    const first = begun.get(resumed)
    if (first === undefined || call === '') continue
    begun.delete(resumed)
    calls.push({ name: call, args: first.args + rest, result: outcome, begin: first.begin, end: line })
  }
  return calls.toSorted((a, b) => a.begin - b.begin)
}
