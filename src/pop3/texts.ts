/**
 * What the server says to people, in English until LANG asks for French. Generic by intent: no paths, no causes,
 * no names. English is ASCII, as POP3 wants it; what follows LANG is UTF-8 (RFC 6856 §3.2).
 *
 * A reply line may hold 512 octets with its status and CRLF (RFC 2449 §4); none comes near.
 * No text starts with `[`, which would make it a response code (RFC 2449 §6.4).
 */

export const ENGLISH = {
  ready: (domain: string) => `${domain} POP3 server ready`,
  capabilities: 'what this server can do',
  passwordNext: 'now the password',
  maildropHas: (messages: number, octets: number) => `maildrop has ${messages} messages (${octets} octets)`,
  scanListing: (messages: number, octets: number) => `${messages} messages (${octets} octets)`,
  uniqueIds: 'unique-ids follow',
  octets: (octets: number) => `${octets} octets`,
  top: 'top of the message follows',
  marked: (number: number) => `message ${number} deleted`,
  goodbye: 'goodbye',

  unknownCommand: 'unknown command',
  signInFirst: 'sign in first',
  signedInAlready: 'not after signing in',
  usage: (command: string) => `usage: ${command}`,
  lineTooLong: 'line too long',
  startTls: 'start the TLS handshake',
  tlsAlready: 'TLS is active already',
  nothingBehindStls: 'nothing may follow STLS before its reply',
  tlsFirst: 'passwords are not taken in clear: STLS comes first',
  cancelled: 'authentication cancelled',
  noMechanism: 'no such mechanism here',
  stlsAfterUtf8: 'STLS comes before UTF8',
  utf8Mode: 'UTF-8 from here on',
  languages: 'languages follow',
  languageChosen: 'this is English',
  noLanguage: 'no such language here',
  userFirst: 'USER comes before PASS',
  clearRefused: 'passwords are not taken in clear from this address',
  noSuchMessage: 'no such message',
  deletedAlready: 'that message is deleted',
  someRemain: (remain: number) => `some deleted messages not removed (${remain} remain)`,
  removalFailed: 'some deleted messages may not be removed',
  tooManyWrongCommands: 'too many wrong commands',
  tooManyConnections: 'too many connections, try again later',
  shuttingDown: 'the server is shutting down, try again later',

  revoked: 'this account is closed now; nothing was deleted',

  wrongSignIn: 'wrong name or password',
  malformedSignIn: 'that is no answer of this mechanism',
  tooSoon: 'too soon after the last session',
  tryLater: 'not possible at the moment, try again later',
  maildropInUse: 'maildrop is in use by another session',
  messageGone: 'that message is no longer there',
  cannot: 'not possible; the postmaster can tell why',
}

export type Texts = typeof ENGLISH

export const FRENCH: Texts = {
  ready: (domain) => `${domain}, serveur POP3 à l’écoute`,
  capabilities: 'voici ce que le serveur sait faire',
  passwordNext: 'et maintenant le mot de passe',
  maildropHas: (messages, octets) =>
    `la boîte contient ${count(messages, 'message')} (${count(octets, 'octet')})`,
  scanListing: (messages, octets) => `${count(messages, 'message')} (${count(octets, 'octet')})`,
  uniqueIds: 'voici les identifiants uniques',
  octets: (octets) => count(octets, 'octet'),
  top: 'voici le début du message',
  marked: (number) => `message ${number} supprimé`,
  goodbye: 'au revoir',

  unknownCommand: 'commande inconnue',
  signInFirst: 'identifiez-vous d’abord',
  signedInAlready: 'pas après l’identification',
  usage: (command) => `syntaxe : ${command}`,
  lineTooLong: 'ligne trop longue',
  startTls: 'commencez la négociation TLS',
  tlsAlready: 'TLS est déjà actif',
  nothingBehindStls: 'rien ne peut suivre STLS avant sa réponse',
  cancelled: 'authentification annulée',
  noMechanism: 'ce mécanisme n’existe pas ici',
  tlsFirst: 'aucun mot de passe en clair : STLS d’abord',
  stlsAfterUtf8: 'STLS vient avant UTF8',
  utf8Mode: 'UTF-8 à partir d’ici',
  languages: 'voici les langues',
  languageChosen: 'voici du français',
  noLanguage: 'cette langue n’existe pas ici',
  userFirst: 'USER vient avant PASS',
  clearRefused: 'aucun mot de passe en clair depuis cette adresse',
  noSuchMessage: 'ce message n’existe pas',
  deletedAlready: 'ce message est supprimé',
  someRemain: (remain) => `des messages n’ont pas été supprimés (il en reste ${remain})`,
  removalFailed: 'il se peut que des messages n’aient pas été supprimés',
  tooManyWrongCommands: 'trop de commandes erronées',
  tooManyConnections: 'trop de connexions, réessayez plus tard',
  shuttingDown: 'le serveur s’arrête, réessayez plus tard',
  revoked: 'ce compte est maintenant fermé ; rien n’a été supprimé',

  wrongSignIn: 'nom ou mot de passe erroné',
  malformedSignIn: 'ce n’est pas une réponse de ce mécanisme',
  tooSoon: 'trop tôt après la dernière session',
  tryLater: 'impossible pour le moment, réessayez plus tard',
  maildropInUse: 'une autre session utilise la boîte',
  messageGone: 'ce message n’est plus là',
  cannot: 'impossible ; le maître de poste sait pourquoi',
}

/** French counts nothing and one in the singular. */
function count(number: number, noun: string): string {
  return `${number} ${noun}${number > 1 ? 's' : ''}`
}
