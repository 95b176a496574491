import { expect } from 'chai'
import { failureCode, GatewayError } from '../../../src/base/errors.ts'
import { silentLog, type Log } from '../../../src/base/log.ts'
import { createDelivery, type Delivery } from '../../../src/delivery/delivery.ts'
import type { Origin, Receipt, Reception } from '../../../src/delivery/reception.ts'
import type { RecipientDsn } from '../../../src/delivery/recipient-list.ts'
import { createLostFolder, type LostFolder } from '../../../src/lost/lost-folder.ts'
import type { TrailEntry } from '../../../src/ports/mail-trail.ts'
import { failureOf, gatewayErrorOf } from '../../contract/support/failure-of.ts'
import { fakeStore, type FakeStore, type StoreScript } from './fake-store.ts'

const ORIGIN = {
  reversePath: 'dave@example.org',
  heloName: 'client.example.org',
  clientAddress: '192.0.2.7',
  protocol: 'ESMTP',
  declaredOctets: 0,
}
const FULL = new GatewayError('store.full', 'full')
const MESSAGE = 'Subject: test\r\n\r\nbody\r\n'
const RECEIVED = new Date('2026-11-21T03:04:05Z')

/** A delivery for alice, bob and carol on a scripted store. */
function houseOn(
  script: StoreScript = {},
  lostReply: 'refuse' | 'accept' = 'refuse',
  quotas: Readonly<Record<string, number>> = {},
  admits: LostFolder['admits'] = async () => true,
) {
  const store = fakeStore(script)
  const trail: TrailEntry[] = []
  const warnings: string[] = []
  const log: Log = {
    ...silentLog,
    warn: (_fields, message) => void warnings.push(message),
    error: (_fields, message) => void warnings.push(message),
  }
  const reserve = { full: false }
  const delivery = createDelivery({
    domain: 'glo2000.ca',
    accounts: {
      find: async (key) =>
        ['alice', 'bob', 'carol'].includes(key) ? [{ key, quotaOctets: quotas[key] ?? 0 }] : [],
    },
    mailboxes: store.mailboxes,
    lost: { ...createLostFolder(store.mailboxes), admits },
    trail: { record: (entry) => void trail.push(entry), close: async () => {} },
    reserve: {
      async check() {
        if (reserve.full) throw FULL
      },
    },
    lostReply,
    log,
    clock: () => RECEIVED,
  })
  return { delivery, store, trail, warnings, reserve }
}

const ours = (name: string): string => (name.includes('@') ? name : `${name}@glo2000.ca`)

async function open(delivery: Delivery, names: string): Promise<Reception> {
  const transaction = await delivery.begin(ORIGIN)
  for (const name of names.split(' ')) await transaction.addRecipient(ours(name))
  return transaction.receive()
}

/** Hands a message in as SMTP does: whatever happens, the reception is let go of at the end. */
async function send(delivery: Delivery, names: string, text = MESSAGE): Promise<Receipt> {
  const reception = await open(delivery, names)
  try {
    for (let at = 0; at < text.length; at += 5)
      await reception.write(Buffer.from(text.slice(at, at + 5), 'latin1'))
    return await reception.commit()
  } finally {
    await reception.abort()
  }
}

/** The trace on top of a message, with or without the one recipient. */
function trace(id: string, only?: string): string {
  const recipient = only === undefined ? '' : `\r\n\tfor <${ours(only)}>`
  return (
    'Return-Path: <dave@example.org>\r\n' +
    'Received: from client.example.org ([192.0.2.7])\r\n' +
    `\tby glo2000.ca with ESMTP id ${id}${recipient};\r\n` +
    '\tSat, 21 Nov 2026 03:04:05 +0000\r\n'
  )
}

function lostBlock(reason: string, answered: number, ...names: readonly string[]): string {
  return (
    `X-Relais-Lost-Reason: ${reason}\r\n` +
    names.map((name) => `X-Relais-Lost-Recipient: <${ours(name)}>\r\n`).join('') +
    'X-Relais-Lost-Reverse-Path: <dave@example.org>\r\n' +
    'X-Relais-Lost-Client: 192.0.2.7\r\n' +
    `X-Relais-Lost-Answered: ${answered}\r\n` +
    'X-Relais-Lost-Date: Sat, 21 Nov 2026 03:04:05 +0000\r\n'
  )
}

