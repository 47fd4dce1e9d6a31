/** How requests travel: by `fetch`, within their time, never following a redirect. */

import { ConnectError, RequestTimeout, TransportError } from './errors.js'
import type { HttpRequest, Next } from './http.js'

// What can only happen before anything is sent; a connection that breaks may break after that.
const NEVER_SENT = /refused|notfound|eai_|connect_timeout|cert|verify/i

/** Whether browsers send cookies. */
export type Credentials = 'omit' | 'same-origin' | 'include'

/** What sends requests: by the `fetch` of one's choice, and in browsers with the cookies of one's choice. */
export function transport(send: typeof fetch | undefined, credentials: Credentials = 'include'): Next {
  return async (request) => {
    const deadline = AbortSignal.timeout(request.timeout)
    try {
      const response = await (send ?? fetch)(request.url, {
        method: request.operation.method,
        headers: request.headers,
        body: request.body ?? null,
        redirect: 'manual',
        credentials,
        signal: AbortSignal.any([deadline].concat(request.signal ?? [])),
      })
      const { status, headers } = response
      return { status, headers, bytes: new Uint8Array(await response.arrayBuffer()) }
    } catch (error) {
      if (request.signal?.aborted || error instanceof TransportError) throw error
      throw failure(request, error, deadline.aborted)
    }
  }
}

/** The error of a failed `fetch`, which says why in its cause, if at all. */
function failure({ operation, timeout }: HttpRequest, error: unknown, isLate: boolean): TransportError {
  if (isLate) return new RequestTimeout(operation, `no whole answer within ${timeout} ms`)
  const { cause = error } = error as { cause?: unknown }
  const { code = '', message = code } = Object(cause) as { code?: string; message?: string }
  return new (NEVER_SENT.test(code) ? ConnectError : TransportError)(operation, message || String(error))
}
