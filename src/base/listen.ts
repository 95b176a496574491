/** Binds a listener and says in one line why that failed. */
import { chmod, rm, stat } from 'node:fs/promises'
import type { ListenOptions, Server } from 'node:net'
import { dirname } from 'node:path'
import { GatewayError, systemCode } from './errors.js'
import { makeFolder } from './make-folder.js'

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
  await listen(server, protocol, { host, port }, `${host}:${port}`)
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('a TCP listener without a port')
  return { host, port: bound.port }
}

/**
 * The same on a Unix socket, for its owner and group; a socket that an earlier process left under that name is replaced.
 * The folder that it lies in is made.
 * @returns the path and port 0
 * @throws GatewayError `listen.refused`, `store.cannot-create`
 */
export async function listenOnPath(server: Server, protocol: string, path: string): Promise<BoundAddress> {
  await makeFolder(dirname(path))
  if (await isSocket(path)) await rm(path, { force: true })
  await listen(server, protocol, { path }, path)
  await chmod(path, 0o660)
  return { host: path, port: 0 }
}

async function isSocket(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isSocket() === true
}

async function listen(server: Server, protocol: string, where: ListenOptions, shown: string): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ ...where, backlog: BACKLOG }, () => {
        server.off('error', reject)
        resolve()
      })
    })
  } catch (error) {
    throw new GatewayError('listen.refused', `${protocol} cannot listen on ${shown}: ${why(error)}`, {
      cause: error,
    })
  }
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
