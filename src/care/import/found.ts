/** What a source of accounts holds: each account, or why it cannot be one, and where it stands. */
import type { NameProblem } from '../../accounts/names.js'
import type { PasswordProblem } from '../../accounts/password-rules.js'

/** Lines and entries count from 1; so do folders, in the order of their names, where a name is none to tell. */
export type Place =
  | { readonly kind: 'line'; readonly number: number }
  | { readonly kind: 'entry'; readonly number: number }
  | { readonly kind: 'folder'; readonly name: string }

/** What another system kept of a password. */
export type Secret =
  | { readonly kind: 'password'; readonly password: string }
  /** SHA3-512 or SHA-512 of it without salt, 128 hexadecimal digits. */
  | { readonly kind: 'digest'; readonly hex: string }

/** Why something in a source becomes no account. Never holds a password. */
export type Reason =
  | { readonly kind: 'bad-name'; readonly problems: readonly NameProblem[] }
  | { readonly kind: 'bad-password'; readonly problems: readonly PasswordProblem[] }
  /** The source has this name before, with or without the same capitals. */
  | { readonly kind: 'double'; readonly first: Place }
  /** The directory has this name in other capitals. */
  | { readonly kind: 'taken'; readonly by: string }
  /** Something else has its place: a role address, a mailbox folder. */
  | { readonly kind: 'occupied'; readonly why: string }
  | { readonly kind: 'no-space' }
  | { readonly kind: 'no-password' }
  | { readonly kind: 'no-digest' }
  | { readonly kind: 'digest-length'; readonly digits: number }
  | { readonly kind: 'no-pass-file' }
  | { readonly kind: 'symbolic-link' }
  | { readonly kind: 'not-a-file' }
  | { readonly kind: 'too-large'; readonly mostOctets: number }
  | { readonly kind: 'unreadable' }

export interface Found {
  readonly place: Place
  /** As the source spells it, whatever it is; `undefined` where it has none. */
  readonly name: string | undefined
  readonly secret: Secret | Reason
}
