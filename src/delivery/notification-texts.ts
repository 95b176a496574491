/** What a notification says to people, in each language. */
import type { Language } from '../base/language.js'
import type { Failure } from './notification.js'

interface NotificationTexts {
  readonly failedSubject: string
  readonly deliveredSubject: string
  /** @param time when the message came, as mail headers write it */
  readonly opening: (domain: string, time: string) => string
  readonly failed: string
  readonly delivered: string
  readonly reasons: Readonly<Record<Failure, string>>
  readonly kept: (lostId: string) => string
  readonly more: (count: number) => string
  readonly closing: string
}

const ENGLISH: NotificationTexts = {
  failedSubject: 'Mail not delivered',
  deliveredSubject: 'Mail delivered',
  opening: (domain, time) =>
    `This is the mail system of ${domain}, about a message that you sent\r\non ${time}.`,
  failed: 'It could NOT be delivered to:',
  delivered: 'It was delivered to:',
  reasons: {
    'unknown-recipient': 'nobody has this address',
    'mailbox-failed': 'the mailbox is out of order',
    'mailbox-full': 'the mailbox is full',
  },
  kept: (lostId) => `the postmaster keeps the message as\r\n    ${lostId}`,
  more: (count) => `and ${count} more; the next part names them all`,
  closing: 'Write to the postmaster if the message should still reach somebody.',
}

const FRENCH: NotificationTexts = {
  failedSubject: 'Message non remis',
  deliveredSubject: 'Message remis',
  opening: (domain, time) =>
    `Ceci est le système de courrier de ${domain}, au sujet d’un message\r\nque vous avez envoyé le ${time}.`,
  failed: 'Il n’a PAS pu être remis à :',
  delivered: 'Il a été remis à :',
  reasons: {
    'unknown-recipient': 'personne n’a cette adresse',
    'mailbox-failed': 'la boîte est hors service',
    'mailbox-full': 'la boîte est pleine',
  },
  kept: (lostId) => `le maître de poste garde le message sous\r\n    ${lostId}`,
  more: (count) => `et ${count} autres ; la partie suivante les nomme tous`,
  closing: 'Écrivez au maître de poste si le message doit encore parvenir à quelqu’un.',
}

export const NOTIFICATION_TEXTS = { en: ENGLISH, fr: FRENCH } as const satisfies Record<
  Language,
  NotificationTexts
>