function nothingIsKept(store: FakeStore): void {
  expect(store.stored()).to.deep.equal({})
  expect(store.open(), 'messages still open').to.equal(0)
}

describe('a mail transaction', () => {
  it('is refused for a reverse-path of ours, in any case', async () => {
    const { delivery } = houseOn()
    for (const reversePath of ['alice@glo2000.ca', 'nobody@GLO2000.CA', '"x"@glo2000.ca'])
      expect(await failureOf(delivery.begin({ ...ORIGIN, reversePath }))).to.equal('sender.sign-in-required')
    await delivery.begin({ ...ORIGIN, reversePath: 'alice@glo2000.ca', trusted: true })
    for (const reversePath of ['', 'alice@example.org', 'alice@mail.glo2000.ca', 'glo2000.ca@example.org'])
      await delivery.begin({ ...ORIGIN, reversePath })
  })

  it('is refused for a reverse-path whose domain IDNA maps to ours', async () => {
    const { delivery } = houseOn()
    for (const domain of ['ｇｌｏ2000.ca', 'glo２000.ca', 'glo2000。ca', 'GLO\u00ad2000.ca', 'glo2000.ca。'])
      expect(await failureOf(delivery.begin({ ...ORIGIN, reversePath: `bob@${domain}` }))).to.equal(
        'sender.sign-in-required',
      )
    await delivery.begin({ ...ORIGIN, reversePath: 'bob@glö2000.ca' })
  })

  it('is put off while the disk is down to its reserve', async () => {
    const { delivery, reserve } = houseOn()
    reserve.full = true
    expect(await failureOf(delivery.begin(ORIGIN))).to.equal('store.full')
  })

  it('tells of each recipient what becomes of it, and puts refused ones into the trail', async () => {
    const { delivery, trail } = houseOn()
    const transaction = await delivery.begin(ORIGIN)
    const kinds: string[] = []
    for (const name of ['xeno', 'alice', 'dave@example.org', '../x'])
      kinds.push((await transaction.addRecipient(ours(name))).kind)
    expect(kinds).to.deep.equal(['held', 'known', 'refused', 'refused'])
    const refused = { event: 'refused', reversePath: 'dave@example.org', client: '192.0.2.7' }
    expect(trail).to.deep.equal([
      { ...refused, recipients: ['dave@example.org'], reason: 'foreign' },
      { ...refused, recipients: ['../x@glo2000.ca'], reason: 'unknown' },
    ])
  })
})

describe('a message', () => {
  it('for one account lies in its mailbox under the trace, octet for octet', async () => {
    const { delivery, store, trail } = houseOn()
    expect(await send(delivery, 'alice')).to.deep.equal({ id: 'm1', accepted: true, lost: [] })
    expect(store.stored()).to.deep.equal({ alice: [trace('m1', 'alice') + MESSAGE] })
    expect(store.open()).to.equal(0)
    expect(trail).to.deep.equal([
      {
        event: 'accepted',
        id: 'm1',
        reversePath: 'dave@example.org',
        delivered: ['alice'],
        octets: MESSAGE.length,
        client: '192.0.2.7',
      },
    ])
  })

  it('for two accounts is one message that names neither', async () => {
    const { delivery, store } = houseOn()
    await send(delivery, 'bob alice bob')
    const text = trace('m1') + MESSAGE
    expect(store.stored()).to.deep.equal({ bob: [text], alice: [text] })
    expect(store.steps.filter((step) => step.startsWith('begin'))).to.deep.equal(['begin m1 bob,alice'])
  })

  it('names its one recipient as it was written', async () => {
    const { delivery, store } = houseOn()
    await send(delivery, 'Alice@GLO2000.ca')
    expect(store.stored()['alice']?.[0]).to.contain('\tfor <Alice@GLO2000.ca>;\r\n')
  })

  it('names no recipient where another was refused and is kept', async () => {
    const { delivery, store } = houseOn()
    await send(delivery, 'alice xeno')
    expect(store.stored()['alice']).to.deep.equal([trace('m1') + MESSAGE])
  })

  for (const first of [' folded', '\tfolded']) {
    it(`that begins with ${JSON.stringify(first[0])} is closed off from the trace by an empty line`, async () => {
      const { delivery, store } = houseOn()
      await send(delivery, 'alice', `${first}\r\n`)
      expect(store.stored()).to.deep.equal({ alice: [`${trace('m1', 'alice')}\r\n${first}\r\n`] })
    })
  }

  it('is closed off once, by its first octet, in every copy', async () => {
    const { delivery, store } = houseOn()
    const reception = await open(delivery, 'xeno alice')
    for (const chunk of ['', ' a\r\n', ' b\r\n', '\tc\r\n']) await reception.write(Buffer.from(chunk))
    await reception.commit()
    const text = '\r\n a\r\n b\r\n\tc\r\n'
    expect(store.stored()).to.deep.equal({
      alice: [trace('m1') + text],
      lost: [lostBlock('unknown-recipient', 250, 'xeno') + trace('m2') + text],
    })
  })

  it('that is empty is kept as an empty one', async () => {
    const { delivery, store } = houseOn()
    await send(delivery, 'alice', '')
    expect(store.stored()).to.deep.equal({ alice: [trace('m1', 'alice')] })
  })

  it('that is aborted leaves no trace anywhere', async () => {
    const { delivery, store, trail } = houseOn()
    const reception = await open(delivery, 'xeno alice postmaster')
    await reception.write(Buffer.from(MESSAGE))
    await reception.abort()
    nothingIsKept(store)
    expect(trail).to.deep.equal([])
  })
})

