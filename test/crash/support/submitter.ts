/**
 * A process of its own that hands in mail as alice, who signed in: each message for bob and for nobody. It says the
 * subject once the message is answered, as a client would learn it.
 */

import { join } from 'node:path'
import { createDelivery } from '../../../src/delivery/delivery.ts'
import { createLostFolder } from '../../../src/lost/lost-folder.ts'
import { openMaildirMailboxStore } from '../../../src/storage/maildir/maildir-mailbox-store.ts'

const [root = '', name = ''] = process.argv.slice(2)
const AT_ONCE = 4

const mailboxes = await openMaildirMailboxStore({
  accountsDir: join(root, 'maildir'),
  lostDir: join(root, 'lost'),
  runDir: join(root, 'config/run'),
})
const delivery = createDelivery({
  domain: 'glo2000.ca',
  accounts: { find: async (key) => (['alice', 'bob'].includes(key) ? [{ key, quotaOctets: 0 }] : []) },
  mailboxes,
  lost: createLostFolder(mailboxes),
  trail: { record: () => {}, close: async () => {} },
  reserve: { check: async () => {} },
  lostReply: 'refuse',
})

async function submit(subject: string): Promise<void> {
  const transaction = await delivery.begin({
    reversePath: 'alice@glo2000.ca',
    heloName: 'client.example.org',
    clientAddress: '127.0.0.1',
    protocol: 'ESMTPA',
    declaredOctets: 0,
    signedIn: { key: 'alice', address: 'alice@glo2000.ca' },
  })
  for (const to of ['bob', 'nobody']) await transaction.addRecipient(`${to}@glo2000.ca`)
  const reception = await transaction.receive()
  try {
    await reception.write(Buffer.from(`Message-ID: <${subject}@example.org>\r\n\r\n${subject}\r\n`))
    const { accepted } = await reception.commit()
    if (accepted) process.stdout.write(`${subject}\n`)
  } finally {
    await reception.abort()
  }
}

async function submitForever(line: number): Promise<never> {
  for (let count = 1; ; count += 1) await submit(`${name}-${line}-${count}`)
}

await Promise.all(Array.from({ length: AT_ONCE }, (_, line) => submitForever(line)))
