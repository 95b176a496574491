/** What is said of an import, in English and French: the catalogue of this area. */
import { describeNameProblems, describePasswordProblems } from '../../accounts/texts.js'
import type { InEveryLanguage, Language } from '../../base/language.js'
import type { Place, Reason } from './found.js'
import type { Outcome } from './import-accounts.js'

/** Of a whole source; failures are told in English. */
export const SOURCE_TEXTS = {
  missing: 'there is nothing of that name',
  unreadable: 'it cannot be read',
  noFolder: 'it is no folder; a symbolic link is not followed',
  notJson: 'it is no JSON object of names and passwords',
  tooManyFolders: 'it holds more folders than an import takes',
} as const

/** `{}` is where the detail goes. */
interface Catalogue {
  readonly place: Readonly<Record<Place['kind'], string>>
  readonly reason: Readonly<Record<Reason['kind'], string>>
  /** Between the parts of a line. */
  readonly colon: string
  readonly result: Readonly<Record<Outcome['result'], string>>
  readonly count: Readonly<Record<Outcome['result'], string>>
  readonly dryRun: string
  readonly notAll: string
  readonly latin1: string
}

export const IMPORT_TEXTS = {
  en: {
    place: { line: 'line {}', entry: 'entry {}', folder: 'folder {}' },
    reason: {
      'bad-name': 'the name: {}',
      'bad-password': 'the password needs: {}',
      double: 'the same name as {}; capitals do not count',
      taken: 'there is an account {} already; capitals do not count',
      occupied: '{}',
      'no-space': 'no space between a name and a password',
      'no-password': 'no password',
      'no-digest': 'no hexadecimal digest of a password',
      'digest-length': 'a digest of {} digits; only those of 128 are taken',
      'no-pass-file': 'no file pass or passwd',
      'symbolic-link': 'a symbolic link, which is not followed',
      'not-a-file': 'not a plain file',
      'too-large': 'more than {} octets',
      unreadable: 'it cannot be read',
    },
    colon: ': ',
    result: { created: 'created', skipped: 'skipped, it is there already', refused: 'refused' },
    count: { created: '{} created', skipped: '{} skipped', refused: '{} refused' },
    dryRun: 'nothing was changed; an import would do this',
    notAll: 'not all were brought in; refused: {}',
    latin1: 'this is no UTF-8; it is read as ISO 8859-1',
  },
  fr: {
    place: { line: 'ligne {}', entry: 'entrée {}', folder: 'dossier {}' },
    reason: {
      'bad-name': 'le nom\u00A0: {}',
      'bad-password': 'au mot de passe, il faut\u00A0: {}',
      double: 'le même nom que {}\u00A0; les majuscules ne comptent pas',
      taken: 'il y a déjà un compte {}\u00A0; les majuscules ne comptent pas',
      occupied: '{}',
      'no-space': "pas d'espace entre un nom et un mot de passe",
      'no-password': 'pas de mot de passe',
      'no-digest': "pas d'empreinte hexadécimale d'un mot de passe",
      'digest-length': 'une empreinte de {} chiffres\u00A0; seules celles de 128 sont prises',
      'no-pass-file': 'pas de fichier pass ou passwd',
      'symbolic-link': "un lien symbolique, qui n'est pas suivi",
      'not-a-file': 'pas un fichier ordinaire',
      'too-large': 'plus de {} octets',
      unreadable: 'illisible',
    },
    colon: '\u00A0: ',
    result: { created: 'créé', skipped: 'déjà là', refused: 'refusé' },
    count: { created: 'créés\u00A0: {}', skipped: 'déjà là\u00A0: {}', refused: 'refusés\u00A0: {}' },
    dryRun: "rien n'a changé\u00A0; une importation ferait ceci",
    notAll: "tous n'ont pas été importés\u00A0; refusés\u00A0: {}",
    latin1: "ce n'est pas de l'UTF-8\u00A0; lu comme ISO 8859-1",
  },
} as const satisfies InEveryLanguage<Catalogue>

/** `line 3`, `folder alice`. */
export function describePlace(place: Place, language: Language): string {
  const detail = place.kind === 'folder' ? place.name : String(place.number)
  return withDetail(IMPORT_TEXTS[language].place[place.kind], detail)
}

/** One clause, for one line. */
export function describeReason(reason: Reason, language: Language): string {
  return withDetail(IMPORT_TEXTS[language].reason[reason.kind], detailOf(reason, language))
}

function detailOf(reason: Reason, language: Language): string {
  switch (reason.kind) {
    case 'bad-name':
      return describeNameProblems(reason.problems, language)
    case 'bad-password':
      return describePasswordProblems(reason.problems, language)
    case 'double':
      return describePlace(reason.first, language)
    case 'taken':
      return reason.by
    case 'occupied':
      return reason.why
    case 'digest-length':
      return String(reason.digits)
    case 'too-large':
      return String(reason.mostOctets)
    default:
      return ''
  }
}

/** Puts the detail where a text of this catalogue wants it. */
export function withDetail(text: string, detail: string): string {
  return text.replace('{}', () => detail)
}
