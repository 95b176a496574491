import { expect } from 'chai'
import { assert, date, property } from 'fast-check'
import { mailDate } from '../../../src/message/date.ts'

describe('a date in a header', () => {
  const dates = [
    ['2026-11-21T03:04:05.999Z', 'Sat, 21 Nov 2026 03:04:05 +0000'],
    ['2024-02-29T23:59:59.000Z', 'Thu, 29 Feb 2024 23:59:59 +0000'],
    ['2000-01-01T00:00:00.000Z', 'Sat, 01 Jan 2000 00:00:00 +0000'],
    ['1970-01-01T00:00:00.000Z', 'Thu, 01 Jan 1970 00:00:00 +0000'],
    ['2026-12-31T23:30:00.000-01:00', 'Fri, 01 Jan 2027 00:30:00 +0000'],
  ] as const
  for (const [iso, text] of dates) {
    it(`of ${iso} is ${text}`, () => {
      expect(mailDate(new Date(iso))).to.equal(text)
    })
  }

  it('means the second it was made from, for any time that mail knows', () => {
    const range = {
      min: new Date('1970-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    }
    assert(
      property(date(range), (time) => {
        const text = mailDate(time)
        expect(text).to.match(/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000$/)
        expect(Date.parse(text)).to.equal(Math.floor(time.getTime() / 1000) * 1000)
      }),
    )
  })
})
