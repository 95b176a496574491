import { expect } from 'chai'
import { GatewayError } from '../../../src/base/errors.ts'
import { lostBlock } from '../../../src/lost/block.ts'
import { createLostFolder } from '../../../src/lost/lost-folder.ts'
import { failureOf } from '../../contract/support/failure-of.ts'
import { fakeStore } from '../delivery/fake-store.ts'

const CIRCUMSTANCES = {
  reason: 'no-postmaster',
  recipients: ['postmaster@glo2000.ca'],
  reversePath: '',
  clientAddress: '192.0.2.7',
  answered: 250,
  receivedAt: new Date('2026-11-21T03:04:05Z'),
} as const

describe('the lost folder', () => {
  it('starts each message with its block, in the lost mailbox and nowhere else', async () => {
    const store = fakeStore()
    const message = await createLostFolder(store.mailboxes).begin(CIRCUMSTANCES)
    await message.write(Buffer.from('Subject: x\r\n'))
    await message.commit()
    expect(store.stored()).to.deep.equal({ lost: [`${lostBlock(CIRCUMSTANCES)}Subject: x\r\n`] })
  })

  it('lets go of a message whose block could not be written', async () => {
    const store = fakeStore({ lost: { write: new GatewayError('store.full', 'full') } })
    expect(await failureOf(createLostFolder(store.mailboxes).begin(CIRCUMSTANCES))).to.equal('store.full')
    expect(store.open()).to.equal(0)
  })
})
