import { expect } from 'chai'
import { createServer, type Server } from 'node:net'
import { listenOn } from '../../../src/base/listen.ts'
import { gatewayErrorOf } from '../../contract/support/failure-of.ts'

describe('listening', () => {
  const servers: Server[] = []
  afterEach(async () => {
    for (const server of servers.splice(0))
      if (server.listening) await new Promise((resolve) => server.close(resolve))
  })

  function server(): Server {
    const made = createServer()
    servers.push(made)
    return made
  }

  it('on port 0 answers with the free port it took', async () => {
    const bound = await listenOn(server(), 'SMTP', { host: '127.0.0.1', port: 0 })
    expect(bound.host).to.equal('127.0.0.1')
    expect(bound.port).to.be.within(1, 65_535)
  })

  it('on a port in use says in one line which, and what to do', async () => {
    const { port } = await listenOn(server(), 'SMTP', { host: '127.0.0.1', port: 0 })
    const error = await gatewayErrorOf(listenOn(server(), 'POP3', { host: '127.0.0.1', port }))
    expect(error).to.include({
      code: 'listen.refused',
      message: `POP3 cannot listen on 127.0.0.1:${port}: the port is in use; stop the program that has it, or choose another port`,
    })
  })

  it('on an address that is not this machine’s says so', async () => {
    const error = await gatewayErrorOf(listenOn(server(), 'SMTP', { host: '192.0.2.1', port: 0 }))
    expect(error.message).to.equal('SMTP cannot listen on 192.0.2.1:0: this machine has no such address')
  })

  it('leaves no listener for errors behind', async () => {
    const made = server()
    await listenOn(made, 'SMTP', { host: '127.0.0.1', port: 0 })
    expect(made.listenerCount('error')).to.equal(0)
  })
})
