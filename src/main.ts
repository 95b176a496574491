#!/usr/bin/env node
/** The program: hands the process to the command line. */
import { basename, relative } from 'node:path'
import { runCli } from './cli/cli.js'

// What Relais writes is for its owner's eyes: mail, password records, the trail.
process.umask(0o077)
// A reader that closes early (`relais account list | head -1`) ends the output, not the program.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

const called = process.argv[1] ?? 'relais'
process.exitCode = await runCli(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  currentDir: process.cwd(),
  program: basename(called) === 'relais' ? 'relais' : `node ${relative(process.cwd(), called)}`,
})
