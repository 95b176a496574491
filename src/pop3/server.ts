/** The listening socket of POP3 (RFC 1939 §3): admits connections, counts them, and ends them in order. */

import { createServer, type Socket } from 'node:net'
import { type ConnectionCounter, createConnectionCounter } from '../base/connection-counter.js'
import { listenOn, type BoundAddress } from '../base/listen.js'
import type { Log } from '../base/log.js'
import type { TlsContexts } from '../base/tls.js'
import type { SaslMechanism } from '../sasl/exchange.js'
import type { ClientAddress, Pop3Backend, SignInChannel } from './backend.js'
import { type Channel, type Connection, serveConnection } from './connection.js'
import { DEFAULT_LIMITS, type Pop3Limits } from './limits.js'
import { errLine } from './sender.js'
import { createSilentPeers, type SilentPeers } from './silent-peers.js'
import type { Expiry, Peer, Policy } from './session.js'
import { ENGLISH } from './texts.js'

export interface Pop3ServerOptions {
  readonly backend: Pop3Backend
  readonly log: Log
  /** An address of this machine. */
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
  /** Limits other than the defaults. */
  readonly limits?: Partial<Pop3Limits>
  /** Counts connections, also those of other servers that have the same one. Absent: of this server alone, by `limits`. */
  readonly connections?: ConnectionCounter
  /** The certificate: STLS is announced, or TLS comes first. Absent: no TLS. */
  readonly tls?: TlsContexts
  /** TLS from the first octet on, for port 995 (RFC 8314 §3.3). Needs `tls`. */
  readonly implicitTls?: boolean
  /** Whether a client at this address may send its password as it is, without TLS. */
  readonly clearPasswords: (address: string) => boolean
  /**
   * The SASL mechanisms that are offered on a connection, in the order in which CAPA names them: asked when it begins
   * and again under TLS. Absent: none, and no AUTH.
   * @param clearPasswords whether a mechanism may be among them that sends the password as it is
   */
  readonly mechanisms?: (channel: SignInChannel, clearPasswords: boolean) => readonly SaslMechanism[]
  /**
   * How long messages are kept, as CAPA tells before sign-in. Absent: for ever, in every account (`EXPIRE NEVER`).
   * The house does the removing, and tells each account's number by `Maildrop.expireDays`.
   */
  readonly expiry?: () => Expiry
  /** Seconds between sign-ins that `sign-in.too-soon` enforces, as CAPA tells. Absent: 0, none. */
  readonly loginDelaySeconds?: number
  /** Name and version as CAPA announces them, `Relais-0.1.0`. */
  readonly implementation: string
  /** The domain in the greeting. */
  readonly domain: string
}

export interface Pop3Server {
  readonly address: BoundAddress
  /** Octets of input and output that all connections together hold at the moment. */
  readonly bufferedOctets: number
  /**
   * Stops listening, lets what is being answered finish, refuses what comes after it, and closes.
   * What is not done after `graceMs` is broken off. Resolves when every maildrop is closed.
   */
  close(graceMs: number): Promise<void>
}

/** @throws GatewayError `listen.refused` with the system's reason as its cause */
export async function openPop3Server(options: Pop3ServerOptions): Promise<Pop3Server> {
  const limits: Pop3Limits = { ...DEFAULT_LIMITS, ...options.limits }
  const house = createHouse(options, limits)
  const server = createServer(
    {
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: limits.keepAliveMs,
      highWaterMark: limits.outputOctets,
    },
    house.receive,
  )
  const address = await listenOn(server, 'POP3', options)
  server.on('error', (error) => options.log.error({ err: error }, 'POP3 could not accept a connection'))

  const rounds = setInterval(() => void house.look(), limits.silenceMs)
  rounds.unref()

  async function end(graceMs: number): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve))
    await house.clear(graceMs)
    clearInterval(rounds)
    await closed
  }

  let ending: Promise<void> | undefined
  return {
    address,
    get bufferedOctets() {
      return house.bufferedOctets()
    },
    close(graceMs) {
      ending ??= end(graceMs)
      return ending
    },
  }
}

/** Those who are in, and the rule for letting more in. */
function createHouse(options: Pop3ServerOptions, limits: Pop3Limits) {
  const connections = new Set<Connection>()
  const counter =
    options.connections ??
    createConnectionCounter({ inAll: limits.connections, perAddress: limits.connectionsPerAddress })
  const policy: Policy = {
    implementation: options.implementation,
    loginDelaySeconds: options.loginDelaySeconds ?? 0,
    expiry: options.expiry ?? (() => ({ days: undefined, differs: false })),
  }
  let peers: SilentPeers | undefined = createSilentPeers()
  let lastId = 0

  function receive(socket: Socket): void {
    const client = clientOf(socket)
    if (client === undefined) {
      socket.destroy()
      return
    }
    if (!counter.enter(client.address)) {
      turnAway(socket, options.implicitTls ?? false)
      return
    }
    const connection = serve(socket, client)
    connections.add(connection)
    peers?.watch(socket)
    void connection.ended.then(() => {
      peers?.forget(socket)
      leave(connection, client.address)
    })
  }

  /** Where the kernel does not tell who is silent, it is asked once. */
  async function look(): Promise<void> {
    try {
      await peers?.look()
    } catch (error) {
      peers = undefined
      options.log.debug({ err: error }, 'silent peers are left to the inactivity timer')
    }
  }

  function serve(socket: Socket, client: ClientAddress): Connection {
    lastId += 1
    return serveConnection(socket, {
      backend: options.backend,
      limits,
      log: options.log.child({ connection: lastId, client: client.address }),
      domain: options.domain,
      tls: options.tls,
      implicitTls: options.implicitTls ?? false,
      meet: (channel) => peer(client, channel),
    })
  }

  function peer(address: ClientAddress, channel: Channel): Peer {
    const client = channel.tls ? { ...address, tlsExporter: channel.tlsExporter } : address
    const clearPasswords = channel.tls || options.clearPasswords(client.address)
    return {
      client,
      transport: channel.tls ? 'tls' : options.tls === undefined ? 'clear' : 'stls',
      clearPasswords,
      mechanisms: options.mechanisms?.(client, clearPasswords) ?? [],
      utf8: false,
      policy,
      texts: ENGLISH,
    }
  }

  function leave(connection: Connection, address: string): void {
    connections.delete(connection)
    counter.leave(address)
  }

  /** Ends every connection, the slow ones by force. */
  async function clear(graceMs: number): Promise<void> {
    const all = [...connections]
    for (const connection of all) connection.stop()
    const patience = setTimeout(() => all.forEach((connection) => connection.destroy()), graceMs)
    await Promise.all(all.map((connection) => connection.ended))
    clearTimeout(patience)
  }

  function bufferedOctets(): number {
    let octets = 0
    for (const connection of connections) octets += connection.bufferedOctets
    return octets
  }

  return { receive, clear, look, bufferedOctets }
}

/** `undefined` when the client has gone already. */
function clientOf(socket: Socket): ClientAddress | undefined {
  const { remoteAddress, remotePort } = socket
  if (remoteAddress === undefined || remotePort === undefined) return undefined
  return { address: remoteAddress.replace(/^::ffff:(?=[\d.]+$)/, ''), port: remotePort }
}

/** No session, no waiting, no handshake: whoever is too many costs one line, or nothing where TLS is expected. */
function turnAway(socket: Socket, implicitTls: boolean): void {
  socket.on('error', () => socket.destroy())
  if (implicitTls) {
    socket.destroy()
    return
  }
  socket.end(errLine(ENGLISH.tooManyConnections, 'SYS/TEMP'), () => socket.destroy())
}
