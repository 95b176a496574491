import { createMemorySignInAttempts } from '../../src/storage/memory/memory-sign-in-attempts.ts'
import { signInAttemptsContract } from './sign-in-attempts.ts'

describe('memory', () => {
  signInAttemptsContract('memory', (limits) => {
    const attempts = createMemorySignInAttempts(limits)
    return { open: async () => attempts }
  })
})
