import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import {
  array,
  asyncProperty,
  assert,
  constantFrom,
  nat,
  oneof,
  string,
  tuple,
  type Arbitrary,
} from 'fast-check'
import { fuzz } from '../fuzz.ts'
import { ALICE, converse, type Segments } from './session.ts'

const CORPUS = new URL('corpus/', import.meta.url)

/** Words of the protocol, whole and broken, and what others read in other ways. */
const WORDS = [
  'EHLO x\r\n',
  'HELO x\r\n',
  'LHLO x\r\n',
  'MAIL FROM:<dave@example.org>\r\n',
  'MAIL FROM:<> SIZE=10 BODY=8BITMIME SMTPUTF8\r\n',
  'MAIL FROM:<alice@glo2000.ca> RET=FULL ENVID=x\r\n',
  'RCPT TO:<alice@glo2000.ca>\r\n',
  'RCPT TO:<nobody@glo2000.ca> NOTIFY=NEVER\r\n',
  'RCPT TO:<bob@glo2000.ca>\r\n',
  'DATA\r\n',
  'From: bob@glo2000.ca\r\n',
  'Bcc: x\r\n y\r\n',
  'Subject: x\r\n',
  `AUTH PLAIN ${ALICE}\r\n`,
  'AUTH LOGIN\r\n',
  'YWxpY2U=\r\n',
  '*\r\n',
  'RSET\r\n',
  'NOOP\r\n',
  'VRFY x\r\n',
  'BDAT 4 LAST\r\n',
  'STARTTLS\r\n',
  'QUIT\r\n',
  'GET / HTTP/1.1\r\n',
  '\r\n.\r\n',
  '.\r\n',
  '..\r\n',
  '\n.\n',
  '\n.\r\n',
  '\r\n.\n',
  '\r.\r',
  '\r\n.\r',
  '\r\n\0.\r\n',
  '\r\n',
  '\r',
  '\n',
  '\0',
  '<',
  '>',
  ':',
  '"',
  ' ',
] as const

const octets: Arbitrary<string> = string({ unit: 'binary', maxLength: 20 }).map((text) =>
  Buffer.from(text).toString('latin1'),
)
const anything = array(oneof({ weight: 8, arbitrary: constantFrom(...WORDS) }, octets), { maxLength: 25 })
/** A conversation that has come to DATA, then anything. */
const message = anything.map((words) => [
  'EHLO x\r\nMAIL FROM:<dave@example.org>\r\nRCPT TO:<alice@glo2000.ca>\r\nDATA\r\n',
  ...words,
])

/** The same octets, cut at these places. */
function cutAt(text: string, places: readonly number[]): Segments {
  const at = [...new Set(places.map((place) => (text.length === 0 ? 0 : place % text.length)))].toSorted(
    (a, b) => a - b,
  )
  return [0, ...at]
    .map((from, index) => text.slice(from, at[index] ?? text.length))
    .filter((part) => part !== '')
}

describe('SMTP sessions of anything', () => {
  for (const [what, options] of [
    ['reception', {}],
    ['submission', { service: 'submission' }],
    ['reception that normalises line ends', { bareLineEnds: 'normalise' }],
    ['LMTP', { service: 'lmtp' }],
  ] as const) {
    it(`${what}: the same octets mean the same however they are segmented, and the next client is served`, async () => {
      await assert(
        asyncProperty(
          tuple(oneof(anything, message), array(nat(500), { maxLength: 8 })),
          async ([words, places]) => {
            const text = words.join('')
            expect(await converse(cutAt(text, places), options)).to.deep.equal(
              await converse([text], options),
            )
          },
        ),
        fuzz(150),
      )
    })
  }
})

describe('SMTP sessions that failed once, or could', () => {
  for (const file of readdirSync(CORPUS).toSorted()) {
    it(file, async () => {
      const text = readFileSync(new URL(file, CORPUS), 'latin1')
      const whole = await converse([text])
      expect(await converse(text.split(''))).to.deep.equal(whole)
      // No file of the corpus holds more than one message that may be kept, and none from mallory.
      const kept = Object.values(whole.stored).flat()
      expect(kept.length).to.be.at.most(1)
      for (const stored of kept) expect(stored).to.not.contain('Return-Path: <mallory')
    })
  }
})
