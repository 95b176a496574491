import { expect } from 'chai'
import { array, assert, constantFrom, property, tuple } from 'fast-check'
import addressparser from 'nodemailer/lib/addressparser'
import { failureCode } from '../../../src/base/errors.ts'
import type { HeaderFilter } from '../../../src/message/header-filter.ts'
import { createReceptionHeader } from '../../../src/message/reception-header.ts'
import { createSubmissionHeader } from '../../../src/message/submission-header.ts'
import { fuzz } from '../fuzz.ts'

const PIECES = [
  'From:',
  'from :',
  'Sender: ',
  'Bcc: ',
  'Date: x',
  'Received: x',
  'alice@glo2000.ca',
  'bob@glo2000.ca',
  'dave@example.org',
  'alice',
  '@',
  'glo2000.ca',
  '<',
  '>',
  ',',
  ';',
  ':',
  '"',
  '\\',
  '(',
  ')',
  '.',
  ' ',
  '\t',
  '\r\n',
  '\r\n ',
  '\r\n\r\n',
  'é',
  '\0',
] as const

/** What a value may be made of. Letters beyond ASCII are left out: they make a domain that is not ours, and others cut them off. */
const VALUES = PIECES.slice(6).filter((piece) => !['\r\n', '\r\n\r\n', 'é'].includes(piece))

const submission = (): HeaderFilter =>
  createSubmissionHeader({ address: 'alice@glo2000.ca', now: new Date(0), messageId: '<m@glo2000.ca>' })

function through(filter: HeaderFilter, chunks: readonly Buffer[]): string {
  try {
    return Buffer.concat([...chunks.map((chunk) => filter.push(chunk)), filter.end()]).toString('latin1')
  } catch (error) {
    const code = failureCode(error)
    if (code === undefined) throw error
    return `refused: ${code}`
  }
}

describe('headers of anything', () => {
  const texts = array(array(constantFrom(...PIECES), { maxLength: 6 }), { maxLength: 8 })
  for (const [what, open] of [
    ['reception', () => createReceptionHeader('glo2000.ca')],
    ['submission', submission],
  ] as const) {
    it(`${what}: are judged and edited alike however they are segmented`, () => {
      assert(
        property(texts, (parts) => {
          const chunks = parts.map((part) => Buffer.from(part.join('')))
          expect(through(open(), chunks)).to.equal(through(open(), [Buffer.concat(chunks)]))
        }),
        fuzz(20_000),
      )
    })
  }

  it('reception: show no mail program an address of ours', () => {
    assert(
      property(
        array(constantFrom(...VALUES), {
          maxLength: 12,
        }),
        (pieces) => {
          const value = pieces.join('')
          const shown = addressparser(value.replaceAll('\r\n', ''), { flatten: true })
          const ours = shown.some(({ address }) => /^[^@\s]+@glo2000\.ca$/i.test(address))
          const verdict = through(createReceptionHeader('glo2000.ca'), [
            Buffer.from(`From: ${value}\r\n\r\n`),
          ])
          if (ours) expect(verdict, value).to.equal('refused: sender.forged')
        },
      ),
      fuzz(20_000),
    )
  })

  it('submission: name nobody else, and keep every field but Bcc', () => {
    const fields = array(
      tuple(constantFrom('X', 'From', 'Bcc', 'Subject'), constantFrom('1', 'alice@glo2000.ca', 'x\r\n y')),
    )
    assert(
      property(fields, (pairs) => {
        const lines = pairs.map(([name, value]) => `${name}: ${value}\r\n`)
        const text = `Date: d\r\nMessage-ID: m\r\n${lines.join('')}\r\nbody`
        const forged = pairs.some(([name, value]) => name === 'From' && value !== 'alice@glo2000.ca')
        const kept = lines.filter((line) => !line.startsWith('Bcc'))
        expect(through(submission(), [Buffer.from(text)])).to.equal(
          forged ? 'refused: sender.not-own' : `Date: d\r\nMessage-ID: m\r\n${kept.join('')}\r\nbody`,
        )
      }),
      fuzz(2000),
    )
  })
})
