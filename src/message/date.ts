/** Dates as mail headers write them (RFC 5322 §3.3), always in UTC. */

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

/** `Sat, 21 Nov 2026 03:04:05 +0000`. */
export function mailDate(time: Date): string {
  const day = DAYS[time.getUTCDay()]
  const month = MONTHS[time.getUTCMonth()]
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(two).join(':')
  return `${day}, ${two(time.getUTCDate())} ${month} ${time.getUTCFullYear()} ${clock} +0000`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
