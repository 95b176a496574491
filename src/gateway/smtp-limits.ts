/** The limits of SMTP as the settings have them. */
import type { Settings } from '../config/schema.js'
import { DEFAULT_SMTP_LIMITS, type SmtpLimits } from '../smtp/traffic.js'

export function smtpLimits({ smtp }: Pick<Settings, 'smtp'>): SmtpLimits {
  return {
    ...DEFAULT_SMTP_LIMITS,
    recipients: smtp.recipients,
    idleMs: smtp.idleSeconds * 1000,
    connections: smtp.connections,
    connectionsPerAddress: smtp.connectionsPerAddress,
    connectionsPerMinute: smtp.connectionsPerMinute,
    messagesPerMinute: smtp.messagesPerMinute,
    recipientsPerMinute: smtp.recipientsPerMinute,
    sessionsPerAccount: smtp.accountSessions,
    messagesPerMinutePerAccount: smtp.accountMessagesPerMinute,
    recipientsPerMinutePerAccount: smtp.accountRecipientsPerMinute,
    wrongCommands: smtp.wrongCommands,
    failedSignIns: smtp.failedSignIns,
    dataMs: smtp.dataSeconds * 1000,
    dataOctetsPerSecond: smtp.dataOctetsPerSecond,
  }
}
