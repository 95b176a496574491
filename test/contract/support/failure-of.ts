/** What a promise was refused with, for tests of failures. */
import { GatewayError, type FailureCode } from '../../../src/base/errors.ts'

/** The code of the `GatewayError` that the work fails with; anything else that happens fails the test. */
export async function failureOf(work: Promise<unknown>): Promise<FailureCode> {
  return (await gatewayErrorOf(work)).code
}

/** The `GatewayError` that the work fails with; anything else that happens fails the test. */
export async function gatewayErrorOf(work: Promise<unknown>): Promise<GatewayError> {
  try {
    await work
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
  throw new Error('it did not fail')
}
