/** The commands that every state has but for responses to a mechanism: what the server can do, and in which language. */

import { capabilities } from './capabilities.js'
import { LANGUAGES, lookUp } from './languages.js'
import { lines, ok, refused, type Step } from './reply.js'
import type { Authorization, Transaction } from './session.js'

export function capa(session: Authorization | Transaction): Step {
  return { reply: lines(session.peer.texts.capabilities, capabilities(session)) }
}

/** Without a range it lists; with one it changes what people read from this reply on (RFC 6856 §3.2). */
export function lang(session: Authorization | Transaction, range: string | undefined): Step {
  const { peer } = session
  if (range === undefined)
    return {
      reply: lines(
        peer.texts.languages,
        LANGUAGES.map(({ tag, description }) => `${tag} ${description}`),
      ),
    }
  const found = lookUp(range)
  if (found === undefined) return { reply: refused(peer.texts.noLanguage) }
  const next = { ...session, peer: { ...peer, texts: found.texts } }
  return { reply: ok(`${found.tag} ${found.texts.languageChosen}`), next }
}
