/** The exchanges that `vectors.py` has computed, with octets as such. */
import vectors from './vectors.json' with { type: 'json' }
import type { ServerTerms } from '../../../src/sasl/server.ts'

export type Vector = ReturnType<typeof readVector>

export const VECTORS = vectors.map(readVector)

function readVector(vector: (typeof vectors)[number]) {
  const { salt, saltedPassword, clientKey, storedKey, serverKey, exporter, ...texts } = vector
  const hex = (text: string) => Buffer.from(text, 'hex')
  const { iterations } = texts
  return {
    ...texts,
    exporter: hex(exporter),
    salt: hex(salt),
    saltedPassword: hex(saltedPassword),
    keys: { iterations, salt: hex(salt), storedKey: hex(storedKey), serverKey: hex(serverKey) },
    saved: { iterations, salt: hex(salt), clientKey: hex(clientKey), serverKey: hex(serverKey) },
  }
}

/** A server that has offered what the vector's client has seen. */
export function serverTerms({ flag, exporter, serverNonce }: Vector): ServerTerms {
  if (flag === 'p=tls-exporter')
    return {
      mechanism: 'SCRAM-SHA3-512-PLUS',
      channel: { address: '192.0.2.1', tlsExporter: exporter },
      offered: ['SCRAM-SHA3-512-PLUS', 'SCRAM-SHA3-512'],
      nonce: serverNonce,
    }
  return {
    mechanism: 'SCRAM-SHA3-512',
    channel: { address: '192.0.2.1' },
    offered: ['SCRAM-SHA3-512', 'PLAIN'],
    nonce: serverNonce,
  }
}
