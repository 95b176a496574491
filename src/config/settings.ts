/**
 * Every setting of Relais: key, kind, default, meaning, and the reason for the default.
 * The keys are those of `config/relais.toml`; the names of flags and of environment variables follow from
 * them (`names.ts`). A key is `key` at the top of the file or `table.key`.
 */
import {
  ADDRESSES,
  FILE_OR_AUTO,
  HOST_NAME,
  NETWORKS,
  octets,
  octetsOrAuto,
  PORT,
  SEPARATOR,
  SOCKET_PATH,
  SWITCH,
  whole,
  word,
} from './kinds.js'
import type { Kind } from './kinds.js'

export interface Setting<T> {
  readonly kind: Kind<T>
  /** As one would write it in the file; `kind` reads it. */
  readonly default: string | number
  /** One sentence; also the help of the flag. */
  readonly meaning: string
  /** Why the default is what it is, to stand after "because". */
  readonly reason: string
  /** `false`: the name is known and its value checked, but nothing asks for it yet. */
  readonly inEffect: boolean
}

export const SETTINGS = {
  domain: {
    kind: HOST_NAME,
    default: 'glo2000.ca',
    meaning: 'The mail domain of this house: its members are NAME@DOMAIN.',
    reason: 'it is the domain that Relais was first built for',
    inEffect: true,
  },
  listen: {
    kind: ADDRESSES,
    default: '127.0.0.1',
    meaning: 'Addresses on which every listener opens its port.',
    reason: 'nobody outside this machine is let in by accident',
    inEffect: true,
  },
  workers: {
    kind: whole('processes', 1, 64),
    default: 1,
    meaning: 'Processes that share the listening sockets.',
    reason: 'on two cores, two processes were measured to be slower than one',
    inEffect: false,
  },
  address_limits: {
    kind: SWITCH,
    default: 'on',
    meaning: 'Whether limits are counted for each client address; switch off only for benchmarks and tests.',
    reason: 'one client must not be able to take the whole server',
    inEffect: true,
  },
  language: {
    kind: word('en', 'fr'),
    default: 'en',
    meaning: 'Language of notifications to senders whose message does not tell theirs: English or French.',
    reason: 'most mail programs write Content-Language, and the rest are understood best by most in English',
    inEffect: true,
  },
  max_message_octets: {
    kind: octets(1),
    default: '50 MiB',
    meaning: 'Largest message that is accepted; RFC 5321 §4.5.3.1.7 asks for at least 64 KiB.',
    reason: 'it carries attachments of up to some 37 MB, which base64 makes a third larger',
    inEffect: true,
  },
  'smtp.port': {
    kind: PORT,
    default: 2525,
    meaning: 'Port on which mail comes in (SMTP); 0 takes a free one.',
    reason: 'unlike 25 it needs no privileges',
    inEffect: true,
  },
  'reception.trusted': {
    kind: NETWORKS,
    default: 'none',
    meaning:
      'Relays in front of Relais: free of limits for an address, and they may speak for our own domain.',
    reason: 'nobody speaks for us by accident',
    inEffect: true,
  },
  'reception.from_allowed': {
    kind: NETWORKS,
    default: 'none',
    meaning: 'Clients whose messages may name our members in From without a sign-in, such as mailing lists.',
    reason: 'a stranger should not pose as a colleague',
    inEffect: true,
  },
  'reception.bare_line_ends': {
    kind: word('refuse', 'normalise'),
    default: 'refuse',
    meaning:
      'What becomes of a message in which a CR or LF stands alone: it is refused, or each becomes CRLF.',
    reason: 'two readings of where a message ends let a second one be smuggled in (RFC 5321 §2.3.8)',
    inEffect: true,
  },
  'lmtp.port': {
    kind: PORT,
    default: 'off',
    meaning:
      'Port on which a mail server in front of Relais hands in mail (LMTP); whoever reaches it is trusted.',
    reason: 'few need it, and it asks nobody who they are',
    inEffect: true,
  },
  'lmtp.socket': {
    kind: SOCKET_PATH,
    default: 'off',
    meaning: 'Unix socket for the same, for its owner and group; seen from the root folder.',
    reason: 'few need it',
    inEffect: true,
  },
  'smtp.recipients': {
    kind: whole('recipients', 100, 100_000),
    default: 1000,
    meaning: 'Recipients of one message, announced as LIMITS RCPTMAX (RFC 9422).',
    reason: 'a message to everybody of a house has more than the 100 that RFC 5321 §4.5.3.1.8 asks for',
    inEffect: true,
  },
  'smtp.idle_seconds': {
    kind: whole('seconds', 1, 3600),
    default: 300,
    meaning: 'How long a client may take for one command.',
    reason: 'five minutes are what RFC 5321 §4.5.3.2.7 asks for',
    inEffect: true,
  },
  'smtp.data_seconds': {
    kind: whole('seconds', 60, 86_400),
    default: 3600,
    meaning: 'How long one message may take to arrive.',
    reason: 'the largest message takes an hour at 15 KiB a second',
    inEffect: true,
  },
  'smtp.data_octets_per_second': {
    kind: whole('octets a second', 0, 1_000_000),
    default: 100,
    meaning: 'Least pace of a message, on the average after its first minute; 0 sets none.',
    reason: 'the slowest modem is faster, and who is slower holds a connection for nothing',
    inEffect: true,
  },
  'smtp.connections': {
    kind: whole('connections', 1, 1_000_000),
    default: 20_000,
    meaning: 'Connections at once, for all SMTP listeners together.',
    reason: 'more need more descriptors than most systems give',
    inEffect: true,
  },
  'smtp.connections_per_address': {
    kind: whole('connections', 1, 1_000_000),
    default: 200,
    meaning: 'Connections at once from one client address (IPv6: one /64).',
    reason: 'one client must not be able to take them all',
    inEffect: true,
  },
  'smtp.connections_per_minute': {
    kind: whole('connections a minute', 1, 1_000_000),
    default: 3000,
    meaning: 'New connections in a minute from one client address (IPv6: one /64).',
    reason: 'fifty a second are more than a relay needs',
    inEffect: true,
  },
  'smtp.messages_per_minute': {
    kind: whole('messages a minute', 1, 10_000_000),
    default: 6000,
    meaning: 'Messages in a minute from one client address (IPv6: one /64).',
    reason: 'a hundred a second are more than a house receives',
    inEffect: true,
  },
  'smtp.recipients_per_minute': {
    kind: whole('recipients a minute', 1, 100_000_000),
    default: 60_000,
    meaning: 'Recipients named in a minute by one client address (IPv6: one /64).',
    reason: 'it slows down who tries out names, and no list',
    inEffect: true,
  },
  'smtp.account_sessions': {
    kind: whole('sessions', 1, 100_000),
    default: 50,
    meaning: 'SMTP sessions that one account is signed in to at once.',
    reason: 'each of a member’s programs has a few',
    inEffect: true,
  },
  'smtp.account_messages_per_minute': {
    kind: whole('messages a minute', 1, 1_000_000),
    default: 600,
    meaning: 'Messages in a minute from one account.',
    reason: 'who guessed a password should not be able to flood the house',
    inEffect: true,
  },
  'smtp.account_recipients_per_minute': {
    kind: whole('recipients a minute', 1, 10_000_000),
    default: 6000,
    meaning: 'Recipients named in a minute by one account.',
    reason: 'a message to everybody must be possible, and a flood not',
    inEffect: true,
  },
  'smtp.wrong_commands': {
    kind: whole('commands', 1, 1000),
    default: 10,
    meaning: 'The wrong command of a session that ends it; a message that is taken sets the count back to 0.',
    reason: 'who makes ten mistakes speaks another protocol (RFC 5321 §7.8)',
    inEffect: true,
  },
  'smtp.failed_sign_ins': {
    kind: whole('failures', 1, 100),
    default: 5,
    meaning: 'The failed sign-in that ends a connection.',
    reason: 'a guesser should have to connect again',
    inEffect: true,
  },
  'submission.port': {
    kind: PORT,
    default: 2587,
    meaning: 'Port on which members hand in mail, with STARTTLS; 0 takes a free one.',
    reason: 'unlike 587 it needs no privileges',
    inEffect: true,
  },
  'submissions.port': {
    kind: PORT,
    default: 2465,
    meaning: 'Port on which members hand in mail, over TLS from the start; 0 takes a free one.',
    reason: 'unlike 465 it needs no privileges',
    inEffect: true,
  },
  'pop3.port': {
    kind: PORT,
    default: 2110,
    meaning: 'Port on which members fetch mail (POP3); 0 takes a free one.',
    reason: 'unlike 110 it needs no privileges',
    inEffect: true,
  },
  'pop3s.port': {
    kind: PORT,
    default: 2995,
    meaning: 'Port on which members fetch mail (POP3), over TLS from the start; 0 takes a free one.',
    reason: 'unlike 995 it needs no privileges',
    inEffect: true,
  },
  'pop3.in_use_wait_seconds': {
    kind: whole('seconds', 0, 60),
    default: 2,
    meaning: 'How long a POP3 session waits for another one of the same account to end; 0 refuses at once.',
    reason: 'a program that connects anew at once is let in, and nobody waits long for an answer',
    inEffect: true,
  },
  'pop3.login_delay_seconds': {
    kind: whole('seconds', 0, 86_400),
    default: 0,
    meaning: 'Least time between two sign-ins of one account over POP3 (LOGIN-DELAY, RFC 2449); 0 for none.',
    reason: 'a sign-in that is remembered costs next to nothing',
    inEffect: true,
  },
  'pop3.mark_seen': {
    kind: SWITCH,
    default: 'on',
    meaning:
      'Whether a message that a POP3 session retrieved and left is marked as read, for programs beside it.',
    reason: 'other mail programs that use the same Maildir then show what is new',
    inEffect: true,
  },
  'pop3.idle_seconds': {
    kind: whole('seconds', 600, 86_400),
    default: 600,
    meaning: 'Silence after which a POP3 session is ended without its UPDATE; no message is removed then.',
    reason:
      'ten minutes are the least that RFC 1939 §3 allows, and longer ones keep a maildrop from other programs',
    inEffect: true,
  },
  'pop3.connections': {
    kind: whole('connections', 1, 1_000_000),
    default: 20_000,
    meaning: 'Connections at once, for all POP3 listeners together.',
    reason: 'more need more descriptors than most systems give',
    inEffect: true,
  },
  'pop3.connections_per_address': {
    kind: whole('connections', 1, 1_000_000),
    default: 200,
    meaning: 'Connections at once from one client address, for all POP3 listeners together.',
    reason: 'it is enough for an office behind one router, and one client must not be able to take them all',
    inEffect: true,
  },
  'pop3.wrong_commands': {
    kind: whole('commands', 1, 1000),
    default: 10,
    meaning: 'The wrong command in a row of a POP3 session that ends it.',
    reason: 'who makes ten mistakes speaks another protocol',
    inEffect: true,
  },
  'pop3.failed_sign_ins': {
    kind: whole('failures', 1, 100),
    default: 5,
    meaning: 'The failed sign-in that ends a POP3 connection.',
    reason: 'a guesser should have to connect again',
    inEffect: true,
  },
  'http.port': {
    kind: PORT,
    default: 2080,
    meaning: 'Port for browsers and for health checks (HTTP); 0 takes a free one.',
    reason: 'unlike 80 it needs no privileges',
    inEffect: false,
  },
  'tls.cert': {
    kind: FILE_OR_AUTO,
    default: 'auto',
    meaning:
      'Certificate for TLS, PEM, its chain behind it, read again on SIGHUP and when it changes; "auto" is one of our own.',
    reason: 'config/tls/cert.pem is made at the first start and signs itself, so that TLS works at once',
    inEffect: true,
  },
  'tls.key': {
    kind: FILE_OR_AUTO,
    default: 'auto',
    meaning:
      'Key of tls.cert, PEM, without a passphrase; may be in the same file. "auto" is that of our own.',
    reason: 'config/tls/key.pem is made with the certificate',
    inEffect: true,
  },
  'auth.clear_from': {
    kind: NETWORKS,
    default: 'loopback',
    meaning: 'Clients that may send a password without TLS.',
    reason: 'on a network others can read what is sent in clear (RFC 8314)',
    inEffect: true,
  },
  'passwords.iterations': {
    kind: whole('PBKDF2 iterations', 10_000, 10_000_000),
    default: 210_000,
    meaning:
      'Work that one guess at a stored password costs; counts for passwords set from then on, and a record made for less ' +
      'is renewed at the next good sign-in that shows the password itself, which SCRAM never does.',
    reason: 'a sign-in then takes about a quarter of a second of one core, and so does each guess of a thief',
    inEffect: true,
  },
  'passwords.cache_seconds': {
    kind: whole('seconds', 0, 86_400),
    default: 600,
    meaning:
      'How long a good sign-in is remembered, in memory, so that the next one costs no hash; 0 for not at all.',
    reason: 'programs that fetch mail ask every few minutes',
    inEffect: true,
  },
  'passwords.strength': {
    kind: word('warn', 'refuse'),
    default: 'warn',
    meaning:
      'What is said to a new password that keeps the rules but is easy to guess, such as "Password123".',
    reason: 'a guess at strength may be wrong, and the rules alone are what members are told beforehand',
    inEffect: true,
  },
  'lockout.attempts': {
    kind: whole('failures', 1, 5),
    default: 3,
    meaning: 'Wrong passwords in a row after which an account is blocked.',
    reason: 'two typing errors are human',
    inEffect: true,
  },
  'lockout.seconds': {
    kind: whole('seconds', 0, 86_400),
    default: 10,
    meaning: 'How long an account stays blocked, even for the right password; 0 switches blocking off.',
    reason: 'it slows a guesser down and hardly bothers the owner',
    inEffect: true,
  },
  'quota.octets': {
    kind: octets(0),
    default: '1 GiB',
    meaning: 'Octets that the mailbox of one account may hold; 0 sets no bound.',
    reason: 'it holds twenty of the largest messages and keeps one member from filling the disk',
    inEffect: true,
  },
  'retention.days': {
    kind: whole('days', 0, 36_500),
    default: 0,
    meaning: 'Age at which a message is removed from a mailbox; 0 keeps it until its owner removes it.',
    reason: 'nobody loses mail that they did not remove themselves',
    inEffect: true,
  },
  'disk.reserve_octets': {
    kind: octetsOrAuto(0),
    default: 'auto',
    meaning:
      'Free space below which no mail is taken in: 0 for never, "auto" for the smaller of 512 MiB and 2 % of the disk.',
    reason: 'a full disk is to be survived, not met, and a small disk still to be of use',
    inEffect: true,
  },
  'delivery.separator': {
    kind: SEPARATOR,
    default: '+',
    meaning: 'What separates a name from what its owner puts behind it, as in alice+list@DOMAIN for alice.',
    reason: 'it is the usual one, and no name can hold it',
    inEffect: true,
  },
  'lost.reply': {
    kind: word('refuse', 'accept'),
    default: 'refuse',
    meaning: 'Reply to a message that reached nobody and is kept in lost/: an error, or success.',
    reason: 'a sender should learn that nobody got the message',
    inEffect: true,
  },
  'lost.max_octets': {
    kind: octets(0),
    default: '1 GiB',
    meaning:
      'Octets of all messages in lost/ that were answered with an error; then the oldest goes. 0 sets no bound.',
    reason: 'nobody was promised these, and nobody shall fill the disk with them',
    inEffect: true,
  },
  'lost.max_days': {
    kind: whole('days', 0, 36_500),
    default: 90,
    meaning: 'Days for which a message in lost/ that was answered with an error is kept; 0 for ever.',
    reason: 'who misses mail asks within a quarter of a year',
    inEffect: true,
  },
  'lost.promised_days': {
    kind: whole('days', 0, 36_500),
    default: 0,
    meaning:
      'Days for which a message in lost/ that was answered with success is kept, and a week after a warning in the log; 0 for ever.',
    reason: 'what was accepted is not thrown away but by a person',
    inEffect: true,
  },
  'lost.address_messages_per_day': {
    kind: whole('messages', 0, 1_000_000),
    default: 200,
    meaning:
      'Messages answered with an error that lost/ keeps for one client address in 24 hours; then unknown recipients are refused at once. 0 sets no bound.',
    reason: 'it is more than typing errors make, and less than a guesser of names sends',
    inEffect: true,
  },
  'lost.address_octets_per_day': {
    kind: octets(0),
    default: '100 MiB',
    meaning: 'The same in octets; 0 sets no bound.',
    reason: 'ten such clients and a day do not fill the whole place',
    inEffect: true,
  },
  'registration.mode': {
    kind: word('closed', 'open', 'invitation'),
    default: 'closed',
    meaning: 'Who may register an account: nobody but through the postmaster, anyone, or those invited.',
    reason: 'an internal domain chooses its members',
    inEffect: false,
  },
  'log.level': {
    kind: word('error', 'warn', 'info', 'debug'),
    default: 'warn',
    meaning: 'The least serious lines that the log keeps.',
    reason: 'what works needs no line',
    inEffect: true,
  },
} as const satisfies Readonly<Record<string, Setting<unknown>>>
