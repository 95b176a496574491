/** Every limit of a POP3 connection, with its unit, its default and the reason for it. */

export interface Pop3Limits {
  /**
   * The longest command, its CRLF included, that carries no secret. RFC 2449 §4 asks for 255 at least;
   * twice that leaves room for long names in UTF-8.
   */
  readonly commandOctets: number
  /**
   * The longest command that carries a secret: `PASS` with a password of 1,024 octets takes 1,031, the same as the
   * initial response of SASL PLAIN about 1,500.
   */
  readonly secretOctets: number
  /** The longest response within AUTH, its CRLF included, and so the longest line of all (RFC 4954 §4 says this number). */
  readonly responseOctets: number
  /** Wrong commands in a row before the connection is closed: nobody types so badly, a port scan does. */
  readonly wrongCommands: number
  /** Refused sign-ins on one connection before it is closed; guessing then costs a connection each time. */
  readonly failedSignIns: number
  /** How long a TLS handshake may take: some round trips over a bad line, not a connection held for nothing. */
  readonly handshakeMs: number
  /** Silence before autologout, the client's commands and its reading counted; RFC 1939 §3 asks for 10 minutes. */
  readonly idleMs: number
  /** Silence before the kernel asks whether the peer is alive; its ten probes, one a second, make it 30 s. */
  readonly keepAliveMs: number
  /**
   * Between two looks for peers that are gone with octets on the way to them (`silent-peers.ts`): five of these and
   * they are given up, which makes 25 s at most.
   */
  readonly silenceMs: number
  /** How long a finished connection may take to close its side, so that the last reply is not cut by a reset. */
  readonly lingerMs: number
  /** Output gathered before it is written, and output the kernel has not taken yet: a slow reader costs twice this. */
  readonly outputOctets: number
  /** Input kept while commands before it are carried out; more stays with the sender. */
  readonly inputOctets: number
  /** Connections in all (DESIGN.md). */
  readonly connections: number
  /** Connections from one address: a household or an office behind one router. `Infinity` lifts it. */
  readonly connectionsPerAddress: number
}

export const DEFAULT_LIMITS: Pop3Limits = {
  commandOctets: 512,
  secretOctets: 2048,
  responseOctets: 12_288,
  wrongCommands: 10,
  failedSignIns: 5,
  handshakeMs: 30_000,
  idleMs: 10 * 60_000,
  keepAliveMs: 20_000,
  silenceMs: 5_000,
  lingerMs: 5_000,
  outputOctets: 64 * 1024,
  inputOctets: 64 * 1024,
  connections: 20_000,
  connectionsPerAddress: 200,
}
