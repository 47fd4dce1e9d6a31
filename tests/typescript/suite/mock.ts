/** The mock gateway, one for each test that asks, and steered from outside as programs in any language do it. */

import assert from 'node:assert/strict'
import { request as send } from 'node:http'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'

/** Where gateways are made. */
const MAKER = process.env['BEZANT_GATEWAYS'] ?? ''

export const ACCOUNT = 'DU1234567'
export const AAPL = 265598

/** What arrived by HTTP. */
export interface Arrived {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly operation: string
  readonly status: number
}

/** What there is of WebSockets, and what came over all of them; what came before a greeting was lost. */
export interface Streams {
  readonly connections: number
  readonly received: readonly string[]
  readonly lost: readonly string[]
}

/** Something that happens to the connections there are. */
export type Act =
  | { readonly frame: object }
  | { readonly frames: readonly object[] }
  | { readonly text: string }
  | { readonly binary: string }
  | { readonly close: number }
  | { readonly [name in 'beat' | 'greet' | 'freeze' | 'drop']?: true }

/** What goes wrong with calls: the answer is an error, another one, or it comes late, cut or never. */
export interface Fault {
  readonly operation?: string
  readonly status?: number
  readonly message?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly delay?: number
  readonly ending?: 'cut' | 'dropped'
  readonly is_before?: boolean
  readonly times?: number
}

/** Not by `fetch`, whose connections stay open, and whose timers tests stop. */
async function call<Answer>(method: string, url: string, body: unknown): Promise<Answer> {
  const content = JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const headers = { 'content-length': String(Buffer.byteLength(content)), 'user-agent': 'tests' }
    const asking = send(url, { method, agent: false, headers }, (response) => {
      text(response)
        .then((answer) => {
          if (response.statusCode !== 200) throw new Error(`${method} ${url}: ${answer}`)
          resolve(JSON.parse(answer) as Answer)
        })
        .catch(reject)
    })
    asking.on('error', reject).end(content)
  })
}

export class Mock {
  readonly origin: string
  /** The cookie of its login, for a WebSocket. */
  readonly headers: Readonly<Record<string, string>>

  private constructor(origin: string, session: string) {
    this.origin = origin
    this.headers = { Cookie: `api=${session}` }
  }

  /** One on a clock that stands still, until the test is over; a bug of the mock fails the test. */
  static async of(t: TestContext, ...scenarios: string[]): Promise<Mock> {
    const { url, session } = await call<{ url: string; session: string }>('POST', MAKER, scenarios)
    t.after(async () => assert.deepEqual(await call('DELETE', MAKER, url), { errors: [] }))
    return new Mock(url, session)
  }

  get socketUrl(): string {
    return `${this.origin.replace('http', 'ws')}/v1/api/ws`
  }

  async start(name: string): Promise<void> {
    await this.#call('POST', 'scenarios', { name })
  }

  async stop(name: string): Promise<void> {
    await this.#call('DELETE', 'scenarios', { name })
  }

  /** Lets seconds go by: streams hear of what has changed. */
  async advance(seconds: number): Promise<void> {
    await this.#call('POST', 'clock', { advance: seconds })
  }

  /** Lets seconds go by in which the session is kept alive. */
  async live(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left -= 240) {
      await this.advance(Math.min(left, 240))
      await call('POST', `${this.origin}/v1/api/tickle`, {})
    }
  }

  async fault(fault: Fault): Promise<void> {
    await this.#call('POST', 'faults', fault)
  }

  async forgetFaults(): Promise<void> {
    await this.#call('DELETE', 'faults', {})
  }

  async arrived(operation?: string): Promise<Arrived[]> {
    const { arrived } = await this.#call<{ arrived: Arrived[] }>('GET', 'arrived', {})
    return arrived.filter((one) => operation === undefined || one.operation === operation)
  }

  /** Does something to the WebSockets there are. */
  async stream(act: Act): Promise<void> {
    await this.#call('POST', 'streams', act)
  }

  streams(): Promise<Streams> {
    return this.#call('GET', 'streams', {})
  }

  /** From now on only what comes later was received. */
  async forgetStreams(): Promise<void> {
    await this.#call('DELETE', 'streams', {})
  }

  /** Waits until something is so; the time limit of the test ends it. */
  async until(isSo: (streams: Streams) => boolean): Promise<Streams> {
    for (;;) {
      const found = await this.streams()
      if (isSo(found)) return found
    }
  }

  /** The message at a place, as soon as it has arrived. */
  async received(index: number): Promise<string> {
    return (await this.until(({ received }) => received.length > index)).received[index] as string
  }

  /** All that clients have written until now, each connection of a stream in its order. */
  async written(...streams: { send(message: string): boolean }[]): Promise<readonly string[]> {
    const marks = streams.map(() => `ech+${++marked}`)
    for (const [index, stream] of streams.entries()) assert.ok(stream.send(marks[index] as string))
    const { received } = await this.until((found) => marks.every((mark) => found.received.includes(mark)))
    return received.filter((message) => !message.startsWith('ech+'))
  }

  #call<Answer = unknown>(method: string, endpoint: string, body: unknown): Promise<Answer> {
    return call(method, `${this.origin}/mock/${endpoint}`, body)
  }
}

let marked = 0
