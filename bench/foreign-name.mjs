/**
 * The unique part of a name as Dovecot and Postfix give them, of the `index`th message. Seconds, microseconds and process
 * must not all count upwards together: Dovecot's table of names then degenerates, and is 30 times as slow.
 */
export function foreignName(index) {
  return `${1_700_000_000 + (index >> 3)}.M${(index * 799_819) % 1_000_000}P${1000 + index}.mail`
}
