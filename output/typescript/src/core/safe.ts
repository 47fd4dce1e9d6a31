/** Errors as results, for those who do not like to catch. */

import type { Answer, Call } from './call.js'
import { BezantError } from './errors.js'

/** What became of a call. */
export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly response: Answer<T> }
  | { readonly ok: false; readonly error: BezantError }

/**
 * The outcome of a call as a value.
 *
 *     const result = await safe(accounts(client))
 *     if (result.ok) console.log(result.value)
 *     else if (result.error instanceof NotAuthenticated) showLogin()
 *
 * What is no `BezantError`, such as the reason of an `AbortSignal`, is thrown all the same.
 */
export async function safe<T>(call: Call<T>): Promise<Result<T>> {
  try {
    const response = await call.withResponse()
    return { ok: true, value: response.value, response }
  } catch (error) {
    if (error instanceof BezantError) return { ok: false, error }
    throw error
  }
}
