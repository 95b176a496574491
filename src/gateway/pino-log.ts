/** The structured log: one JSON object a line on standard error (https://getpino.io). */
import { pino, type Logger } from 'pino'
import type { Log } from '../base/log.js'

/** @param level the least serious lines that are written */
export function createPinoLog(level: 'error' | 'warn' | 'info' | 'debug'): Log {
  return wrap(
    pino(
      { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
      pino.destination({ fd: 2, sync: true }),
    ),
  )
}

function wrap(logger: Logger): Log {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    child: (fields) => wrap(logger.child(fields)),
  }
}
