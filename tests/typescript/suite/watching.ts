/**
 * Streams of a mock gateway, and what they tell of themselves. All is run with the `WebSocket` of `ws`, and once
 * more with the global one where `BEZANT_SOCKET` says `global`; tests that need more options name that of `ws`.
 */

import { test, type TestContext } from 'node:test'

import { createClient } from 'bezant-client'
import { marketData } from 'bezant-client/channels'
import { Stream, type Socket, type StreamOptions, type StreamState, type Subscription } from 'bezant-client/stream'
import { WebSocket as WsSocket } from 'ws'

import { Log } from './log.js'
import { AAPL, Mock } from './mock.js'

export const isGlobal = process.env['BEZANT_SOCKET'] === 'global'

type Headers = Readonly<Record<string, string>>
/** That of Node takes headers too, which the types of browsers do not know. */
type Opener = new (url: string, options: { headers: Headers }) => Socket

/** Opens what all is run with. */
export function open(url: string, headers: Headers = {}): Socket {
  const Opens = (isGlobal ? WebSocket : WsSocket) as unknown as Opener
  return new Opens(url, { headers })
}

/** Opens a connection that a gateway greets. */
export const openAt =
  (mock: Mock) =>
  (url: string): Socket =>
    open(url, mock.headers)

export const APPLE = marketData({ conid: AAPL, fields: ['31'] })
export const ASKED = 'smd+265598+{"fields":["31"]}'
export const BIDS = marketData({ conid: AAPL, fields: ['84'] })
export const BIDS_ASKED = 'smd+265598+{"fields":["84"]}'
export const ENDED = 'umd+265598+{}'
export const LOST = { topic: 'sts', args: { authenticated: false } }

export interface Change {
  readonly state: StreamState
  readonly reason: unknown
}

/** A stream, and what it told of itself. */
export interface Watched {
  readonly stream: Stream
  readonly changes: Log<Change>
  /** Waits until it was in a state this often. */
  readonly reached: (state: StreamState, times?: number) => Promise<void>
}

export function watched(t: TestContext, origin: string, options: StreamOptions = {}): Watched {
  const changes = new Log<Change>()
  const onState = (state: StreamState, reason: unknown): void => changes.add({ state, reason })
  const stream = new Stream(createClient({ baseUrl: origin }), { open, cap: 2, onState, ...options })
  t.after(() => stream.close())
  const count = (all: readonly Change[], state: StreamState): number => all.filter((one) => one.state === state).length
  return { stream, changes, reached: (state, times = 1) => changes.until((all) => count(all, state) >= times) }
}

/** A stream of a gateway, with the cookie of its login. */
export function streamOf(t: TestContext, mock: Mock, options: StreamOptions = {}): Watched {
  return watched(t, mock.origin, { open: openAt(mock), ...options })
}

/** A stream that is ready, and its gateway. */
export async function ready(t: TestContext, options: StreamOptions = {}): Promise<Watched & { readonly mock: Mock }> {
  const mock = await Mock.of(t)
  const made = streamOf(t, mock, options)
  await made.reached('ready')
  return { ...made, mock }
}

export async function take<Payload>(frames: Subscription<Payload>, count: number): Promise<Payload[]> {
  const taken: Payload[] = []
  while (taken.length < count) {
    const { done, value } = await frames.next()
    if (done) throw new Error(`it ended after ${taken.length} of ${count} frames`)
    taken.push(value)
  }
  return taken
}

export const statesOf = ({ changes }: Watched): StreamState[] => changes.items.map(({ state }) => state)
export const reasonsOf = ({ changes }: Watched): string[] =>
  changes.items.filter(({ state }) => state === 'reconnecting').map(({ reason }) => String(reason))

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Lets everything run that is due, with timers that stand still. */
export async function settle(): Promise<void> {
  for (let count = 0; count < 5; count++) await turn()
}

/** From now on time passes when `t.mock.timers` says so. Sockets of earlier tests end first, with their timers. */
export async function stopClocks(t: TestContext): Promise<void> {
  while (process.getActiveResourcesInfo().includes('TCPSocketWrap')) await turn()
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
}

export function check(name: string, run: (t: TestContext) => Promise<void>): void {
  test(name, { timeout: 20_000 }, run)
}
