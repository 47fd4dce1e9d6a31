/** One call: its request, its way, and what its answer means. */

import type { CallOptions, Client } from './client.js'
import { BezantError, DecodeError, HtmlPage } from './errors.js'
import type { HttpAnswer, HttpRequest } from './http.js'
import type { Body } from './json.js'
import type { Values, Wire } from './operation.js'
import { errorClass, messageOf, refusal } from './recognition.js'
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
  static override readonly [Symbol.species]: PromiseConstructor = Promise

  /** Status, headers and bytes of the answer, with its value. */
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
    const request = requestOf(client, operation, args as Values, options)
    const answer = await client.send(request)
    return { ...answer, value: valueOf(client, request, answer) as T }
  } catch (error) {
    throw error instanceof BezantError && client.explain ? client.explain(error) : error
  }
}

/** The value of a success: JSON under whatever name, text or bytes. Everything else is thrown. */
function valueOf(client: Client, { operation }: HttpRequest, answer: HttpAnswer): Body {
  const { status, headers, bytes } = answer
  const isError = status < 200 || status > 299
  const type = headers.get('content-type') ?? 'text'
  let body: Body = bytes
  if (/json|text|xml/i.test(type)) {
    const text = new TextDecoder().decode(bytes).trim()
    const looksLikeJson = /^[{[]/.test(text)
    body = text || undefined
    try {
      if (text && (looksLikeJson || /json/i.test(type))) body = client.parse(text)
    } catch (error) {
      if (looksLikeJson && !isError) throw new DecodeError(operation, `no JSON: ${String(error)}`, answer)
    }
    if (!isError && /^<(!doctype|html|head|body|h1)/i.test(text)) {
      throw new HtmlPage(operation, `a page came: ${messageOf(text)}`, answer)
    }
  }
  const said = isError ? messageOf(body) : refusal(body)
  if (!isError && !said) return body
  throw new (errorClass(status, headers.get('location') ?? ''))(operation, said, answer, body)
}
