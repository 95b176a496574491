/**
 * The mail trail: one line for every message accepted, refused, delivered or lost, so that
 * "what happened to this message?" has an answer. Never a body, never a password.
 */

export type TrailEntry =
  | {
      readonly event: 'accepted'
      readonly id: string
      readonly reversePath: string
      /** Account keys whose mailbox has the message. */
      readonly delivered: readonly string[]
      readonly octets: number
      readonly client: string
    }
  | {
      readonly event: 'lost'
      readonly id: string
      readonly reason: string
      readonly reversePath: string
      readonly recipients: readonly string[]
      /** What the sender was told of these recipients, at RCPT or after DATA. */
      readonly answered: 250 | 550
      readonly octets: number
      readonly client: string
    }
  | {
      readonly event: 'refused'
      readonly reversePath: string
      readonly recipients: readonly string[]
      readonly reason: string
      readonly client: string
    }
  | {
      /** A sender was told what became of a message. */
      readonly event: 'notified'
      readonly id: string
      /** The id of that message. */
      readonly about: string
      readonly account: string
      /** Addresses that the notification names. */
      readonly failed: readonly string[]
      readonly delivered: readonly string[]
    }
  | {
      /** The postmaster took a message out of `lost/` into mailboxes. */
      readonly event: 'redelivered'
      readonly id: string
      readonly lostId: string
      readonly delivered: readonly string[]
      /** Addresses for which `lost/` keeps it still, under the id `restId`. */
      readonly rest: readonly string[]
      readonly restId: string | undefined
    }
  | {
      /** A message left `lost/` for good: thrown away by the postmaster, for its age, or to make room. */
      readonly event: 'discarded'
      readonly id: string
      readonly why: 'postmaster' | 'age' | 'room'
      /** Absent for a message of another tool. */
      readonly reason?: string | undefined
      readonly recipients?: readonly string[] | undefined
      readonly answered?: 250 | 550 | undefined
      readonly octets: number
    }
  | {
      readonly event: 'removed'
      readonly account: string
      readonly uids: readonly string[]
      /** Why the house removed them; absent: their owner did. */
      readonly reason?: string
    }

export interface MailTrail {
  /** Appends a line; never throws and never holds up the mail: a failure is only logged. */
  record(entry: TrailEntry): void
  close(): Promise<void>
}