describe('a message that reaches not everybody', () => {
  it('for unknown ones alone is kept as one, answered 550 and named', async () => {
    const { delivery, store, trail } = houseOn()
    expect(await send(delivery, 'xeno yoko')).to.deep.equal({
      id: 'm1',
      accepted: false,
      lost: [
        {
          id: 'm1',
          reason: 'unknown-recipient',
          addresses: ['xeno@glo2000.ca', 'yoko@glo2000.ca'],
          answered: 550,
        },
      ],
    })
    const block = lostBlock('unknown-recipient', 550, 'xeno', 'yoko')
    expect(store.stored()).to.deep.equal({ lost: [block + trace('m1') + MESSAGE] })
    expect(trail).to.deep.equal([
      {
        event: 'lost',
        id: 'm1',
        reason: 'unknown-recipient',
        reversePath: 'dave@example.org',
        recipients: ['xeno@glo2000.ca', 'yoko@glo2000.ca'],
        answered: 550,
        octets: MESSAGE.length,
        client: '192.0.2.7',
      },
    ])
  })

  it('for an unknown one before a known one is answered 250 that names who failed', async () => {
    const { delivery, store } = houseOn()
    expect(await send(delivery, 'xeno alice')).to.deep.equal({
      id: 'm1',
      accepted: true,
      lost: [{ id: 'm2', reason: 'unknown-recipient', addresses: ['xeno@glo2000.ca'], answered: 250 }],
    })
    expect(store.stored()).to.deep.equal({
      alice: [trace('m1') + MESSAGE],
      lost: [lostBlock('unknown-recipient', 250, 'xeno') + trace('m2') + MESSAGE],
    })
  })

  it('for an unknown one that RCPT refused is kept, and the receipt does not name it again', async () => {
    const { delivery, store } = houseOn()
    expect(await send(delivery, 'alice xeno')).to.deep.equal({ id: 'm1', accepted: true, lost: [] })
    expect(store.stored()['lost']).to.deep.equal([
      lostBlock('unknown-recipient', 550, 'xeno') + trace('m2') + MESSAGE,
    ])
  })

  it('names only those that were held, and keeps all unknown ones in one entry', async () => {
    const { delivery, store } = houseOn()
    const { lost } = await send(delivery, 'xeno alice zoe')
    expect(lost).to.deep.equal([
      { id: 'm2', reason: 'unknown-recipient', addresses: ['xeno@glo2000.ca'], answered: 250 },
    ])
    expect(store.stored()['lost']).to.deep.equal([
      lostBlock('unknown-recipient', 250, 'xeno', 'zoe') + trace('m2') + MESSAGE,
    ])
  })

  it('keeps nothing for foreign recipients and for those that could never be', async () => {
    const { delivery, store } = houseOn()
    await send(delivery, 'alice dave@example.org ../x')
    expect(store.stored()).to.deep.equal({ alice: [trace('m1', 'alice') + MESSAGE] })
  })

  it('for postmaster lies in lost/ and counts as delivered', async () => {
    const { delivery, store } = houseOn()
    expect(await send(delivery, 'postmaster')).to.deep.equal({ id: 'm1', accepted: true, lost: [] })
    expect(store.stored()).to.deep.equal({
      lost: [lostBlock('no-postmaster', 250, 'postmaster') + trace('m1', 'postmaster') + MESSAGE],
    })
  })

  it('for postmaster, an account and an unknown one lies in three places', async () => {
    const { delivery, store, trail } = houseOn()
    const receipt = await send(delivery, 'xeno abuse alice')
    expect(receipt).to.deep.equal({
      id: 'm1',
      accepted: true,
      lost: [{ id: 'm2', reason: 'unknown-recipient', addresses: ['xeno@glo2000.ca'], answered: 250 }],
    })
    expect(Object.keys(store.stored()).toSorted()).to.deep.equal(['alice', 'lost'])
    expect(store.stored()['lost']).to.have.members([
      lostBlock('unknown-recipient', 250, 'xeno') + trace('m2') + MESSAGE,
      lostBlock('no-postmaster', 250, 'abuse') + trace('m3') + MESSAGE,
    ])
    expect(trail.map(({ event }) => event)).to.deep.equal(['lost', 'lost', 'accepted'])
  })

  it('with lost.reply = accept is accepted although nobody has it', async () => {
    const { delivery, store } = houseOn({}, 'accept')
    expect(await send(delivery, 'xeno')).to.deep.equal({
      id: 'm1',
      accepted: true,
      lost: [{ id: 'm1', reason: 'unknown-recipient', addresses: ['xeno@glo2000.ca'], answered: 250 }],
    })
    expect(store.stored()['lost']?.[0]).to.contain('X-Relais-Lost-Answered: 250\r\n')
  })
})

