/** JMail's `userdat.txt`: one JSON object, `{"alice": "password in clear"}`. Pure. */
import type { Found } from './found.js'

/** Every account of the text, in order; `undefined` when it is no JSON object. */
export function parseJmailAccounts(text: string): readonly Found[] | undefined {
  const entries = entriesOf(text)
  return entries?.map(([name, password], index) => ({
    place: { kind: 'entry', number: index + 1 },
    name,
    secret:
      typeof password === 'string' && password !== ''
        ? { kind: 'password', password }
        : { kind: 'no-password' },
  }))
}

/** What JSON says of a wrong text quotes it, and passwords with it: that is dropped. */
function entriesOf(text: string): readonly (readonly [name: string, value: unknown])[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
    return isObject ? Object.entries(parsed) : undefined
  } catch {
    return undefined
  }
}
