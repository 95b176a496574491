import { expect } from 'chai'
import { assert, property, record, string } from 'fast-check'
import { addressLiteral, plain, traceHeaders, type Trace } from '../../../src/message/trace.ts'

const TRACE: Trace = {
  reversePath: 'dave@example.org',
  heloName: 'client.example.org',
  clientAddress: '192.0.2.7',
  by: 'glo2000.ca',
  protocol: 'ESMTP',
  id: '1700000000.tsRabcM1P2Q3.host',
  onlyRecipient: 'alice@glo2000.ca',
  receivedAt: new Date('2026-11-21T03:04:05Z'),
}

describe('the trace headers', () => {
  it('are Return-Path and Received, octet for octet', () => {
    expect(traceHeaders(TRACE)).to.equal(
      'Return-Path: <dave@example.org>\r\n' +
        'Received: from client.example.org ([192.0.2.7])\r\n' +
        '\tby glo2000.ca with ESMTP id 1700000000.tsRabcM1P2Q3.host\r\n' +
        '\tfor <alice@glo2000.ca>;\r\n' +
        '\tSat, 21 Nov 2026 03:04:05 +0000\r\n',
    )
  })

  it('name no recipient where there is more than one', () => {
    expect(traceHeaders({ ...TRACE, onlyRecipient: undefined })).to.equal(
      'Return-Path: <dave@example.org>\r\n' +
        'Received: from client.example.org ([192.0.2.7])\r\n' +
        '\tby glo2000.ca with ESMTP id 1700000000.tsRabcM1P2Q3.host;\r\n' +
        '\tSat, 21 Nov 2026 03:04:05 +0000\r\n',
    )
  })

  it('show the null reverse-path as <>', () => {
    expect(traceHeaders({ ...TRACE, reversePath: '' })).to.match(/^Return-Path: <>\r\n/)
  })

  it('hold a client’s name to the letters of names and address literals', () => {
    const received = (heloName: string) => traceHeaders({ ...TRACE, heloName }).split('\r\n')[1]
    expect(received('[IPv6:::1]')).to.equal('Received: from [IPv6:::1] ([192.0.2.7])')
    expect(received('a b;(c)\r\nX: d\0é')).to.equal('Received: from a?b??c???X:?d?? ([192.0.2.7])')
  })

  it('are five lines whatever the envelope says', () => {
    const text = string({ unit: 'binary' })
    const envelope = record({
      reversePath: text,
      heloName: text,
      clientAddress: text,
      onlyRecipient: text,
      id: text,
    })
    assert(
      property(envelope, (values) => {
        const headers = traceHeaders({ ...TRACE, ...values })
        expect(headers.split('\r\n')).to.have.length(6)
        expect(headers.replaceAll('\r\n', '')).to.not.match(/[\r\n\0]/)
      }),
    )
  })
})

describe('an address literal', () => {
  for (const [address, literal] of [
    ['127.0.0.1', '[127.0.0.1]'],
    ['::1', '[IPv6:::1]'],
    ['2001:db8::7', '[IPv6:2001:db8::7]'],
    ['x\r\ny', '[x??y]'],
  ] as const) {
    it(`of ${JSON.stringify(address)} is ${literal}`, () => {
      expect(addressLiteral(address)).to.equal(literal)
    })
  }
})

describe('plain text for a header', () => {
  it('has every control replaced and all else as it was', () => {
    expect(plain('a\r\nb\tc\0d\u007Fe\u001Bf é <>@')).to.equal('a??b?c?d?e?f é <>@')
  })
})
