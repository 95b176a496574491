import { expect } from 'chai'
import { certificateNames, certificateSource } from '../../../src/gateway/certificate-settings.ts'

const PATHS = { root: '/srv/mail', tlsDir: '/srv/mail/config/tls' }

describe('the settings of the certificate', () => {
  it('mean one of our own when they are left alone, in memory without a root', () => {
    expect(certificateSource({ cert: 'auto', key: 'auto' }, PATHS)).to.deep.equal({
      kind: 'own',
      certFile: '/srv/mail/config/tls/cert.pem',
      keyFile: '/srv/mail/config/tls/key.pem',
    })
    expect(certificateSource({ cert: 'auto', key: 'auto' }, undefined)).to.deep.equal({ kind: 'memory' })
  })

  it('name files below the root, or anywhere', () => {
    expect(certificateSource({ cert: 'config/a.pem', key: '/etc/b.pem' }, PATHS)).to.deep.equal({
      kind: 'operator',
      certFile: '/srv/mail/config/a.pem',
      keyFile: '/etc/b.pem',
    })
  })

  it('are given together or not at all', () => {
    expect(() => certificateSource({ cert: 'a.pem', key: 'auto' }, PATHS)).to.throw(
      'tls.key: is "auto"; expected',
    )
    expect(() => certificateSource({ cert: 'auto', key: 'a.pem' }, PATHS)).to.throw(
      'tls.cert: is "auto"; expected',
    )
  })
})

describe('the names of a certificate of our own', () => {
  const names = (listen: readonly string[], machine = 'post'): readonly string[] =>
    certificateNames({ domain: 'glo2000.ca', listen: [...listen] }, machine)

  it('are the domain, its mail host, this machine and where it listens, each once', () => {
    expect(names(['127.0.0.1', '192.0.2.7', '2001:db8::7'])).to.deep.equal(
      'glo2000.ca mail.glo2000.ca localhost post 127.0.0.1 ::1 192.0.2.7 2001:db8::7'.split(' '),
    )
  })

  it('leave out addresses that stand for all, and the zone of others', () => {
    expect(names(['0.0.0.0', '::', 'fe80::1%eth0']).slice(4)).to.deep.equal(['127.0.0.1', '::1', 'fe80::1'])
  })

  it('leave out a machine whose name is no host name, and one that is called as the domain', () => {
    expect(names([], 'my_machine')).to.not.include('my_machine')
    expect(names([], 'GLO2000.ca').filter((name) => name === 'glo2000.ca')).to.have.length(1)
  })
})
