/** Requests and answers, and what may stand around them. */

import type { Wire } from './operation.js'

/** What headers are made from. Spelled so that no library but that of the runtime has to be known. */
export type HeaderInput = ConstructorParameters<typeof Headers>[0]

/** One HTTP request. */
export interface HttpRequest {
  readonly operation: Wire
  readonly url: string
  readonly headers: Headers
  readonly body: string | undefined
  /** Milliseconds for the whole answer. */
  readonly timeout: number
  readonly signal: AbortSignal | undefined
}

/** One HTTP answer, read to its end. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Uint8Array
}

/** Makes a request; what stands behind a middleware. */
export type Next = (request: HttpRequest) => Promise<HttpAnswer>

/**
 * Goes around each attempt of each call: for authorisation, cookies, pacing, tracing.
 *
 *     const stamp: Middleware = (request, next) => {
 *       request.headers.set('X-Stamp', '1')
 *       return next(request)
 *     }
 */
export type Middleware = (request: HttpRequest, next: Next) => Promise<HttpAnswer>
