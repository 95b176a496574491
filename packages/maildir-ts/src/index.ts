/** The package's door. */
export { createMaildir, openMaildir } from './open-maildir.js'
export type {
  FlagChange,
  Maildir,
  MaildirEvent,
  MaildirFolder,
  MaildirGround,
  MaildirOptions,
  MaildirWatch,
  RemoveOutcome,
  SizeCache,
  Usage,
} from './maildir.js'
export type { EntryFolder, MaildirEntry } from './maildir-entry.js'
export type { MessageFile } from './message-file.js'
export { arrivalOf, type Arrival, type Sizes } from './entry-name.js'
export { beginDelivery, deliver } from './begin-delivery.js'
export type { Delivery, DeliveryOptions, DeliveryOutcome } from './delivery.js'
export { MaildirError } from './maildir-error.js'
export { createNamer, type Namer, type NamerOptions } from './namer.js'
export type { FileFacts, FileLayer, FilePath, OpenMode } from './file-layer.js'
export { nodeFiles } from './node-files.js'
export { createDiskPace, type DiskPace, type DiskPaceOptions } from './disk-pace.js'
export { createListingCache, type ListingCache } from './listing-cache.js'
export type { Listing } from './listing.js'
