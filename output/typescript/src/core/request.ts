/** Arguments become requests. Each operation names the writers it needs, so that others are not carried along. */

import type { CallOptions, Client } from './client.js'
import { ArgumentError } from './errors.js'
import type { HttpRequest } from './http.js'
import type { Draft, Values, Wire, Writer } from './operation.js'

/** The request of a call. */
export function requestOf(client: Client, operation: Wire, args: Values, options: CallOptions): HttpRequest {
  const headers = new Headers(client.headers)
  const draft: Draft = { operation, headers, path: operation.path, query: [], body: undefined }
  for (const write of operation.write ?? []) write(draft, args)
  new Headers(options.headers).forEach((value, name) => headers.set(name, value))
  const url = client.origin + [draft.path, ...draft.query].join('&').replace('&', '?')
  return { ...draft, url, timeout: options.timeout ?? client.timeout, signal: options.signal }
}

/** Checks that what must be given is given. */
export const needed: Writer = ({ operation }, args) => {
  for (const name of operation.required ?? []) args[name] ?? refuse(operation, `${name} is required`)
}

/** Fills the path. `.` and `..` are refused: servers take them out, however they are encoded. */
export const inPath: Writer = (draft, args) => {
  draft.path = draft.path.replace(/{(\w+)}/g, (_, name: string) => {
    const text = textOf(draft, name, args[name] ?? refuse(draft.operation, `${name} is required`))
    return /^\.{0,2}$/.test(text) ? refuse(draft.operation, `${name} must not be '${text}'`) : encode(draft, name, text)
  })
}

/** Writes the query: a list repeats its name, or is joined by commas. */
export const inQuery: Writer = (draft, args) => {
  const { query = {}, joined = [] } = draft.operation
  for (const [argument, name] of Object.entries(query)) {
    const texts = listOf(args[argument]).map((item) => textOf(draft, argument, item))
    const values = joined.includes(name) && texts.length ? [texts.join(',')] : texts
    for (const value of values) draft.query.push(`${encodeURIComponent(name)}=${encode(draft, argument, value)}`)
  }
}

/** Writes the headers. */
export const inHeader: Writer = (draft, args) => {
  for (const [argument, name] of Object.entries(draft.operation.header ?? {})) {
    if (args[argument] == null) continue
    const text = textOf(draft, argument, args[argument])
    if (/[^\t\x20-\x7e\x80-\xff]/.test(text)) refuse(draft.operation, `${argument} holds what no header may`)
    draft.headers.set(name, text)
  }
}

/** Writes the body as JSON, whose numbers have to be numbers. */
export const jsonBody: Writer = (draft, { body }) => {
  const text = JSON.stringify(body ?? undefined, (name, value: unknown) =>
    // JSON.stringify would write null in place of such a number, and an order would go out without it.
    typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))
      ? refuse(draft.operation, `${name} cannot be written: ${String(value)}`)
      : value,
  ) as string | undefined
  put(draft, text)
}

/** Writes the body as a form. */
export const formBody: Writer = (draft, { body }) => {
  const fields = Object.entries(Object(body) as object).filter(([, value]) => value != null)
  const given = fields.map(([name, value]) => [name, textOf(draft, name, value)])
  put(draft, String(new URLSearchParams(given)))
}

/** Sends a text as it is. */
export const textBody: Writer = (draft, { body }) => {
  if (body != null && typeof body !== 'string') refuse(draft.operation, 'the body is a text')
  put(draft, body as string | undefined)
}

function put(draft: Draft, text: string | undefined): void {
  draft.body = text
  if (text !== undefined) draft.headers.set('content-type', draft.operation.body ?? '')
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value == null ? [] : [value]
}

function encode({ operation }: Draft, name: string, text: string): string {
  try {
    return encodeURIComponent(text)
  } catch {
    return refuse(operation, `${name} has half a character`)
  }
}

/** A scalar as the wire writes it: `true`, `1`, `0.1`; never `1e-7`. */
function textOf({ operation }: Draft, name: string, value: unknown): string {
  const isWritten = typeof value === 'number' ? Number.isFinite(value) : /string|boolean|bigint/.test(typeof value)
  if (!isWritten) refuse(operation, `${name} cannot be written: ${String(value)}`)
  const text = String(value)
  const isLong = typeof value === 'number' && text.includes('e')
  return isLong ? value.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 20 }) : text
}

function refuse(operation: Wire, reason: string): never {
  throw new ArgumentError(operation, reason)
}
