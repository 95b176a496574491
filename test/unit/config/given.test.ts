import { expect } from 'chai'
import { GatewayError } from '../../../src/base/errors.ts'
import { settingsGiven, type GivenSettings } from '../../../src/config/given.ts'
import { defaultSettings } from '../../../src/config/schema.ts'

function refusal(given: GivenSettings): string {
  try {
    settingsGiven(given, 'startRelais')
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'config.invalid') return error.message
    throw error
  }
  throw new Error('it was not refused')
}

describe('settings that a program hands in', () => {
  it('are the defaults where nothing is given', () => {
    expect(settingsGiven({}, 'startRelais')).to.deep.equal(defaultSettings())
    expect(settingsGiven({ domain: undefined }, 'startRelais')).to.deep.equal(defaultSettings())
  })

  it('are read as the configuration file has them', () => {
    const settings = settingsGiven(
      { max_message_octets: '1 MiB', 'pop3.port': 0, 'lost.reply': 'accept' },
      '',
    )
    expect(settings.maxMessageOctets).to.equal(1_048_576)
    expect(settings.pop3.port).to.equal(0)
    expect(settings.lost.reply).to.equal('accept')
    expect(settings.smtp).to.deep.equal(defaultSettings().smtp)
  })

  it('are refused by name when a value is wrong or a key unknown', () => {
    expect(refusal({ 'smtp.port': 'abc' })).to.equal(
      'startRelais: smtp.port is "abc"; expected a port from 0 to 65535, or "off"',
    )
    expect(refusal(JSON.parse('{ "smtp.prot": 0 }'))).to.equal(
      'startRelais: "smtp.prot" is no setting; did you mean smtp.port?',
    )
    expect(refusal(JSON.parse('{ "__proto__": 0 }'))).to.equal('startRelais: "__proto__" is no setting')
  })
})
