import { expect } from 'chai'
import { GatewayError, type FailureCode } from '../../../src/base/errors.ts'
import { exitStatus } from '../../../src/cli/exit-status.ts'

describe('the exit status', () => {
  const table: Readonly<Record<FailureCode, number>> = {
    'account.exists': 65,
    'account.name-refused': 65,
    'account.password-refused': 65,
    'account.unknown': 67,
    'config.invalid': 78,
    'input.refused': 65,
    'listen.refused': 69,
    'mailbox.full': 75,
    'maildrop.in-use': 75,
    'message.gone': 74,
    'message.header-too-large': 65,
    'message.line-ends': 65,
    'message.loop': 65,
    'message.too-large': 65,
    'root.in-use': 69,
    'sender.forged': 77,
    'sender.not-own': 77,
    'sender.sign-in-required': 77,
    'sign-in.busy': 75,
    'sign-in.limited': 75,
    'sign-in.locked': 75,
    'sign-in.malformed': 77,
    'sign-in.refused': 77,
    'sign-in.refused-last': 77,
    'sign-in.too-soon': 75,
    'store.cannot-create': 73,
    'store.damaged': 74,
    'store.full': 74,
    'store.unavailable': 74,
    'usage.wrong': 64,
  }
  for (const [code, status] of Object.entries(table)) {
    it(`of ${code} is ${status}`, () => {
      // The keys of the table are the codes, as its type says.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      expect(exitStatus(new GatewayError(code as FailureCode, ''))).to.equal(status)
    })
  }

  it('of a bug is 70', () => {
    for (const thrown of [new Error('x'), 'x', undefined]) expect(exitStatus(thrown)).to.equal(70)
  })
})
