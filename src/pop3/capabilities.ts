/**
 * What CAPA announces (RFC 2449 §5 and §6): that which fully works, and nothing else.
 *
 * APOP does not exist here, as the greeting without a timestamp says (RFC 1939 §7): it needs the
 * password itself at rest. UTF8's USER says that USER and PASS take UTF-8 (RFC 6856 §2), so it comes and goes with USER. EXPIRE NEVER: nothing is removed but by DELE and QUIT.
 */

import type { Session } from './session.js'

export function capabilities(session: Session): readonly string[] {
  const { clearPasswords, implementation, mechanisms, transport } = session.peer
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
    'EXPIRE NEVER',
    'LOGIN-DELAY 0',
    `IMPLEMENTATION ${implementation}`,
  ]
}