describe('no receipt is given unless everybody promised is stored', () => {
  const IO = new GatewayError('store.unavailable', 'broken')

  const refusing: readonly (readonly [what: string, names: string, script: StoreScript])[] = [
    ['the mailboxes cannot be begun', 'alice bob', { accounts: { begin: IO } }],
    ['the mailboxes cannot be written', 'alice bob', { accounts: { write: IO } }],
    ['the octets cannot be kept', 'alice bob', { accounts: { commit: IO } }],
    ['lost/ cannot be begun for a held one', 'xeno alice', { lost: { begin: IO } }],
    ['lost/ cannot be written for a held one', 'xeno alice', { lost: { write: IO } }],
    ['lost/ cannot commit for a held one', 'xeno alice', { lost: { commit: IO } }],
    ['lost/ fails for a held one', 'xeno alice', { lost: { failing: ['lost'] } }],
    ['lost/ fails for nobody but unknown ones', 'xeno', { lost: { failing: ['lost'] } }],
    ['lost/ cannot be begun for postmaster', 'postmaster alice', { lost: { begin: IO } }],
    ['lost/ fails for postmaster', 'postmaster alice', { lost: { failing: ['lost'] } }],
  ]
  for (const [what, names, script] of refusing) {
    it(`and nobody has it, when ${what}`, async () => {
      const { delivery, store, trail } = houseOn(script)
      expect(await failureOf(send(delivery, names))).to.equal('store.unavailable')
      nothingIsKept(store)
      expect(trail).to.deep.equal([])
    })
  }

  it('and what stands in lost/ already stays there, when the octets for the mailboxes cannot be kept', async () => {
    const { delivery, store } = houseOn({ accounts: { commit: FULL } })
    expect(await failureOf(send(delivery, 'xeno alice'))).to.equal('store.full')
    expect(Object.keys(store.stored())).to.deep.equal(['lost'])
    expect(store.open()).to.equal(0)
  })

  it('commits lost/ before the mailboxes, so that a retry makes no double', async () => {
    const { delivery, store } = houseOn()
    await send(delivery, 'xeno alice')
    expect(store.steps.filter((step) => step.startsWith('commit'))).to.deep.equal(['commit m2', 'commit m1'])
  })

  const rescued: readonly (readonly [
    what: string,
    failing: readonly string[],
    delivered: readonly string[],
  ])[] = [
    ['one mailbox of two', ['bob'], ['alice']],
    ['the first mailbox', ['alice'], ['bob']],
    ['every mailbox', ['alice', 'bob'], []],
  ]
  for (const [what, failing, delivered] of rescued) {
    it(`${what} fails: lost/ has the message whole, and the receipt names who has it not`, async () => {
      const { delivery, store, trail, warnings } = houseOn({ accounts: { failing } })
      expect(await send(delivery, 'alice bob')).to.deep.equal({
        id: delivered.length > 0 ? 'm1' : 'm2',
        accepted: true,
        lost: [{ id: 'm2', reason: 'mailbox-failed', addresses: failing.map(ours), answered: 250 }],
      })
      const text = trace('m1') + MESSAGE
      expect(store.stored()).to.deep.equal({
        ...Object.fromEntries(delivered.map((key) => [key, [text]])),
        lost: [lostBlock('mailbox-failed', 250, ...failing) + text],
      })
      expect(store.open()).to.equal(0)
      const events = trail.map(({ event }) => event)
      expect(events).to.deep.equal(delivered.length > 0 ? ['accepted', 'lost'] : ['lost'])
      expect(warnings).to.have.length(failing.length)
    })
  }

  it('no mailbox can take any more of it: lost/ has what came before and all that follows', async () => {
    const away = new GatewayError('store.unavailable', 'away')
    const { delivery, store } = houseOn({ accounts: { writeAfter: [3, away] } })
    expect(await send(delivery, 'alice bob')).to.deep.equal({
      id: 'm2',
      accepted: true,
      lost: [
        {
          id: 'm2',
          reason: 'mailbox-failed',
          addresses: ['alice@glo2000.ca', 'bob@glo2000.ca'],
          answered: 250,
        },
      ],
    })
    expect(store.stored()).to.deep.equal({
      lost: [lostBlock('mailbox-failed', 250, 'alice', 'bob') + trace('m1') + MESSAGE],
    })
    expect(store.open()).to.equal(0)
  })

  const unrescued: readonly (readonly [what: string, script: StoreScript])[] = [
    ['lost/ cannot be begun', { accounts: { failing: ['bob'] }, lost: { begin: FULL } }],
    ['lost/ cannot be written', { accounts: { failing: ['bob'] }, lost: { write: FULL } }],
    ['lost/ cannot commit', { accounts: { failing: ['bob'] }, lost: { commit: FULL } }],
    ['the message cannot be read back', { accounts: { failing: ['bob'], read: FULL } }],
  ]
  for (const [what, script] of unrescued) {
    it(`when a mailbox fails and ${what}, although another mailbox has it already`, async () => {
      const { delivery, store } = houseOn(script)
      expect(await failureOf(send(delivery, 'alice bob'))).to.equal('store.full')
      expect(store.stored()).to.deep.equal({ alice: [trace('m1') + MESSAGE] })
      expect(store.open()).to.equal(0)
    })
  }

  it('when a mailbox fails and lost/ fails as an outcome', async () => {
    const { delivery, store } = houseOn({ accounts: { failing: ['bob'] }, lost: { failing: ['lost'] } })
    expect(await failureOf(send(delivery, 'alice bob'))).to.equal('store.unavailable')
    expect(Object.keys(store.stored())).to.deep.equal(['alice'])
  })
})

