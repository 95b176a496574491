import { expect } from 'chai'
import { GatewayError } from '../../../src/base/errors.ts'
import { lostBlock } from '../../../src/lost/block.ts'
import { createLostFolder } from '../../../src/lost/lost-folder.ts'
import { failureOf } from '../../contract/support/failure-of.ts'
import { createMemoryMailboxStore } from '../../../src/storage/memory/memory-mailbox-store.ts'
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

describe('a view of the lost folder', () => {
  const TRACE = 'Return-Path: <>\r\nReceived: x\r\n'

  /** A folder in memory that holds these messages, each as its octets. */
  async function folderOf(...texts: readonly string[]) {
    let count = 0
    const mailboxes = createMemoryMailboxStore(() => `m${(count += 1)}`)
    for (const text of texts) {
      const message = await mailboxes.begin([{ kind: 'lost' }])
      await message.write(Buffer.from(text))
      await message.commit()
    }
    return { mailboxes, folder: createLostFolder(mailboxes) }
  }

  async function all<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
    const found: Item[] = []
    for await (const item of items) found.push(item)
    return found
  }
  const textOf = async (chunks: AsyncIterable<Buffer>): Promise<string> =>
    Buffer.concat([...(await all(chunks))]).toString('latin1')

  it('shows every message with its facts, the oldest first, and the message behind the block', async () => {
    const block = lostBlock(CIRCUMSTANCES)
    const text = `${TRACE}Subject: \xe9\r\n\r\n${'x'.repeat(200_000)}`
    const { folder } = await folderOf(block + text, 'Subject: dropped here\r\n\r\n')
    const view = await folder.view()
    const [ours, foreign] = await all(view.entries())
    if (ours === undefined || foreign === undefined) throw new Error('two entries are there')
    expect(ours).to.deep.equal({
      id: 'm1',
      octets: Buffer.byteLength(block + text),
      circumstances: { ...CIRCUMSTANCES, account: undefined },
      blockOctets: block.length,
    })
    expect(foreign).to.include({ id: 'm2', circumstances: undefined, blockOctets: 0 })
    expect(await textOf(view.message(ours))).to.equal(Buffer.from(text).toString('latin1'))
    expect(await textOf(view.whole(ours))).to.equal(block + Buffer.from(text).toString('latin1'))
    expect(await textOf(view.message(foreign))).to.equal('Subject: dropped here\r\n\r\n')
  })

  it('reads a block that is longer than a chunk', async () => {
    const recipients = Array.from({ length: 1000 }, (_, at) => `${'x'.repeat(200)}${at}@glo2000.ca`)
    const { folder } = await folderOf(`${lostBlock({ ...CIRCUMSTANCES, recipients })}${TRACE}`)
    const [entry] = await all((await folder.view()).entries())
    expect(entry?.circumstances?.recipients).to.deep.equal(recipients)
  })

  it('believes nothing that only begins like a block', async () => {
    const { folder } = await folderOf(`X-Relais-Lost-Reason: ${'x'.repeat(2_000_000)}`)
    const [entry] = await all((await folder.view()).entries())
    expect(entry).to.include({ circumstances: undefined, blockOctets: 0 })
  })

  it('shows a file that cannot be read without its facts, and all others', async () => {
    const { mailboxes } = await folderOf(`${lostBlock(CIRCUMSTANCES)}${TRACE}`, 'x')
    const broken = (code: string) =>
      createLostFolder({
        ...mailboxes,
        async view(mailbox) {
          const view = await mailboxes.view(mailbox)
          const cause = Object.assign(new Error(code), { code })
          const open: typeof view.open = async (entry) => {
            if (entry.uid === 'm1') throw new GatewayError('store.unavailable', 'broken', { cause })
            return view.open(entry)
          }
          return { ...view, open }
        },
      })
    const entries = await all((await broken('EIO').view()).entries())
    expect(entries.map(({ id, circumstances }) => [id, circumstances])).to.deep.equal([
      ['m1', undefined],
      ['m2', undefined],
    ])
    expect(await failureOf(all((await broken('EMFILE').view()).entries()))).to.equal('store.unavailable')
  })

  it('removes what is named, and passes over what is gone', async () => {
    const texts = ['a', 'b', 'c'].map((name) => `${lostBlock(CIRCUMSTANCES)}${TRACE}${name}`)
    const { folder } = await folderOf(...texts)
    const [view, other] = [await folder.view(), await folder.view()]
    const [first, second, third] = await all(view.entries())
    if (first === undefined || second === undefined || third === undefined) throw new Error('three are there')
    expect(await view.remove([first, third])).to.deep.equal([])
    expect((await all(other.entries())).map(({ id }) => id)).to.deep.equal(['m2'])
    expect(await failureOf(textOf(view.message(third)))).to.equal('message.gone')
  })
})
