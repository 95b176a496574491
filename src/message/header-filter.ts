/** A stage that a message goes through on its way in. Pure: it decides and rewrites, and stores nothing. */
export interface HeaderFilter {
  /** @returns what goes on, now that this has come. @throws GatewayError when the message must be refused */
  push(chunk: Buffer): Buffer
  /** The message is whole. @returns what is left of it. @throws GatewayError as `push` does */
  end(): Buffer
}

/** Trace lines beyond which a message runs in a loop (RFC 5321 §6.3 asks for at least 100 hops to be safe; few have 10). */
export const MOST_RECEIVED = 50