describe('a client past its limits in lost/', () => {
  /** The clients asked about; none of them may make another entry. */
  function limited(lostReply: 'refuse' | 'accept' = 'refuse') {
    const asked: string[] = []
    const house = houseOn({}, lostReply, {}, async (address) => {
      asked.push(address)
      return false
    })
    return { ...house, asked }
  }

  it('is refused unknown recipients at RCPT, of whom nothing is kept, and no others', async () => {
    const { delivery, store, trail, asked } = limited()
    const transaction = await delivery.begin(ORIGIN)
    const kinds: string[] = []
    for (const name of ['xeno', 'alice', 'yoko', 'postmaster'])
      kinds.push((await transaction.addRecipient(ours(name))).kind)
    expect(kinds).to.deep.equal(['refused', 'known', 'refused', 'known'])
    expect(asked).to.deep.equal(['192.0.2.7', '192.0.2.7'])
    const reception = await transaction.receive()
    await reception.commit()
    expect(store.stored()['lost']).to.have.length(1)
    expect(store.stored()['lost']?.[0]).to.contain('no-postmaster')
    expect(trail[0]).to.include({ event: 'refused', reason: 'lost-limit' })
  })

  it('is asked about neither when lost.reply = accept, nor for a trusted relay', async () => {
    const relayed = limited()
    const accepting = limited('accept')
    const unknown = [
      await (await relayed.delivery.begin({ ...ORIGIN, trusted: true })).addRecipient(ours('xeno')),
      await (await accepting.delivery.begin(ORIGIN)).addRecipient(ours('xeno')),
    ]
    expect(unknown.map(({ kind }) => kind)).to.deep.equal(['held', 'held'])
    expect([relayed.asked, accepting.asked]).to.deep.equal([[], []])
  })
})

