/** The bounds of names and passwords. */

/** Characters of a name: the octets that a local part may have (RFC 5321 §4.5.3.1.1). */
export const LONGEST_NAME = 64
/** Characters of a new password: code points, once it is prepared. */
export const FEWEST_CHARACTERS = 10
/** Octets of a password in UTF-8, once it is prepared. */
export const MOST_OCTETS = 1024
