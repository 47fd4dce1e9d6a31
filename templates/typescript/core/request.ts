/** Arguments become requests. */

import type { CallOptions, Client, HttpRequest } from './client.js'
import { ArgumentError } from './errors.js'
import type { Wire } from './operation.js'

type Values = Readonly<Record<string, unknown>>

/** The request of a call; throws an `ArgumentError` when it cannot be written. */
export function requestOf(client: Client, operation: Wire, args: Values, options: CallOptions): HttpRequest {
  const refuse = (reason: string): never => {
    throw new ArgumentError(operation, reason)
  }
  for (const name of operation.required ?? []) args[name] ?? refuse(`${name} is required`)
  const path = operation.path.replace(/{(\w+)}/g, (_, name: string) => segment(name, args[name], refuse))
  const pairs = Object.entries(operation.query ?? {}).flatMap(([argument, name]) =>
    pairsOf(name, args[argument], operation.joined?.includes(name), refuse),
  )
  for (const [name, value] of Object.entries(options.extraQuery ?? {})) {
    pairs.push(...pairsOf(name, value, false, refuse))
  }
  const body = bodyOf(operation, args['body'], options.extraBody, refuse)
  return {
    operation,
    url: client.origin + path + (pairs.length ? `?${pairs.join('&')}` : ''),
    headers: headersOf(client, operation, args, options, body, refuse),
    body,
    timeout: options.timeout ?? client.timeout,
    signal: options.signal,
  }
}

type Refuse = (reason: string) => never

/** One segment of the path. `.` and `..` are taken out by servers, however they are encoded. */
function segment(name: string, value: unknown, refuse: Refuse): string {
  const text = textOf(name, value ?? refuse(`${name} is required`), refuse)
  return /^\.{0,2}$/.test(text) ? refuse(`${name} must not be '${text}'`) : encode(name, text, refuse)
}

function pairsOf(name: string, value: unknown, joined: boolean | undefined, refuse: Refuse): string[] {
  const items = Array.isArray(value) ? (value as unknown[]) : value == null ? [] : [value]
  const texts = items.map((item) => textOf(name, item, refuse))
  const written = joined && texts.length ? [texts.join(',')] : texts
  return written.map((text) => `${encode(name, name, refuse)}=${encode(name, text, refuse)}`)
}

function encode(name: string, text: string, refuse: Refuse): string {
  try {
    return encodeURIComponent(text)
  } catch {
    return refuse(`${name} has half a character`)
  }
}

/** A scalar as the wire writes it: `true`, `1`, `0.1`; never `1e-7`. */
function textOf(name: string, value: unknown, refuse: Refuse): string {
  if (typeof value === 'number' && Number.isFinite(value)) {
    const text = String(value)
    const options = { useGrouping: false, maximumFractionDigits: 20 }
    return text.includes('e') ? value.toLocaleString('en-US', options) : text
  }
  return /string|boolean|bigint/.test(typeof value)
    ? String(value)
    : refuse(`${name} cannot be written: ${String(value)}`)
}

function headersOf(
  client: Client,
  operation: Wire,
  args: Values,
  options: CallOptions,
  body: string | undefined,
  refuse: Refuse,
): Headers {
  const headers = new Headers(client.headers)
  const put = (name: string, value: string) => {
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) refuse(`${name} holds what no header may`)
    headers.set(name, value)
  }
  if (body !== undefined) put('content-type', operation.body ?? '')
  for (const [argument, name] of Object.entries(operation.header ?? {})) {
    if (args[argument] != null) put(name, textOf(argument, args[argument], refuse))
  }
  new Headers(options.headers).forEach((value, name) => put(name, value))
  return headers
}

/** The body as text: JSON, a form, or a text that is sent as it is. */
function bodyOf(operation: Wire, body: unknown, extra: Values | undefined, refuse: Refuse): string | undefined {
  if (extra) body = { ...(body as Values | undefined), ...extra }
  if (body == null) return undefined
  if (operation.body?.includes('form')) {
    const pairs = Object.entries(body as Values).filter(([, value]) => value != null)
    return String(new URLSearchParams(pairs.map(([name, value]) => [name, textOf(name, value, refuse)])))
  }
  if (!operation.body?.includes('json')) {
    return typeof body === 'string' ? body : refuse(`the body of ${operation.body} is a text`)
  }
  return JSON.stringify(body, (name, value: unknown) =>
    // JSON.stringify would write null in place of such a number, and an order would go out without it.
    typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))
      ? refuse(`${name} cannot be written: ${String(value)}`)
      : value,
  )
}