describe('a copy that nobody was promised', () => {
  const scripts: readonly (readonly [what: string, script: StoreScript])[] = [
    ['begun', { lost: { begin: FULL } }],
    ['written', { lost: { write: FULL } }],
    ['committed', { lost: { commit: FULL } }],
    ['stored', { lost: { failing: ['lost'] } }],
  ]
  for (const [what, script] of scripts) {
    it(`and that cannot be ${what} is nobody else’s trouble; it is only logged`, async () => {
      const { delivery, store, trail, warnings } = houseOn(script)
      expect(await send(delivery, 'alice xeno')).to.deep.equal({ id: 'm1', accepted: true, lost: [] })
      expect(store.stored()).to.deep.equal({ alice: [trace('m1') + MESSAGE] })
      expect(store.open()).to.equal(0)
      expect(trail.map(({ event }) => event)).to.deep.equal(['refused', 'accepted'])
      expect(warnings).to.deep.equal(['a message whose recipient was refused could not be kept in lost/'])
    })
  }
})

describe('a sender who signed in', () => {
  const OWN = { key: 'alice', address: 'alice@glo2000.ca' }
  const SIGNED_IN = { ...ORIGIN, reversePath: 'alice@glo2000.ca', signedIn: OWN }
  type Wishes = Readonly<Record<string, RecipientDsn['notify']>>

  async function submit(
    delivery: Delivery,
    names: string,
    { origin = SIGNED_IN, wishes = {} }: { readonly origin?: Origin; readonly wishes?: Wishes } = {},
  ): Promise<Receipt> {
    const transaction = await delivery.begin(origin)
    for (const name of names.split(' ')) await transaction.addRecipient(ours(name), { notify: wishes[name] })
    const reception = await transaction.receive()
    try {
      await reception.write(Buffer.from(MESSAGE))
      return await reception.commit()
    } finally {
      await reception.abort()
    }
  }

  const notified = (trail: readonly TrailEntry[]) => trail.filter(({ event }) => event === 'notified')
  /** What a mailbox holds besides the message itself. */
  const notifications = (store: FakeStore, name: string): readonly string[] =>
    (store.stored()[name] ?? []).filter((text) => text.includes('multipart/report'))

  it('sends under the own address, in any case and quoting, or the null reverse-path, and no other', async () => {
    const { delivery } = houseOn()
    for (const reversePath of ['alice@glo2000.ca', 'ALICE@Glo2000.CA', '"alice"@glo2000.ca', ''])
      await delivery.begin({ ...SIGNED_IN, reversePath })
    for (const reversePath of ['bob@glo2000.ca', 'alice@example.org', 'alice', 'alice+x@glo2000.ca']) {
      const error = await gatewayErrorOf(delivery.begin({ ...SIGNED_IN, reversePath }))
      expect(error.code).to.equal('sender.not-own')
      expect(error.message).to.contain('alice@glo2000.ca')
    }
  })

  it('is refused no unknown recipient at RCPT, whatever came before', async () => {
    const { delivery } = houseOn()
    const transaction = await delivery.begin(SIGNED_IN)
    const kinds: string[] = []
    for (const name of ['bob', 'xeno', 'a/b', 'dave@example.org'])
      kinds.push((await transaction.addRecipient(ours(name))).kind)
    expect(kinds).to.deep.equal(['known', 'held', 'refused', 'refused'])
  })

  it('is answered 550 when nobody has it, and gets no notification besides', async () => {
    const { delivery, store, trail } = houseOn()
    expect(await submit(delivery, 'xeno')).to.deep.equal({
      id: 'm1',
      accepted: false,
      lost: [{ id: 'm1', reason: 'unknown-recipient', addresses: ['xeno@glo2000.ca'], answered: 550 }],
    })
    expect(Object.keys(store.stored())).to.deep.equal(['lost'])
    expect(store.stored()['lost']?.[0]).to.contain('\r\nX-Relais-Lost-Account: alice\r\n')
    expect(notified(trail)).to.deep.equal([])
  })

  it('is notified in the own mailbox, before the answer, when one of several has it not', async () => {
    const { delivery, store, trail } = houseOn()
    expect((await submit(delivery, 'bob xeno')).accepted).to.equal(true)
    const [notification = ''] = notifications(store, 'alice')
    expect(notification).to.match(
      /^Return-Path: <>\r\nFrom: Mail Delivery System <postmaster@glo2000.ca>\r\n/,
    )
    expect(notification).to.contain('Final-Recipient: rfc822; xeno@glo2000.ca\r\nAction: failed\r\n')
    expect(notification).to.contain('X-Relais-Lost-Id: m2\r\n').and.to.not.contain('bob@glo2000.ca')
    expect(notification).to.contain('Subject: test\r\n')
    expect(store.steps.filter((step) => step.startsWith('commit'))).to.deep.equal([
      'commit m2',
      'commit m1',
      'commit m3',
    ])
    expect(notified(trail)).to.deep.equal([
      {
        event: 'notified',
        id: 'm3',
        about: 'm1',
        account: 'alice',
        failed: ['xeno@glo2000.ca'],
        delivered: [],
      },
    ])
    expect(store.open()).to.equal(0)
  })

  it('is notified of a mailbox that failed after DATA, also when all did', async () => {
    for (const failing of [['bob'], ['bob', 'carol']]) {
      const { delivery, store } = houseOn({ accounts: { failing } })
      await submit(delivery, 'bob carol')
      const [notification = ''] = notifications(store, 'alice')
      for (const key of failing)
        expect(notification).to.contain(
          `Final-Recipient: rfc822; ${key}@glo2000.ca\r\nAction: failed\r\nStatus: 5.2.0\r\n`,
        )
      expect(notification.match(/Action:/g)).to.have.length(failing.length)
    }
  })

  it('is told that a mailbox was full', async () => {
    const { delivery, store } = houseOn({ accounts: { full: ['bob'] } })
    await submit(delivery, 'bob carol')
    expect(notifications(store, 'alice')[0]).to.contain('Status: 5.2.2\r\nX-Relais-Lost-Id: ')
  })

  it('is notified although lost.reply = accept answers 250', async () => {
    const { delivery, store } = houseOn({}, 'accept')
    expect((await submit(delivery, 'xeno')).accepted).to.equal(true)
    expect(notifications(store, 'alice')).to.have.length(1)
  })

  it('is not notified of a message with the null reverse-path', async () => {
    const { delivery, store } = houseOn()
    await submit(delivery, 'bob xeno', { origin: { ...SIGNED_IN, reversePath: '' } })
    expect(notifications(store, 'alice')).to.deep.equal([])
  })

  it('who never signed in is not notified', async () => {
    const { delivery, store } = houseOn({ accounts: { failing: ['bob'] } })
    await submit(delivery, 'xeno bob alice', { origin: ORIGIN, wishes: { alice: ['SUCCESS'] } })
    expect(notifications(store, 'alice')).to.deep.equal([])
  })

  const wished: readonly (readonly [
    wishes: Wishes,
    failed: readonly string[],
    delivered: readonly string[],
  ])[] = [
    [{ xeno: ['NEVER'] }, [], []],
    [{ xeno: ['SUCCESS'] }, [], []],
    [{ xeno: ['DELAY'] }, [], []],
    [{ xeno: ['FAILURE', 'DELAY'] }, ['xeno'], []],
    [{ bob: ['SUCCESS'] }, ['xeno'], ['bob']],
    [{ bob: ['SUCCESS'], xeno: ['NEVER'] }, [], ['bob']],
    [{ bob: ['SUCCESS', 'FAILURE'], postmaster: ['SUCCESS'], xeno: ['NEVER'] }, [], ['bob', 'postmaster']],
  ]
  for (const [wishes, failed, delivered] of wished) {
    it(`with NOTIFY as in ${JSON.stringify(wishes)} is told of ${[...failed, ...delivered].join(', ') || 'nobody'}`, async () => {
      const { delivery, trail, store } = houseOn()
      await submit(delivery, 'bob xeno postmaster', { wishes })
      const told = notified(trail).map(
        (entry) => entry.event === 'notified' && [entry.failed, entry.delivered],
      )
      expect(told).to.deep.equal(
        failed.length + delivered.length === 0 ? [] : [[failed.map(ours), delivered.map(ours)]],
      )
      expect(store.stored()['lost']).to.have.length(2)
    })
  }

  it('gets back what RET asks for, and ENVID and ORCPT', async () => {
    const { delivery, store } = houseOn()
    for (const ret of ['FULL', 'HDRS'] as const) {
      const transaction = await delivery.begin({ ...SIGNED_IN, dsn: { ret, envid: 'QQ1' } })
      await transaction.addRecipient(ours('bob'))
      await transaction.addRecipient(ours('xeno'), { orcpt: 'rfc822;x@example.org' })
      const reception = await transaction.receive()
      await reception.write(Buffer.from(MESSAGE))
      await reception.commit()
      await reception.abort()
    }
    const [full = '', headers = ''] = notifications(store, 'alice')
    expect(full).to.contain('Content-Type: message/rfc822\r\n').and.to.contain(`\r\n\r\n${MESSAGE}`)
    expect(headers).to.contain('Content-Type: text/rfc822-headers\r\n').and.to.not.contain(MESSAGE)
    for (const text of [full, headers]) {
      expect(text).to.contain('Original-Envelope-Id: QQ1\r\n')
      expect(text).to.contain('Original-Recipient: rfc822; x@example.org\r\n')
    }
  })

  it('is answered all the same when the own mailbox cannot take it: lost/ has the notification then', async () => {
    const { delivery, store, trail } = houseOn({ accounts: { failing: ['alice'] } })
    expect((await submit(delivery, 'bob xeno')).accepted).to.equal(true)
    const [notification = ''] = notifications(store, 'lost')
    expect(notification).to.contain(
      'X-Relais-Lost-Reason: mailbox-failed\r\nX-Relais-Lost-Recipient: <alice@',
    )
    expect(notification).to.contain('X-Relais-Lost-Answered: 250\r\n')
    expect(notification).to.contain('\r\nReturn-Path: <>\r\n')
    expect(notified(trail)).to.have.length(1)
    expect(store.open()).to.equal(0)
  })
})

