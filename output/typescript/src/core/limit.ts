/** A bound on the size of answers. */

import { ResponseTooLarge } from './errors.js'

/**
 * A `fetch` that reads no answer of more bytes to its end: it fails with `ResponseTooLarge`.
 *
 *     createClient({ fetch: limited(16 * 2 ** 20) })
 */
export function limited(bytes: number, wrapped: typeof fetch = fetch): typeof fetch {
  return async (input, init) => {
    const response = await wrapped(input, init)
    if (!response.body) return response
    const place = { id: 'answer', method: init?.method ?? 'GET', path: new URL(response.url).pathname }
    let size = 0
    const counter = new TransformStream<Uint8Array, Uint8Array>({
      transform(part, controller) {
        size += part.length
        if (size > bytes) controller.error(new ResponseTooLarge(place, `the answer has more than ${bytes} bytes`))
        else controller.enqueue(part)
      },
    })
    return new Response(response.body.pipeThrough(counter), response)
  }
}
