import { expect } from 'chai'
import { ROOT_FLAG, SETTING_FLAGS } from '../../../src/config/flags.ts'
import { flagName } from '../../../src/config/names.ts'
import { SETTINGS } from '../../../src/config/settings.ts'
import { load } from './load-with.ts'

describe('flags', () => {
  it('exist for every setting, in the order of the settings', () => {
    expect(SETTING_FLAGS.map(({ name }) => name)).to.deep.equal(Object.keys(SETTINGS).map(flagName))
  })

  it('say which of them have no effect yet', () => {
    const silent = SETTING_FLAGS.filter(({ describe }) => describe.endsWith(' Not in effect yet.'))
    expect(silent).to.have.length(Object.values(SETTINGS).filter(({ inEffect }) => !inEffect).length)
  })

  it('all take text, which loading reads', async () => {
    expect(SETTING_FLAGS.every(({ type, requiresArg }) => type === 'string' && requiresArg)).to.equal(true)
    expect((await load({ flags: { 'max-message-octets': '1 MiB' } })).settings.maxMessageOctets).to.equal(
      1_048_576,
    )
  })

  it('have --root beside them, which is no setting', () => {
    expect(SETTING_FLAGS.map(({ name }) => name)).to.not.include(ROOT_FLAG.name)
  })
})