describe('a quota', () => {
  const full = { alice: 100 }

  it('that is used up refuses the recipient for the time being, and nobody else', async () => {
    const { delivery, store } = houseOn({ used: { alice: 100 } }, 'refuse', full)
    const transaction = await delivery.begin(ORIGIN)
    expect(await failureOf(transaction.addRecipient(ours('alice')))).to.equal('mailbox.full')
    expect(await transaction.addRecipient(ours('bob'))).to.deep.equal({ kind: 'known' })
    const reception = await transaction.receive()
    await reception.commit()
    expect(Object.keys(store.stored())).to.deep.equal(['bob'])
  })

  it('refuses at RCPT a message that the sender says is too large for it', async () => {
    const { delivery } = houseOn({ used: { alice: 60 } }, 'refuse', full)
    for (const [declaredOctets, expected] of [
      [40, { kind: 'known' }],
      [41, 'mailbox.full'],
    ] as const) {
      const transaction = await delivery.begin({ ...ORIGIN, declaredOctets })
      const answer = await transaction
        .addRecipient(ours('alice'))
        .catch((error: unknown) => failureCode(error))
      expect(answer).to.deep.equal(expected)
    }
  })

  it('met at the end leaves the message with the sender when nobody has it', async () => {
    const { delivery, store } = houseOn({ accounts: { full: ['alice'] } }, 'refuse', full)
    expect(await failureOf(send(delivery, 'alice'))).to.equal('mailbox.full')
    expect(store.stored()).to.deep.equal({})
    expect(store.open()).to.equal(0)
  })

  it('met at the end keeps the message in lost/ when others have it', async () => {
    const { delivery, store } = houseOn({ accounts: { full: ['alice'] } }, 'refuse', full)
    const { accepted, lost } = await send(delivery, 'alice bob')
    expect(accepted).to.equal(true)
    expect(lost.map(({ addresses }) => addresses)).to.deep.equal([['alice@glo2000.ca']])
    expect(Object.keys(store.stored()).toSorted()).to.deep.equal(['bob', 'lost'])
  })
})
