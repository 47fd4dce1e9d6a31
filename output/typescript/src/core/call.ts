/** One call: its request, its way, and what its answer means. */

import type { CallOptions, Client, HttpAnswer, HttpRequest } from './client.js'
import { BezantError, DecodeError, HtmlPage, type ApiError } from './errors.js'
import { textOf, type Body } from './json.js'
import type { Wire } from './operation.js'
import { errorClass, isPage, messageOf, refusal } from './recognition.js'
import { requestOf } from './request.js'

/** A value with the answer that it was read from. */
export interface Answer<T> extends HttpAnswer {
  readonly value: T
}

/** The promise of a value; `withResponse()` is the promise of the value with its answer. */
export class Call<T> extends Promise<T> {
  readonly #answer: Promise<Answer<T>>

  constructor(answer: Promise<Answer<T>>) {
    super(() => {})
    this.#answer = answer
  }

  // What `then`, `catch` and `finally` give is a plain promise.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  /** Status, headers, bytes and time of the answer, with its value. */
  withResponse(): Promise<Answer<T>> {
    return this.#answer
  }

  override then<A = T, B = never>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    onError?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#answer.then((answer) => answer.value).then(onValue, onError)
  }
}

/** Makes the call of an operation; rejects with a `BezantError`. */
export function call<T>(client: Client, operation: Wire, args: object, options: CallOptions = {}): Call<T> {
  return new Call(exchange<T>(client, operation, args, options))
}

async function exchange<T>(client: Client, operation: Wire, args: object, options: CallOptions): Promise<Answer<T>> {
  try {
    const request = requestOf(client, operation, { ...args }, options)
    const answer = await client.send(request)
    return { ...answer, value: valueOf(client, request, answer) as T }
  } catch (error) {
    if (error instanceof BezantError && client.hints) {
      error.hint = client.hints(error)
      error.message += ` ${error.hint}`
    }
    throw error
  }
}

/** The value of a success; any other status, and an error inside a success, is thrown. */
function valueOf(client: Client, request: HttpRequest, answer: HttpAnswer): Body {
  const body = bodyOf(client, request.operation, answer)
  if (answer.status < 200 || answer.status > 299) throw refused(request, answer, messageOf(body), body)
  const said = typeof body === 'object' && !(body instanceof Uint8Array) ? refusal(body) : ''
  if (said) throw refused(request, answer, said, body)
  return body
}

function refused(request: HttpRequest, answer: HttpAnswer, said: string, body: Body): ApiError {
  const { status, headers } = answer
  const Kind = errorClass(status, headers.get('location') ?? '', said)
  return new Kind(request.operation, said, status, body, headers)
}

/** The body as JSON, text or bytes; the body of an error is never an error itself. */
function bodyOf(client: Client, operation: Wire, { status, headers, bytes }: HttpAnswer): Body {
  const type = headers.get('content-type') ?? ''
  if (type && !/json|text|xml/i.test(type)) return bytes
  const text = textOf(bytes).trim()
  const isError = status < 200 || status > 299
  if (!isError && isPage(text)) {
    throw new HtmlPage(operation, `a page came where data is due: ${messageOf(text)}`, bytes)
  }
  return read(client, text, /json/i.test(type), (reason) => {
    if (isError) return text
    throw new DecodeError(operation, reason, bytes)
  })
}

/** JSON under whatever name, a bare text as it is, nothing for nothing. */
function read(client: Client, text: string, isJson: boolean, broken: (reason: string) => Body): Body {
  const looksLikeJson = /^[{[]/.test(text)
  if (!text) return undefined
  if (!isJson && !looksLikeJson) return text
  try {
    return client.parse(text)
  } catch (error) {
    return looksLikeJson ? broken(`no JSON, or not all of it: ${String(error)}`) : text
  }
}

