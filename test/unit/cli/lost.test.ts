import { expect } from 'chai'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createLostFolder } from '../../../src/lost/lost-folder.ts'
import type { LostCircumstances } from '../../../src/lost/block.ts'
import { openMaildirMailboxStore } from '../../../src/storage/maildir/maildir-mailbox-store.ts'
import { tempFolder } from '../../contract/support/temp-folder.ts'
import { run, type Run } from './fake-io.ts'

const TRACE = 'Return-Path: <dave@example.org>\r\nReceived: from x\r\n\tby glo2000.ca\r\n'
const MESSAGE = `${TRACE}Subject: \x1b[31mhi\r\n\r\nbody\r\n`

describe('relais lost', () => {
  const newPath = tempFolder()
  let root = ''
  beforeEach(async () => {
    root = newPath()
    await mkdir(root)
  })

  const lost = (...argv: readonly string[]): Promise<Run> => run(['lost', ...argv], { currentDir: root })
  const addAccount = async (name: string): Promise<void> => {
    await run(['account', 'add', name, '--password-stdin'], { currentDir: root, stdin: 'Abcdefgh12' })
  }
  const filesIn = (folder: string): Promise<readonly string[]> => readdir(join(root, folder))

  /** Loses a message as the server does; answers its id. */
  async function lose(circumstances: Partial<LostCircumstances> = {}, text = MESSAGE): Promise<string> {
    const store = await openMaildirMailboxStore({
      accountsDir: join(root, 'maildir'),
      lostDir: join(root, 'lost'),
      runDir: join(root, 'config/run'),
    })
    const message = await createLostFolder(store).begin({
      reason: 'unknown-recipient',
      recipients: ['alice@glo2000.ca'],
      reversePath: 'dave@example.org',
      clientAddress: '192.0.2.7',
      answered: 550,
      receivedAt: new Date('2026-11-21T03:04:05Z'),
      ...circumstances,
    })
    await message.write(Buffer.from(text))
    await message.commit()
    await store.close()
    return message.id
  }

  async function trail(): Promise<readonly unknown[]> {
    const [day = ''] = await filesIn('config/trail')
    const text = await readFile(join(root, 'config/trail', day), 'utf8')
    return text
      .trim()
      .split('\n')
      .map((line) => Reflect.get(Object(JSON.parse(line)), 'event'))
  }

  describe('list', () => {
    it('says that there is nothing', async () => {
      expect(await lost('list')).to.deep.equal({
        status: 0,
        stdout: 'There is no such message in lost/\n',
        stderr: '',
      })
      expect((await lost('list', '--json')).stdout).to.equal('[]\n')
    })

    it('says of each why, from whom, for whom, and who may be meant', async () => {
      await addAccount('alise')
      const one = await lose({
        recipients: ['alice@glo2000.ca', 'alice+list@glo2000.ca', 'x\x1b[1m@glo2000.ca'],
      })
      const two = await lose({ reason: 'no-postmaster', recipients: ['abuse@glo2000.ca'], account: 'bob' })
      expect((await lost('list')).stdout).to.equal(
        `${one}\n` +
          `  2026-11-21 03:04  unknown-recipient, answered 550, ${MESSAGE.length} octets\n` +
          '  from <dave@example.org>, client 192.0.2.7\n' +
          '  to alice@glo2000.ca; did you mean alise@glo2000.ca?\n' +
          '  to alice+list@glo2000.ca; did you mean alise@glo2000.ca?\n' +
          '  to x?[1m@glo2000.ca\n' +
          `${two}\n` +
          `  2026-11-21 03:04  no-postmaster, answered 550, ${MESSAGE.length} octets\n` +
          '  from <dave@example.org>, account bob, client 192.0.2.7\n' +
          '  to abuse@glo2000.ca\n',
      )
    })

    it('says which role address may be meant', async () => {
      await addAccount('bob')
      await run(['alias', 'add', 'Info', 'bob'], { currentDir: root })
      await lose({ recipients: ['imfo@glo2000.ca'] })
      expect((await lost('list')).stdout).to.contain('to imfo@glo2000.ca; did you mean info@glo2000.ca?\n')
    })

    it('gives scripts every fact', async () => {
      await addAccount('alise')
      const id = await lose({ reversePath: '' })
      expect(JSON.parse((await lost('list', '--json')).stdout)).to.deep.equal([
        {
          id,
          reason: 'unknown-recipient',
          recipients: [{ address: 'alice@glo2000.ca', nearest: ['alise@glo2000.ca'] }],
          reversePath: '',
          account: null,
          client: '192.0.2.7',
          answered: 550,
          receivedAt: '2026-11-21T03:04:05.000Z',
          octets: MESSAGE.length,
        },
      ])
    })

    it('shows what another tool put there, and believes none of its words', async () => {
      await lose()
      await writeFile(join(root, 'lost/new/1000000000.1.example'), 'X-Relais-Lost-Reason: forged\n\nx\n')
      expect((await lost('list')).stdout).to.contain(
        '1000000000.1.example\n  no reason of ours can be read on it, ',
      )
    })

    it('shows those alone that are meant', async () => {
      const old = await lose({
        receivedAt: new Date('2020-01-01T00:00:00Z'),
        recipients: ['xeno@glo2000.ca'],
      })
      const bounce = await lose({ reversePath: '', receivedAt: new Date() })
      const role = await lose({ reason: 'no-postmaster', receivedAt: new Date('2026-11-21T08:00:00Z') })
      const meant: readonly (readonly [argv: readonly string[], ids: readonly string[]])[] = [
        [[], [old, bounce, role]],
        [['--recipient', 'xeno'], [old]],
        [
          ['--recipient', 'ALICE@glo2000.ca'],
          [bounce, role],
        ],
        [['--from', '<>'], [bounce]],
        [['--from', 'dave@example.org', '--recipient', 'alice'], [role]],
        [['--reason', 'no-postmaster'], [role]],
        [['--since', '30m', '--from', '<>'], [bounce]],
        [
          ['--since', '2020-01-01', '--reason', 'unknown-recipient'],
          [old, bounce],
        ],
        [['--since', '2020-01-01T00:00:01Z', '--recipient', 'xeno'], []],
      ]
      for (const [argv, ids] of meant) {
        const entries: unknown = JSON.parse((await lost('list', '--json', ...argv)).stdout)
        expect(
          Array.isArray(entries) && entries.map((entry) => Reflect.get(Object(entry), 'id')),
          argv.join(' '),
        ).to.deep.equal(ids)
      }
    })

    for (const argv of [
      ['list', '--since', 'yesterday'],
      ['list', '--since', '2026-13-01'],
      ['list', '--since', '5y'],
      ['list', '--reason', 'whim'],
      ['redeliver'],
      ['discard', '--yes'],
      ['export', 'folder'],
      ['show'],
      ['forget'],
      [],
    ])
      it(`refuses "${argv.join(' ')}" with 64 and one line`, async () => {
        const { status, stdout, stderr } = await lost(...argv)
        expect({ status, stdout }).to.deep.equal({ status: 64, stdout: '' })
        expect(stderr).to.match(/^relais: [^\n]+\n$/)
      })
  })

  describe('show', () => {
    it('shows the facts and the header, and nothing in it acts on the terminal', async () => {
      const id = await lose()
      const { stdout } = await lost('show', id)
      expect(stdout).to.contain(
        'to alice@glo2000.ca\n\n' +
          'Return-Path: <dave@example.org>\nReceived: from x\n    by glo2000.ca\nSubject: \\u{1b}[31mhi\n',
      )
      expect(stdout).to.not.contain('body')
      expect(Reflect.get(Object(JSON.parse((await lost('show', id, '--json')).stdout)), 'header')).to.include(
        'Subject: \x1b[31mhi',
      )
    })

    it('ends with 74 for an id that is not there', async () => {
      expect(await lost('show', 'm1')).to.deep.equal({
        status: 74,
        stdout: '',
        stderr: 'relais: there is no message "m1" in lost/\n',
      })
    })
  })

  describe('redeliver', () => {
    it('delivers to the account that was added meanwhile, octet for octet', async () => {
      const id = await lose()
      await addAccount('alice')
      const { status, stdout } = await lost('redeliver', id)
      expect(status).to.equal(0)
      expect(stdout).to.match(new RegExp(`^${id} is delivered to alice as \\S+\n$`))
      const [file = ''] = await filesIn('maildir/alice/new')
      expect(await readFile(join(root, 'maildir/alice/new', file), 'utf8')).to.equal(MESSAGE)
      expect(await filesIn('lost/new')).to.deep.equal([])
      expect(await trail()).to.deep.equal(['redelivered'])
    })

    it('delivers all that are meant to somebody else', async () => {
      await addAccount('bob')
      for (const recipients of [
        ['xeno@glo2000.ca'],
        ['xeno@glo2000.ca', 'yoko@glo2000.ca'],
        ['zoe@glo2000.ca'],
      ])
        await lose({ recipients })
      const { status, stdout } = await lost('redeliver', '--recipient', 'xeno', '--to', 'Bob', '--json')
      expect(status).to.equal(0)
      const results: unknown = JSON.parse(stdout)
      expect(
        Array.isArray(results) && results.map((result) => Reflect.get(Object(result), 'to')),
      ).to.deep.equal([['bob'], ['bob']])
      expect(await filesIn('maildir/bob/new')).to.have.length(2)
      expect(await filesIn('lost/new')).to.have.length(1)
    })

    it('leaves with 67 what nobody has, names who may be meant, and goes on with the others', async () => {
      await addAccount('alise')
      const [one, two] = [await lose(), await lose({ recipients: ['alise@glo2000.ca'] })]
      const { status, stdout, stderr } = await lost('redeliver', one, two)
      expect(status).to.equal(67)
      expect(stdout).to.contain(`${two} is delivered to alise`)
      expect(stderr).to.equal(
        `relais: ${one} stays: nobody has alice@glo2000.ca; did you mean alise@glo2000.ca?; --to NAME delivers it to an account\n` +
          'relais: 1 of 2 messages stay in lost/\n',
      )
      expect(await filesIn('lost/new')).to.have.length(1)
    })

    it('leaves everything with 67 when there is no such account to deliver to', async () => {
      const id = await lose()
      for (const to of ['bob', 'bob@example.org', '../x']) {
        const { status, stderr } = await lost('redeliver', id, '--to', to)
        expect(status).to.equal(67)
        expect(stderr).to.contain('there is no account')
      }
      expect(await filesIn('lost/new')).to.have.length(1)
    })
  })

  describe('discard', () => {
    it('throws away what is named, and leaves a line for each in the trail', async () => {
      const [one, two, three] = [await lose(), await lose(), await lose()]
      expect((await lost('discard', one, three)).stdout).to.equal(
        `${one} is discarded\n${three} is discarded\n`,
      )
      expect(await filesIn('lost/new')).to.have.length(1)
      expect((await filesIn('lost/new'))[0]).to.contain(two)
      expect(await trail()).to.deep.equal(['discarded', 'discarded'])
    })

    it('by a filter alone needs --yes', async () => {
      await lose()
      const refused = await lost('discard', '--recipient', 'alice')
      expect(refused.status).to.equal(64)
      expect(refused.stderr).to.contain('1 messages are meant; say --yes')
      expect(await filesIn('lost/new')).to.have.length(1)
      expect((await lost('discard', '--recipient', 'alice', '--yes')).status).to.equal(0)
      expect(await filesIn('lost/new')).to.deep.equal([])
    })

    it('throws nothing away when one of the ids is not there', async () => {
      expect((await lost('discard', await lose(), 'm1')).status).to.equal(74)
      expect(await filesIn('lost/new')).to.have.length(1)
    })
  })

  describe('export', () => {
    it('writes each message as it lies there, for its owner alone, and overwrites nothing', async () => {
      const id = await lose()
      const file = join(root, 'out/deep', `${id}.eml`)
      expect(await lost('export', id, 'out/deep')).to.deep.equal({
        status: 0,
        stdout: `${file}\n`,
        stderr: '',
      })
      const text = await readFile(file, 'utf8')
      expect(text.slice(-MESSAGE.length)).to.equal(MESSAGE)
      expect(text).to.match(/^X-Relais-Lost-Reason: unknown-recipient\r\n/)
      expect(await filesIn('lost/new')).to.have.length(1)
      const again = await lost('export', '--reason', 'unknown-recipient', 'out/deep')
      expect(again.status).to.equal(73)
      expect(again.stderr).to.contain('EEXIST')
      expect(await readFile(file, 'utf8')).to.equal(text)
    })
  })
})
