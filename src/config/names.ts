/** The names that a setting has outside the file. */

/** `smtp.port` is `RELAIS_SMTP_PORT`. */
export function environmentName(key: string): string {
  return `RELAIS_${key.replaceAll('.', '_').toUpperCase()}`
}

/** `max_message_octets` is `max-message-octets`, typed as `--max-message-octets`. */
export function flagName(key: string): string {
  return key.replaceAll(/[._]/g, '-')
}
