/** Small steps that many tests take. */
import { utimesSync } from 'node:fs'
import { deliver, MaildirError, type Maildir, type MaildirEntry } from '../../src/index.js'
import { bytesOf } from './bytes.js'

/** Delivers a text and gives its entry; throws the delivery's cause. */
export async function store(maildir: Maildir, text: string): Promise<MaildirEntry> {
  const [outcome] = await deliver([maildir], bytesOf(text))
  if (!outcome?.stored) throw outcome?.cause ?? new Error('no outcome')
  return outcome.entry
}

/** The text of a message, one character an octet. */
export async function textIn(maildir: Maildir, entry: MaildirEntry): Promise<string> {
  const file = await maildir.open(entry)
  try {
    return (await file.readAll()).toString('latin1')
  } finally {
    await file.close()
  }
}

/** Makes both folders look as if nothing had changed for 3 s. */
export function rest(maildir: Maildir): void {
  const seconds = Date.now() / 1000 - 3
  for (const folder of ['new', 'cur']) utimesSync(`${maildir.path}/${folder}`, seconds, seconds)
}

/** The `MaildirError` that a promise is rejected with. */
export async function failure(work: Promise<unknown>): Promise<MaildirError> {
  const error: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(error instanceof MaildirError)) throw new Error('no MaildirError', { cause: error })
  return error
}
