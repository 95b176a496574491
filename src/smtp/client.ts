/** The client of one connection, as our code sees it, and what our code answers it. The wall calls it. */
import type { MailCommand, RcptCommand } from './envelope-command.js'
import type { Reply } from './reply.js'

/** The same object from greeting to end. */
export interface SmtpClient {
  /** Random, for the log. */
  readonly id: string
  /** Its IP address; `local` for one that came through a Unix socket. */
  readonly address: string
  /** What HELO or EHLO said, lower case. */
  readonly heloName: string
  /** Registered `with` protocol type (RFC 3848, RFC 6531 §4.3). */
  readonly protocol: string
  /** Whether TLS is on. */
  readonly secure: boolean
  /** Says this as the last thing and ends the connection, whatever is under way; at most once. */
  dismiss(reply: Reply): void
}

/** Sends a SASL challenge and waits for the client's next line, latin1. @throws HungUp */
export type Ask = (challenge: Buffer) => Promise<string>

/** What our side answers. A reply of 4xx or 5xx refuses; nothing here may throw. */
export interface SmtpHandlers {
  /** `undefined` welcomes the client; a 4xx or 5xx reply takes the place of the greeting. */
  connect(client: SmtpClient): Reply | undefined
  /** What AUTH offers now, by registered names; none: AUTH is not announced. */
  mechanisms(client: SmtpClient): readonly string[]
  /** @param argument what stands behind AUTH; 235 when the client is signed in from now on */
  auth(client: SmtpClient, argument: string, ask: Ask): Promise<Reply>
  /** TLS began: what was known of the client before is forgotten (RFC 3207 §4.2). */
  secured(client: SmtpClient): void
  mail(client: SmtpClient, command: MailCommand): Promise<Reply>
  rcpt(client: SmtpClient, command: RcptCommand): Promise<Reply>
  /**
   * The stream fails with `HungUp` when the client leaves in the middle. It is read to its end, or the reply `closes`.
   * @returns in LMTP one reply for each recipient that was answered 250, in their order (RFC 2033 §4.2)
   */
  data(client: SmtpClient, message: AsyncIterable<Buffer>): Promise<Reply | readonly Reply[]>
  /** The transaction ended: RSET, a new HELO, the reply after DATA. */
  reset(client: SmtpClient): void
  close(client: SmtpClient): void
  error(client: SmtpClient | undefined, error: Error): void
}
