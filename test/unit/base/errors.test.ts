import { expect } from 'chai'
import { failureCode, GatewayError, systemCode } from '../../../src/base/errors.ts'

const system = (code: string, cause?: unknown): Error => Object.assign(new Error(code, { cause }), { code })

describe('a failure', () => {
  it('is temporary where trying again may succeed, and only there', () => {
    const temporary = ['maildrop.in-use', 'sign-in.busy', 'store.full', 'store.unavailable'] as const
    for (const code of temporary) expect(new GatewayError(code, '').temporary, code).to.equal(true)
    const lasting = [
      'account.exists',
      'sign-in.refused',
      'store.damaged',
      'message.gone',
      'usage.wrong',
    ] as const
    for (const code of lasting) expect(new GatewayError(code, '').temporary, code).to.equal(false)
  })

  it('keeps its cause', () => {
    const cause = new Error('inside')
    expect(new GatewayError('store.full', 'full', { cause })).to.include({
      name: 'GatewayError',
      message: 'full',
      cause,
    })
  })

  it('has its code; anything else thrown has none', () => {
    expect(failureCode(new GatewayError('store.full', ''))).to.equal('store.full')
    for (const thrown of [system('ENOSPC'), 'store.full', undefined, null, { code: 'store.full' }])
      expect(failureCode(thrown)).to.equal(undefined)
  })
})

describe('the system code of a failure', () => {
  const cases: readonly (readonly [what: string, thrown: unknown, code: string | undefined])[] = [
    ['itself', system('ENOSPC'), 'ENOSPC'],
    ['its cause', new GatewayError('store.full', '', { cause: system('EDQUOT') }), 'EDQUOT'],
    ['the cause of its cause', new Error('', { cause: new Error('', { cause: system('EIO') }) }), 'EIO'],
    ['the outermost of several', system('EACCES', system('EIO')), 'EACCES'],
    ['below a code of Node’s own', system('ERR_STREAM_DESTROYED', system('EPIPE')), 'EPIPE'],
    ['none in a code of Node’s own', system('ERR_INVALID_ARG_TYPE'), undefined],
    ['none in a code of ours', new GatewayError('store.full', ''), undefined],
    ['none in what is no error', { code: 'EIO' }, undefined],
    ['none in nothing', undefined, undefined],
  ]
  for (const [what, thrown, code] of cases) {
    it(`is found: ${what}`, () => {
      expect(systemCode(thrown)).to.equal(code)
    })
  }
})
