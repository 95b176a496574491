/** Walks the steps of both sides in tests: takes a step for what it should be, or fails naming what it is. */
import { pbkdf2Sync } from 'node:crypto'
import { failureCode } from '../../../src/base/errors.ts'
import type { ClientStep } from '../../../src/sasl/client-step.ts'
import type { ScramKeys, ServerStep } from '../../../src/sasl/server-step.ts'

type Kind<Step extends { readonly kind: string }, K extends Step['kind']> = Extract<
  Step,
  { readonly kind: K }
>

function isKind<Step extends { readonly kind: string }, K extends Step['kind']>(
  step: Step,
  kind: K,
): step is Kind<Step, K> {
  return step.kind === kind
}

export function serverStep<K extends ServerStep['kind']>(step: ServerStep, kind: K): Kind<ServerStep, K> {
  if (isKind(step, kind)) return step
  throw new Error(`a step ${step.kind}, not ${kind}`)
}

export function clientStep<K extends ClientStep['kind']>(step: ClientStep, kind: K): Kind<ClientStep, K> {
  if (isKind(step, kind)) return step
  throw new Error(`a step ${step.kind}, not ${kind}`)
}

/** The failure code that `act` throws, or what it gives. */
export function outcomeOf(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    const code = failureCode(error)
    if (code === undefined) throw error
    return code
  }
}

/** From a first step to the step behind its client-final-message. */
export function answer(first: ServerStep, keys: ScramKeys, clientFinal: Buffer): ServerStep {
  const challenge = serverStep(serverStep(first, 'keys').next(keys), 'challenge')
  return challenge.next(clientFinal)
}

/** Lets a client and a server talk until the client has its last message sent. */
export function converse(
  client: ClientStep,
  server: ServerStep,
  keys: ScramKeys,
  digest: string,
): ServerStep {
  const [challenge, derive] = meet(client, server, keys)
  const size = keys.storedKey.length
  const salted = pbkdf2Sync(derive.password, derive.salt, derive.iterations, size, digest)
  const final = clientStep(derive.next(salted), 'send')
  const checked = serverStep(challenge.next(final.octets), 'proof').check()
  if (checked.kind !== 'challenge') return checked
  return checked.next(clientStep(final.next(checked.octets), 'last').octets)
}

function meet(client: ClientStep, server: ServerStep, keys: ScramKeys) {
  const first = clientStep(client, 'send')
  const asked = serverStep(serverStep(server, 'challenge').next(first.octets), 'keys')
  const challenge = serverStep(asked.next(keys), 'challenge')
  return [challenge, clientStep(first.next(challenge.octets), 'derive')] as const
}
