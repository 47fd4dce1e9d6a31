/** A client: the settings that its calls share, and the way of every request. */

import type { BezantError } from './errors.js'
import type { HeaderInput, Middleware, Next } from './http.js'
import type { JsonValue } from './json.js'
import { retrying, type Retry } from './retry.js'
import { transport, type Credentials } from './transport.js'

/** Where IBKR's Client Portal Gateway listens unless told otherwise. */
export const GATEWAY = 'https://localhost:5000'

/** What a client may be told; everything has a default. */
export interface ClientOptions {
  /** Scheme, host and port, and what a proxy puts in front; may end in `/v1/api`. `GATEWAY` by default. */
  readonly baseUrl?: string | undefined
  /** Headers of every request. */
  readonly headers?: HeaderInput
  /** Milliseconds for a whole answer, 30,000 by default. */
  readonly timeout?: number | undefined
  /** How failed reads are made again; `false` makes every call once. */
  readonly retry?: Retry | false | undefined
  /** Goes around each attempt, the first one outermost. */
  readonly middleware?: readonly Middleware[] | undefined
  /** What stands in for the global `fetch`, such as one that is `limited`. */
  readonly fetch?: typeof fetch | undefined
  /** Whether browsers send cookies, `include` by default: the gateway's session is one. */
  readonly credentials?: Credentials | undefined
  /** Reads JSON, `JSON.parse` by default; `parseBigInts` keeps the digits of integers beyond 2^53. */
  readonly parse?: ((text: string) => JsonValue) | undefined
  /** Knows IBKR's texts: pass `explain`, which makes errors of their meaning and gives them a `hint`. */
  readonly explain?: ((error: BezantError) => BezantError) | undefined
}

/** What calls need of a client. Made by `createClient`. */
export interface Client {
  readonly origin: string
  readonly headers: Headers
  readonly timeout: number
  readonly send: Next
  readonly parse: (text: string) => JsonValue
  readonly explain: ((error: BezantError) => BezantError) | undefined
}

/** What a single call may be told. */
export interface CallOptions {
  /** Milliseconds for the whole answer. */
  readonly timeout?: number | undefined
  /** Headers of this request, over those of the client. */
  readonly headers?: HeaderInput
  /** Ends the call; it then rejects with the reason of the signal. */
  readonly signal?: AbortSignal | undefined
}

/** Makes a client. Throws a `TypeError` for a `baseUrl` that is none. */
export function createClient(options: ClientOptions = {}): Client {
  const { baseUrl = GATEWAY, retry, middleware = [] } = options
  const layers = [...(retry === false ? [] : [retrying(retry)]), ...middleware]
  const last = transport(options.fetch, options.credentials)
  return {
    origin: new URL(baseUrl).href.replace(/(\/v1\/api)?\/*$/, ''),
    headers: new Headers(options.headers),
    timeout: options.timeout ?? 30_000,
    send: layers.reduceRight<Next>((next, layer) => (request) => layer(request, next), last),
    parse: options.parse ?? (JSON.parse as Client['parse']),
    explain: options.explain,
  }
}
