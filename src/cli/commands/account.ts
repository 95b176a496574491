/** `relais account …`: what the postmaster does with accounts. */
import type { CommandModule } from 'yargs'
import type { Io } from '../io.js'
import type { Flags } from '../open.js'
import { accountAddCommand } from './account-add.js'
import { accountListCommand } from './account-list.js'
import { accountLockCommand, accountUnlockCommand } from './account-lock.js'
import { accountPasswdCommand } from './account-passwd.js'
import { accountRemoveCommand } from './account-remove.js'
import { accountSetCommand } from './account-set.js'
import { accountShowCommand } from './account-show.js'

export function accountCommand(io: Io): CommandModule<Flags, Flags> {
  return {
    command: 'account',
    describe: 'Add, list, change, lock and remove accounts, set passwords',
    builder: (yargs) =>
      yargs
        .command(accountAddCommand(io))
        .command(accountListCommand(io))
        .command(accountShowCommand(io))
        .command(accountPasswdCommand(io))
        .command(accountSetCommand(io))
        .command(accountLockCommand(io))
        .command(accountUnlockCommand(io))
        .command(accountRemoveCommand(io))
        .demandCommand(
          1,
          1,
          'say what to do with accounts: add, list, show, passwd, set, lock, unlock or remove',
        ),
    handler: () => {},
  }
}
