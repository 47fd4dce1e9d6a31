/** Operations as data: what a call needs of one, and what the registry knows of it. */

/** What an error is about: the operation's id, its HTTP method, and the URL path without its query. */
export interface Place {
  readonly id: string
  readonly method: string
  readonly path: string
}

/** `safe` for reads, `idempotent` where a repeat changes nothing more, `unsafe` for what must not be repeated. */
export type Idempotency = 'safe' | 'idempotent' | 'unsafe'

/** Arguments by name. */
export type Values = Readonly<Record<string, unknown>>

/** A request that is being written. */
export interface Draft {
  readonly operation: Wire
  readonly headers: Headers
  path: string
  readonly query: string[]
  body: string | undefined
}

/** Writes some of the arguments into a request; throws an `ArgumentError` for those that cannot be written. */
export type Writer = (draft: Draft, args: Values) => void

/** What a call needs to know of its operation. `path` has the names of arguments in its braces. */
export interface Wire extends Place {
  readonly idempotency: Idempotency
  /** What writes the arguments into the request. */
  readonly write?: readonly Writer[]
  /** Arguments of the query, by the names that the wire has for them. */
  readonly query?: Readonly<Record<string, string>>
  /** Wire names of those whose lists are joined by commas; others repeat their name. */
  readonly joined?: readonly string[]
  /** Arguments of the headers, by the names that the wire has for them. */
  readonly header?: Readonly<Record<string, string>>
  /** Media type of the body. */
  readonly body?: string
  /** Arguments that must be given, beside those of the path. */
  readonly required?: readonly string[]
}

/** A path, query or header parameter; `name` is the wire's, `argument` the function's. */
export interface Parameter {
  readonly name: string
  readonly argument: string
  readonly location: 'path' | 'query' | 'header'
  readonly required: boolean
  /** Whether a list repeats the name; else it is joined by commas. */
  readonly explode: boolean
}

/** One declared answer. `status` is `200`, `4XX` or `default`; `type` is empty where no body comes. */
export interface DeclaredAnswer {
  readonly status: string
  readonly mediaType: string
  readonly type: string
}

/** At most `calls` in `window` seconds, with a `burst` once, or so many `concurrent`. */
export interface Pacing {
  readonly calls: number
  readonly window: number
  readonly burst: number
  readonly concurrent: number
}

/** A call (`GET /path`) to make before, once for each `scope`; `symptom` when it was not. */
export interface Preflight {
  readonly call: string
  readonly scope: string
  readonly symptom: string
}

/** An answer that is complete after some calls, `delay` seconds apart; `first` is what the first gives. */
export interface WarmUp {
  readonly calls: number
  readonly delay: number
  readonly first: string
}

/** How a listing goes on. `argument` counts or points, `source` is the field of the last row it points at. */
export interface Pagination {
  readonly style: 'page' | 'offset' | 'cursor'
  readonly argument: string
  readonly start: number
  readonly size: number
  readonly source: string
  /** Id of the operation that gives all pages but the first, where that is another one. */
  readonly follow: string
}

/** One call of the API, as the registry has it. */
export interface Operation {
  readonly id: string
  /** Namespace and name of the function. */
  readonly resource: string
  readonly name: string
  readonly method: string
  /** What stands before the path at the server. */
  readonly basePath: string
  /** The template, as published. */
  readonly path: string
  readonly parameters: readonly Parameter[]
  readonly body: { readonly mediaType: string; readonly required: boolean; readonly type: string } | null
  readonly answers: readonly DeclaredAnswer[]
  /** The session it needs. */
  readonly session: 'none' | 'login' | 'brokerage'
  readonly idempotency: Idempotency
  readonly pacing: Pacing | null
  readonly preflight: readonly Preflight[]
  readonly warmUp: WarmUp | null
  readonly pagination: Pagination | null
}
