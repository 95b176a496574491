/** What the house says of a new password that keeps the rules and is easy to guess all the same. */
import { refusedAsWeak, weakness, type Owner } from '../accounts/weakness.js'
import type { InEveryLanguage } from '../base/language.js'
import type { Settings } from '../config/schema.js'

/**
 * A warning to show, or `undefined` for a good password.
 * @throws GatewayError `account.password-refused` in its place, when `passwords.strength` says so
 */
export async function strengthWarning(
  password: string,
  owner: Owner,
  { passwords }: Pick<Settings, 'passwords'>,
): Promise<InEveryLanguage | undefined> {
  const why = await weakness(password, owner)
  if (why !== undefined && passwords.strength === 'refuse') throw refusedAsWeak(why)
  return why
}
