/** How requests travel: by `fetch`, within their time, never following a redirect. */

import type { ClientOptions, HttpRequest, Next } from './client.js'
import { ConnectError, RequestTimeout, ResponseTooLarge, TransportError } from './errors.js'

const NEVER_SENT =
  /REFUSED|ENOTFOUND|EAI_AGAIN|CONNECT_TIMEOUT|HOSTUNREACH|NETUNREACH|CERT|SIGNED|VERIFY|TLS|SSL|^ConnectionRefused$/

/** What sends the requests of a client. */
export function transport(options: ClientOptions): Next {
  const limit = options.maxResponseBytes ?? 128 * 2 ** 20
  return async (request) => {
    const deadline = AbortSignal.timeout(request.timeout)
    const signal = request.signal ? AbortSignal.any([deadline, request.signal]) : deadline
    const started = performance.now()
    try {
      const response = await (options.fetch ?? fetch)(request.url, {
        method: request.operation.method,
        headers: request.headers,
        body: request.body ?? null,
        redirect: 'manual',
        credentials: options.credentials ?? 'include',
        signal,
      })
      const bytes = await read(request, response, limit)
      return { status: response.status, headers: response.headers, bytes, elapsed: performance.now() - started }
    } catch (error) {
      if (request.signal?.aborted || error instanceof TransportError) throw error
      throw failure(request, error, deadline.aborted)
    }
  }
}

async function read(request: HttpRequest, response: Response, limit: number): Promise<Uint8Array> {
  const reader = response.body?.getReader()
  const parts: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  for (let part; reader && !(part = await reader.read()).done; parts.push(part.value)) {
    size += part.value.length
    if (size > limit) {
      await reader.cancel()
      throw new ResponseTooLarge(request.operation, `the answer has more than ${limit} bytes`)
    }
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer())
}

/** The error of a failed `fetch`, which says why in its cause, if at all. */
function failure(request: HttpRequest, error: unknown, timedOut: boolean): TransportError {
  if (timedOut) return new RequestTimeout(request.operation, `no whole answer within ${request.timeout} ms`)
  const { cause = error } = error as { cause?: unknown }
  const { code = '', message = '' } = Object(cause) as { code?: string; message?: string }
  const Kind = NEVER_SENT.test(code) ? ConnectError : TransportError
  return new Kind(request.operation, message || code || String(error))
}

