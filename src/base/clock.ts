/** The time as an argument, so that tests can hold it. */

/** Answers the present time; called once for each fact that needs a time. */
export type Clock = () => Date

export const systemClock: Clock = () => new Date()
