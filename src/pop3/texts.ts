/**
 * What the server says to people, in English. Generic by intent: no paths, no causes, no names.
 *
 * A reply line may hold 512 octets with its status and CRLF (RFC 2449 §4); none comes near.
 * No text starts with `[`, which would make it a response code (RFC 2449 §6.4).
 */

export const ENGLISH = {
  ready: (domain: string) => `${domain} POP3 server ready`,
  capabilities: 'what this server can do',
  passwordNext: 'now the password',
  maildropHas: (messages: number, octets: number) => `maildrop has ${messages} messages (${octets} octets)`,
  scanListing: (messages: number, octets: number) => `${messages} messages (${octets} octets)`,
  uniqueIds: 'unique-ids follow',
  octets: (octets: number) => `${octets} octets`,
  top: 'top of the message follows',
  marked: (number: number) => `message ${number} deleted`,
  goodbye: 'goodbye',

  unknownCommand: 'unknown command',
  signInFirst: 'sign in first',
  signedInAlready: 'not after signing in',
  usage: (command: string) => `usage: ${command}`,
  lineTooLong: 'line too long',
  startTls: 'start the TLS handshake',
  tlsAlready: 'TLS is active already',
  nothingBehindStls: 'nothing may follow STLS before its reply',
  tlsFirst: 'passwords are not taken in clear: STLS comes first',
  cancelled: 'authentication cancelled',
  noMechanism: 'no such mechanism here',
  userFirst: 'USER comes before PASS',
  clearRefused: 'passwords are not taken in clear from this address',
  noSuchMessage: 'no such message',
  deletedAlready: 'that message is deleted',
  someRemain: (remain: number) => `some deleted messages not removed (${remain} remain)`,
  removalFailed: 'some deleted messages may not be removed',
  tooManyWrongCommands: 'too many wrong commands',
  tooManyConnections: 'too many connections, try again later',
  shuttingDown: 'the server is shutting down, try again later',

  revoked: 'this account is closed now; nothing was deleted',

  wrongSignIn: 'wrong name or password',
  malformedSignIn: 'that is no answer of this mechanism',
  tryLater: 'not possible at the moment, try again later',
  maildropInUse: 'maildrop is in use by another session',
  messageGone: 'that message is no longer there',
  cannot: 'not possible; the postmaster can tell why',
}

export type Texts = typeof ENGLISH
