import { expect } from 'chai'
import { pathsBelow, resolveRoot } from '../../../src/config/paths.ts'

describe('the layout below the root', () => {
  it('is the documented one', () => {
    expect(pathsBelow('/srv/relais')).to.deep.equal({
      root: '/srv/relais',
      configFile: '/srv/relais/config/relais.toml',
      directoryFile: '/srv/relais/config/directory.sqlite',
      attemptsFile: '/srv/relais/config/run/sign-ins.sqlite',
      tlsDir: '/srv/relais/config/tls',
      trailDir: '/srv/relais/config/trail',
      runDir: '/srv/relais/config/run',
      accountsDir: '/srv/relais/maildir',
      lostDir: '/srv/relais/lost',
    })
  })

  it('stays relative below a relative root', () => {
    expect(pathsBelow('.').configFile).to.equal('config/relais.toml')
  })
})

describe('the root', () => {
  it('is the flag, else RELAIS_ROOT, else the current folder', () => {
    expect(resolveRoot('/flag', { RELAIS_ROOT: '/env' }, '/here')).to.equal('/flag')
    expect(resolveRoot(undefined, { RELAIS_ROOT: '/env' }, '/here')).to.equal('/env')
    expect(resolveRoot(undefined, {}, '/here')).to.equal('/here')
  })

  it('is absolute, counted from the current folder', () => {
    expect(resolveRoot('data', {}, '/here')).to.equal('/here/data')
    expect(resolveRoot(undefined, { RELAIS_ROOT: '../data' }, '/here')).to.equal('/data')
  })

  it('is the current folder when RELAIS_ROOT is empty or blank', () => {
    for (const RELAIS_ROOT of ['', ' '])
      expect(resolveRoot(undefined, { RELAIS_ROOT }, '/here')).to.equal('/here')
  })
})
