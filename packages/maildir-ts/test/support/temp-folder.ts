/** A folder for the tests of one file, removed after them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before } from 'mocha'

/** Registers the folder with mocha; the function gives a new path in it at each call, where nothing lies yet. */
export function tempFolder(): () => string {
  let root = ''
  let count = 0
  before(() => {
    root = mkdtempSync(path.join(tmpdir(), 'maildir-ts-'))
  })
  after(() => rmSync(root, { recursive: true, force: true }))
  return () => path.join(root, String(++count))
}
