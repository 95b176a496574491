/**
 * What both protocols know of TLS: where the certificate comes from, the parameters that a handshake has, and the
 * channel binding. It reads no file, and it does not decide who must use TLS.
 * Sources: RFC 8446 (1.3), RFC 5246 (1.2), RFC 9325 (what to use of them), RFC 9266 (channel binding).
 */
import { constants } from 'node:crypto'
import type { Socket } from 'node:net'
import { TLSSocket, type SecureContext, type SecureContextOptions } from 'node:tls'

/** The certificate of the house, made ready for handshakes. */
export interface TlsContexts {
  /**
   * The newest; to be asked for at each handshake and never kept, so that a reload holds from the next one on.
   * Sessions in progress stay on the one that they began with.
   */
  current(): SecureContext
}

/**
 * The parameters of every context that we serve with (RFC 9325 §3 and §4). Whoever passes a context of
 * `TlsContexts` need not give them again; they are for those who must make a context themselves.
 */
export const TLS_OPTIONS = {
  minVersion: 'TLSv1.2',
  // For 1.2: forward secrecy and authenticated encryption alone. The three of 1.3 are all sound.
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  // Our order, but ChaCha20 for a client that puts it first because it has no AES in hardware.
  honorCipherOrder: true,
  // The library's own list, X25519 first: a newer one brings groups that stand against quantum computers.
  ecdhCurve: 'auto',
  // Node counts renegotiations only in `tls.Server`: in a `TLSSocket` of one's own they are without bound, even after
  // `disableRenegotiation()`. So OpenSSL is told to refuse them.
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_PRIORITIZE_CHACHA,
  // Seconds. A mail program looks every few minutes and may resume; the ticket key lives in the context and goes with it.
  sessionTimeout: 3600,
} as const satisfies SecureContextOptions

/**
 * The server's side of a handshake on a connection from which nothing of it has been read: implicit TLS from the
 * start, or after STLS and STARTTLS. No client certificate, no ALPN.
 *
 * @returns before the handshake: `secure` is emitted once it is done (listen to the first alone: OpenSSL may repeat
 * it), `error` when it fails. A client that stays silent is the caller's to time out.
 */
export function acceptTls(socket: Socket, contexts: TlsContexts): TLSSocket {
  return new TLSSocket(socket, { isServer: true, secureContext: contexts.current(), requestCert: false })
}

/**
 * The channel binding `tls-exporter`, 32 octets that only the two ends of this connection know (RFC 9266 §2).
 * @returns `undefined` below TLS 1.3, where it would not be safe (RFC 9266 §4), and without an open session
 */
export function tlsExporter(socket: TLSSocket): Buffer | undefined {
  // The version is told before the handshake is done; then there is nothing to export yet.
  if (socket.getProtocol() !== 'TLSv1.3' || socket.getPeerFinished() === undefined) return undefined
  return socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0))
}
