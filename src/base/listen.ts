/** Binds a listener and says in one line why that failed. */
import type { Server } from 'node:net'
import { GatewayError, systemCode } from './errors.js'

export interface BoundAddress {
  readonly host: string
  readonly port: number
}

/** Connections that may wait to be accepted: a burst of clients is no reason to refuse one. */
const BACKLOG = 4096

/**
 * @param protocol named in the error: `SMTP`
 * @param port 0 takes a free one
 * @throws GatewayError `listen.refused`
 */
export async function listenOn(
  server: Server,
  protocol: string,
  { host, port }: BoundAddress,
): Promise<BoundAddress> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port, backlog: BACKLOG }, () => {
        server.off('error', reject)
        resolve()
      })
    })
  } catch (error) {
    throw new GatewayError('listen.refused', `${protocol} cannot listen on ${host}:${port}: ${why(error)}`, {
      cause: error,
    })
  }
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('a TCP listener without a port')
  return { host, port: bound.port }
}

function why(error: unknown): string {
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return 'the port is in use; stop the program that has it, or choose another port'
    case 'EACCES':
      return 'no permission for this port; ports below 1024 need it'
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address'
    default:
      return error instanceof Error ? error.message : String(error)
  }
}
