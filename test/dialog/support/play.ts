/** Plays a dialogue against a real server, in three ways that must give the same. */

import { expect } from 'chai'
import type { BoundAddress } from '../../../src/base/listen.ts'
import { connectClient, type TestClient } from './client.ts'
import type { Dialog, Turn } from './dialog.ts'

/** How the client's octets reach the server. */
export type Manner = 'turn by turn' | 'octet by octet' | 'all at once'

/** The server of one dialogue and what is stored behind it. */
export interface Scene {
  readonly address: BoundAddress
  readonly greeting: RegExp
  /** TLS begins before the greeting. */
  readonly implicitTls?: boolean
  close(): Promise<void>
  /** Holds what is stored against the dialogue's last lines, once the scene is closed. */
  check(): void
}

export async function play(
  dialog: Dialog,
  manner: Manner,
  openScene: (dialog: Dialog) => Promise<Scene>,
): Promise<void> {
  const scene = await openScene(dialog)
  try {
    const client = await connectClient(scene.address)
    if (scene.implicitTls === true) await client.startTls()
    const [first] = dialog.turns
    const greeted = first?.who === 'server'
    if (greeted) expectLine(await client.line(), first)
    else expect(await client.line()).to.match(scene.greeting)
    const [clear, secure] = splitAtTls(dialog.turns.slice(greeted ? 1 : 0))
    if (secure !== undefined) {
      await converse(client, clear)
      await client.startTls()
    }
    const turns = secure ?? clear
    await (manner === 'turn by turn' ? converse(client, turns) : recite(client, turns, manner))
    await theEnd(client, turns)
    client.socket.destroy()
  } finally {
    await scene.close()
  }
  scene.check()
}

/** STLS is no command to pipeline behind: what comes before TLS is a conversation in every manner. */
function splitAtTls(turns: readonly Turn[]): readonly [readonly Turn[], (readonly Turn[])?] {
  const at = turns.findIndex(({ who }) => who === 'tls')
  return at === -1 ? [turns] : [turns.slice(0, at), turns.slice(at + 1)]
}

/** Each side waits for the other. */
async function converse(client: TestClient, turns: readonly Turn[]): Promise<void> {
  for (const turn of turns) {
    if (turn.who === 'client') client.send(turn.octets)
    if (turn.who === 'client-ends') client.socket.end()
    if (turn.who === 'server') expectLine(await client.line(), turn)
  }
}

/** The client says all it has to say without listening. */
async function recite(client: TestClient, turns: readonly Turn[], manner: Manner): Promise<void> {
  const said = turns.map((turn) => (turn.who === 'client' ? turn.octets : '')).join('')
  if (manner === 'all at once') client.send(said)
  else
    for (const octet of said) {
      client.send(octet)
      await new Promise((resolve) => setImmediate(resolve))
    }
  if (turns.some(({ who }) => who === 'client-ends')) client.socket.end()
  for (const turn of turns) if (turn.who === 'server') expectLine(await client.line(), turn)
}

/** Nothing comes that the script does not hold. */
async function theEnd(client: TestClient, turns: readonly Turn[]): Promise<void> {
  if (!turns.some(({ who }) => who === 'server-ends')) client.socket.end()
  expect(await client.rest()).to.equal('')
}

function expectLine(line: string | undefined, turn: Extract<Turn, { who: 'server' }>): void {
  if (turn.open) expect(line?.slice(0, turn.line.length)).to.equal(turn.line)
  else expect(line).to.equal(turn.line)
}
