/**
 * What CAPA announces (RFC 2449 §5 and §6): that which fully works, and nothing else.
 *
 * APOP does not exist here, as the greeting without a timestamp says (RFC 1939 §7): it needs the
 * password itself at rest. UTF8's USER says that USER and PASS take UTF-8 (RFC 6856 §2), so it comes and goes with USER.
 */

import type { Authorization, Transaction } from './session.js'

export function capabilities(session: Authorization | Transaction): readonly string[] {
  const { clearPasswords, mechanisms, policy, transport } = session.peer
  return [
    'TOP',
    'UIDL',
    ...(clearPasswords ? ['USER'] : []),
    ...(mechanisms.length > 0 ? [`SASL ${mechanisms.join(' ')}`] : []),
    'RESP-CODES',
    'AUTH-RESP-CODE',
    'PIPELINING',
    clearPasswords ? 'UTF8 USER' : 'UTF8',
    'LANG',
    ...(transport === 'stls' ? ['STLS'] : []),
    expire(session),
    `LOGIN-DELAY ${policy.loginDelaySeconds}`,
    `IMPLEMENTATION ${policy.implementation}`,
  ]
}

/** The account's own number once it is known; before that the smallest, and `USER` when accounts differ (RFC 2449 §6.7). */
function expire(session: Authorization | Transaction): string {
  if (session.state === 'transaction') return `EXPIRE ${session.maildrop.expireDays ?? 'NEVER'}`
  const { days, differs } = session.peer.policy.expiry()
  return `EXPIRE ${days ?? 'NEVER'}${differs ? ' USER' : ''}`
}
