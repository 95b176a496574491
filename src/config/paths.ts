/** Where everything lies below the root folder. Names only: nothing is looked up or made. */
import { join, resolve } from 'node:path'
import { environmentName } from './names.js'

export interface Paths {
  readonly root: string
  /** TOML, written by the operator. */
  readonly configFile: string
  /** SQLite: accounts. */
  readonly directoryFile: string
  /** SQLite: failed sign-ins that still count. */
  readonly attemptsFile: string
  /** Certificate, key and server secret. */
  readonly tlsDir: string
  /** The mail trail. */
  readonly trailDir: string
  /** Locks and derived caches; may be deleted while Relais is stopped. */
  readonly runDir: string
  /** One Maildir for each account, named in lower case. */
  readonly accountsDir: string
  /** A Maildir of what reached nobody. */
  readonly lostDir: string
}

/** The layout below `root`. */
export function pathsBelow(root: string): Paths {
  return {
    root,
    configFile: join(root, 'config', 'relais.toml'),
    directoryFile: join(root, 'config', 'directory.sqlite'),
    attemptsFile: join(root, 'config', 'run', 'sign-ins.sqlite'),
    tlsDir: join(root, 'config', 'tls'),
    trailDir: join(root, 'config', 'trail'),
    runDir: join(root, 'config', 'run'),
    accountsDir: join(root, 'maildir'),
    lostDir: join(root, 'lost'),
  }
}

/** The root folder, absolute: the flag `--root`, else `RELAIS_ROOT` if not blank, else the current folder. */
export function resolveRoot(flag: string | undefined, env: NodeJS.ProcessEnv, currentDir: string): string {
  const variable = env[environmentName('root')] ?? ''
  return resolve(currentDir, flag ?? (variable.trim() === '' ? '' : variable))
}
