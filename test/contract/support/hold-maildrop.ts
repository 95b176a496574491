/** A process of its own that holds a maildrop: says `held`, and gives it back at the end of its input. */
import { once } from 'node:events'
import { openMaildirMailboxStore } from '../../../src/storage/maildir/maildir-mailbox-store.ts'

const [accountsDir = '', lostDir = '', runDir = '', key = ''] = process.argv.slice(2)
const store = await openMaildirMailboxStore({ accountsDir, lostDir, runDir })
const maildrop = await store.openMaildrop(key, { waitMs: 0 })
process.stdout.write('held\n')
process.stdin.resume()
await once(process.stdin, 'end')
await maildrop.close()
await store.close()
