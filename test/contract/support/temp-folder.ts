/** A folder for the tests of one `describe`, removed after them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'mocha'

/** Registers the folder with mocha; the function gives a new path in it at each call, where nothing lies yet. */
export function tempFolder(): () => string {
  let root = ''
  let count = 0
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'relais-test-'))
  })
  after(() => rmSync(root, { recursive: true, force: true }))
  return () => join(root, String(++count))
}
