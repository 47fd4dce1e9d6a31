/** Cookies for runtimes whose `fetch` keeps none: Node, Deno and Bun. Browsers keep their own. */

import type { Middleware } from './http.js'

/**
 * A middleware that keeps one cookie for each name and sends them back.
 *
 * IBKR's gateway fails when two cookies have one name, which jars that go by path and domain send it,
 * and it replaces its cookies during a session. The values are secret. A request with a `Cookie` header
 * of its own is left alone.
 */
export function cookies(jar: Map<string, string> = new Map()): Middleware {
  return async (request, next) => {
    if (jar.size && !request.headers.has('cookie')) {
      const pairs = [...jar].map(([name, value]) => `${name}=${value}`)
      const headers = new Headers(request.headers)
      headers.set('cookie', pairs.join('; '))
      request = { ...request, headers }
    }
    const answer = await next(request)
    for (const line of answer.headers.getSetCookie()) keep(jar, line)
    return answer
  }
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? []
  if (!name) return
  if (attributes.some((attribute) => /^max-age\s*=\s*0$/i.test(attribute))) jar.delete(name)
  else jar.set(name, value ?? '')
}
