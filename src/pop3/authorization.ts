/** The AUTHORIZATION state (RFC 1939 §4): who is there, and may they in. */

import { capa, lang } from './any-state.js'
import { mechanism, name, none, optionalRange, password } from './arguments.js'
import { auth } from './authentication.js'
import type { Pop3Backend } from './backend.js'
import { failed, ok, refused, type Step, wrong } from './reply.js'
import { type Authorization, authorization, CLOSED, HANDSHAKE, type Peer, transaction } from './session.js'
import { row, table } from './table.js'

export const AUTHORIZATION = table<Authorization>({
  AUTH: row('RFC 5034 §4', mechanism, auth),
  CAPA: row('RFC 2449 §5', none, capa),
  LANG: row('RFC 6856 §3', optionalRange, lang),
  PASS: row('RFC 1939 §7', password, pass),
  QUIT: row('RFC 1939 §4', none, quit),
  STLS: row('RFC 2595 §4', none, stls),
  USER: row('RFC 1939 §7', name, user),
  UTF8: row('RFC 6856 §2', none, utf8),
})

/** Says +OK to every name: whether it exists is not for strangers to know (RFC 1939 §13). */
function user(session: Authorization, given: string): Step {
  const { clearPasswords, texts } = session.peer
  if (!clearPasswords) return { reply: refused(inClear(session.peer)) }
  return { reply: ok(texts.passwordNext), next: { ...session, user: given } }
}

/** A name serves for one PASS: after a refusal the client starts again with USER (RFC 1939 §7). */
async function pass(session: Authorization, given: string, backend: Pop3Backend): Promise<Step> {
  const { peer, user: known } = session
  if (known === undefined) return { reply: wrong(peer.texts.userFirst) }
  try {
    const maildrop = await backend.signIn({ name: known, password: given }, peer.client)
    const next = transaction(peer, known, maildrop)
    return { reply: ok(peer.texts.maildropHas(maildrop.entries.length, next.octets)), next }
  } catch (cause) {
    return { reply: failed(cause), next: authorization(peer) }
  }
}

/** Why no password is taken, said before it is sent (RFC 8314 §3). */
function inClear({ texts, transport }: Peer): string {
  return transport === 'stls' ? texts.tlsFirst : texts.clearRefused
}

/**
 * Changes nothing in what is sent: messages go out as they are stored in either mode, and names and passwords are
 * UTF-8 without it (docs/decisions/0009-utf8-as-it-is.md).
 */
function utf8(session: Authorization): Step {
  const { peer } = session
  return { reply: ok(peer.texts.utf8Mode), next: { ...session, peer: { ...peer, utf8: true } } }
}

function stls({ peer: { texts, transport, utf8: after } }: Authorization): Step {
  if (transport === 'tls') return { reply: refused(texts.tlsAlready) }
  if (transport === 'clear') return { reply: wrong(texts.unknownCommand) }
  if (after) return { reply: refused(texts.stlsAfterUtf8) }
  return { reply: ok(texts.startTls), next: HANDSHAKE }
}

function quit(session: Authorization): Step {
  return { reply: ok(session.peer.texts.goodbye), next: CLOSED }
}
