/**
 * Streams against a gateway on a loopback socket. All of it is run with the `WebSocket` of `ws`, and once more
 * with the global one where `BEZANT_SOCKET` says `global`; tests that need headers or options name that of `ws`.
 */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { getEventListeners, once } from 'node:events'
import { createServer, type AddressInfo, type Socket as TcpSocket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'

import { createClient } from 'bezant-client'
import {
  account,
  error,
  history,
  marketData,
  notifications,
  optionExercise,
  orders,
  ping,
  priceLadder,
  status,
  system,
  trades,
} from 'bezant-client/channels'
import {
  Stream,
  StreamOverflow,
  type Socket,
  type StreamOptions,
  type StreamState,
  type Subscription,
} from 'bezant-client/stream'
import type { WebSocket as NodeSocket } from 'undici-types'
import { WebSocket as WsSocket } from 'ws'

import { ACT, Gateway, HEARTBEAT, Log, quote, STS, SYSTEM, type Connection, type GatewaySettings } from './gateway.js'

// What the compiler is to accept: each WebSocket there is can be given to a stream.
export const ofWs: StreamOptions = { open: (url) => new WsSocket(url) }
export const ofBrowsers: StreamOptions = { open: (url) => new WebSocket(url) }
export const ofNode: StreamOptions = { open: (url) => new WebSocket(url) as NodeSocket }

const isGlobal = process.env['BEZANT_SOCKET'] === 'global'
const openWs = (url: string): Socket => new WsSocket(url)
const open = isGlobal ? (url: string): Socket => new WebSocket(url) : openWs

const APPLE = marketData({ conid: 265598, fields: ['31'] })
const ASKED = 'smd+265598+{"fields":["31"]}'

interface Change {
  readonly state: StreamState
  readonly reason: unknown
}

/** A stream, and what it told of itself. */
interface Watched {
  readonly stream: Stream
  readonly changes: Log<Change>
  /** Waits until it was in a state this often. */
  readonly reached: (state: StreamState, times?: number) => Promise<void>
}

function watched(t: TestContext, origin: string, options: StreamOptions = {}): Watched {
  const changes = new Log<Change>()
  const onState = (state: StreamState, reason: unknown): void => changes.add({ state, reason })
  const stream = new Stream(createClient({ baseUrl: origin }), { open, cap: 2, onState, ...options })
  t.after(() => stream.close())
  const count = (all: readonly Change[], state: StreamState): number => all.filter((one) => one.state === state).length
  return { stream, changes, reached: (state, times = 1) => changes.until((all) => count(all, state) >= times) }
}

async function gatewayOf(t: TestContext, settings: GatewaySettings = {}): Promise<Gateway> {
  const gateway = await Gateway.start(settings)
  t.after(() => gateway.stop())
  return gateway
}

/** A stream that is ready, with its connection at the gateway. */
async function ready(
  t: TestContext,
  options: StreamOptions = {},
  settings: GatewaySettings = {},
): Promise<Watched & { readonly gateway: Gateway; readonly connection: Connection }> {
  const gateway = await gatewayOf(t, settings)
  const made = watched(t, gateway.origin, options)
  await made.reached('ready')
  return { ...made, gateway, connection: await gateway.connections.at(0) }
}

async function take<Payload>(frames: Subscription<Payload>, count: number): Promise<(Payload | undefined)[]> {
  const taken = []
  while (taken.length < count) taken.push((await frames.next()).value)
  return taken
}

const statesOf = ({ changes }: Watched): StreamState[] => changes.items.map(({ state }) => state)
const reasonsOf = ({ changes }: Watched): string[] =>
  changes.items.filter(({ state }) => state === 'reconnecting').map(({ reason }) => String(reason))

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Lets everything run that is due, with timers that stand still. */
async function settle(): Promise<void> {
  for (let count = 0; count < 5; count++) await turn()
}

/** From now on time passes when `t.mock.timers` says so. Sockets of earlier tests end first, with their timers. */
async function stopClocks(t: TestContext): Promise<void> {
  while (process.getActiveResourcesInfo().includes('TCPSocketWrap')) await turn()
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
}

function check(name: string, run: (t: TestContext) => Promise<void>): void {
  test(name, { timeout: 20_000 }, run)
}

check('the gateway of these tests loses what comes before its greeting', async (t) => {
  const gateway = await gatewayOf(t, { isGreeting: false })
  const socket = new WsSocket(`${gateway.origin.replace('http', 'ws')}/v1/api/ws`)
  const frames = new Log<string>()
  socket.on('message', (data) => frames.add(String(data)))
  await once(socket, 'open')
  socket.send(ASKED)
  const connection = await gateway.connections.at(0)
  await connection.roundTrip()
  connection.greet()
  socket.send('ech+hb')
  await frames.until((all) => all.includes('ech+hb'))
  assert.deepEqual(connection.lost, [ASKED])
  assert.deepEqual(frames.items.slice(1), [SYSTEM, ACT, STS].map((frame) => JSON.stringify(frame)).concat('ech+hb'))
})

check('nothing is sent before the first system frame, and then all that is wanted', async (t) => {
  const gateway = await gatewayOf(t, { isGreeting: false })
  const { stream, reached, ...rest } = watched(t, gateway.origin)
  const quotes = stream.subscribe(APPLE)
  assert.equal(stream.state, 'connecting')
  await reached('waiting')
  const connection = await gateway.connections.at(0)
  stream.subscribe(orders())
  assert.equal(stream.send('tic'), false)
  connection.send(HEARTBEAT)
  await connection.roundTrip()
  assert.deepEqual([connection.lost, connection.received.items], [[], []])
  connection.greet()
  assert.deepEqual(await quotes.next(), { done: false, value: quote(265598, ['31']) })
  connection.send(SYSTEM)
  await connection.roundTrip()
  assert.deepEqual(connection.received.items, [ASKED, 'sor+{}'])
  assert.deepEqual([connection.lost, statesOf({ stream, reached, ...rest })], [[], ['waiting', 'ready']])
})

check('the frames of the opening reach those who listen, in order, and heartbeats after them', async (t) => {
  const gateway = await gatewayOf(t)
  const { stream } = watched(t, gateway.origin)
  const listening = [stream.subscribe(system()), stream.subscribe(account()), stream.subscribe(status())] as const
  const connection = await gateway.connections.at(0)
  connection.send(HEARTBEAT)
  assert.deepEqual(await take(listening[0], 2), [SYSTEM, HEARTBEAT])
  assert.deepEqual(await take<unknown>(listening[1], 1), [ACT])
  assert.deepEqual(await take<unknown>(listening[2], 1), [STS])
  await connection.roundTrip()
  assert.deepEqual([connection.received.items, connection.lost], [[], []])
})

check('the address has the origin of the client, its prefix and the query', async (t) => {
  const gateway = await gatewayOf(t)
  const query = { oauth_token: 'a+b' }
  await watched(t, `${gateway.origin}/proxied/v1/api/`, { query }).reached('ready')
  await watched(t, gateway.origin).reached('ready')
  const urls = gateway.connections.items.map(({ request }) => request.url)
  assert.deepEqual(urls, ['/proxied/v1/api/ws?oauth_token=a%2Bb', '/v1/api/ws'])
})

check('a broken connection is made anew with a fresh session, and what is still read is asked for again', async (t) => {
  let sessions = 0
  const withCookie = async (url: string): Promise<Socket> => {
    const session = await Promise.resolve(`s${++sessions}`)
    return new WsSocket(url, { headers: { Cookie: `api=${session}` } })
  }
  const { stream, gateway, connection, reached, ...rest } = await ready(t, { open: withCookie })
  const quotes = stream.subscribe(APPLE)
  const others = stream.subscribe(marketData({ conid: 8314, fields: ['84'] }))
  await take(quotes, 1)
  await others.return()
  await connection.received.until((all) => all.includes('umd+8314+{}'))
  connection.breakOff()
  assert.deepEqual(await take<unknown>(quotes, 1), [quote(265598, ['31'])])
  const second = await gateway.connections.at(1)
  assert.deepEqual([second.lost, second.received.items], [[], [ASKED]])
  const cookies = gateway.connections.items.map(({ request }) => request.headers.cookie)
  assert.deepEqual(cookies, ['api=s1', 'api=s2'])
  const states = statesOf({ stream, reached, ...rest })
  assert.deepEqual(states, ['waiting', 'ready', 'reconnecting', 'waiting', 'ready'])
})

check('a connection that the gateway closes says with which code', async (t) => {
  const { connection, reached, ...rest } = await ready(t)
  connection.close(1012)
  await reached('ready', 2)
  assert.deepEqual(reasonsOf({ reached, ...rest }), ['the connection was closed with code 1012'])
})

check('a gateway that does not get ready is left', async (t) => {
  const gateway = await gatewayOf(t, { isGreeting: false })
  const { reached, ...rest } = watched(t, gateway.origin, { readyTimeout: 100 })
  const first = await gateway.connections.at(0)
  await first.closed
  const second = await gateway.connections.at(1)
  second.greet()
  await reached('ready')
  assert.deepEqual(reasonsOf({ reached, ...rest }), ['not ready after 100 ms'])
})

check('a refused connection is tried again', async (t) => {
  let requests = 0
  const gateway = await gatewayOf(t, { refusal: () => (requests++ ? undefined : 401) })
  const { reached, ...rest } = watched(t, gateway.origin)
  await reached('ready')
  assert.deepEqual([requests, statesOf({ reached, ...rest })], [2, ['waiting', 'reconnecting', 'waiting', 'ready']])
  assert.match(reasonsOf({ reached, ...rest })[0] ?? '', isGlobal ? /./ : /401/)
})

check('an `open` that throws, rejects or gives nothing is called again', async (t) => {
  const gateway = await gatewayOf(t)
  const late = new Log<(socket: Socket) => void>()
  const ways = [
    () => {
      throw new Error('thrown')
    },
    () => Promise.reject(new Error('rejected')),
    () => new Promise<Socket>((resolve) => late.add(resolve)),
    open,
  ]
  let url = ''
  const openInTurn = (given: string): Socket | Promise<Socket> => {
    url = given
    return (ways.shift() ?? open)(given)
  }
  const made = watched(t, gateway.origin, { open: openInTurn, readyTimeout: 100 })
  await made.reached('ready')
  assert.deepEqual(reasonsOf(made), ['Error: thrown', 'Error: rejected', 'not ready after 100 ms'])
  // The socket that comes too late is closed, and what it says is not heard.
  const socket = open(url)
  const second = await gateway.connections.at(1)
  late.items[0]?.(socket)
  await second.closed
  await (await gateway.connections.at(0)).roundTrip()
  assert.deepEqual(statesOf(made), ['reconnecting', 'reconnecting', 'reconnecting', 'waiting', 'ready'])
})

/** The trademark sign of another encoding, as IBKR sends it. */
const NOT_QUITE_UTF_8 = Buffer.from('{"topic":"ntf","args":{"text":"Trader\x99"}}', 'latin1')

check('bytes are read as text', async (t) => {
  const { stream, connection } = await ready(t)
  const notes = stream.subscribe(notifications())
  connection.send(Buffer.from('{"topic":"ntf","args":{"text":"plain"}}'))
  connection.send(NOT_QUITE_UTF_8)
  const texts = (await take<unknown>(notes, 2)).map((frame) => (frame as { args: { text: string } }).args.text)
  assert.deepEqual([texts, stream.ignored], [['plain', 'Trader\ufffd'], 0])
})

check('text that is not quite UTF-8 is read by a socket that is told to, and breaks others', async (t) => {
  const lenient = await ready(t, { open: (url) => new WsSocket(url, { skipUTF8Validation: true }) })
  const notes = lenient.stream.subscribe(notifications())
  lenient.connection.send(NOT_QUITE_UTF_8, false)
  assert.deepEqual(await take<unknown>(notes, 1), [{ topic: 'ntf', args: { text: 'Trader\ufffd' } }])
  const strict = await ready(t)
  strict.connection.send(NOT_QUITE_UTF_8, false)
  await strict.reached('ready', 2)
  assert.equal(lenient.gateway.connections.items.length, 1)
})

check('frames that are no JSON objects are counted, those without a topic belong to nobody', async (t) => {
  const { stream, connection } = await ready(t)
  const listening = [stream.subscribe(system()), stream.subscribe(APPLE), stream.subscribe(error())]
  await connection.received.until((all) => all.includes(ASKED))
  for (const frame of ['ech+hb', '', '{"topic":"smd+26559', '[{"topic":"system"}]', '1', 'null', '"system"']) {
    connection.send(frame)
  }
  connection.send({ result: 'unsubscribed from summary' })
  connection.send({ topic: null, message: 'waiting for session' })
  connection.send({ topic: 'system', hb: 2 })
  assert.deepEqual(await take<unknown>(listening[0]!, 1), [{ topic: 'system', hb: 2 }])
  assert.deepEqual([stream.ignored, listening.map(({ waiting }) => waiting)], [7, [0, 1, 0]])
})

check('an error without a topic is one', async (t) => {
  const { stream, connection } = await ready(t)
  const errors = stream.subscribe(error())
  assert.equal(stream.send('nonsense'), true)
  connection.send({ topic: 'error', error: 'with a topic', code: 1 })
  const found = await take(errors, 2)
  assert.deepEqual(found.map((one) => one?.error).sort(), ['Topic unknown: nonsense', 'with a topic'])
})

check('a session that ended leads to a new connection; what the old one still says is not heard', async (t) => {
  const { stream, connection, gateway, reached, ...rest } = await ready(t)
  const quotes = stream.subscribe(APPLE)
  await take(quotes, 1)
  for (const args of [{ competing: false }, { message: '' }, null]) connection.send({ topic: 'sts', args })
  await connection.roundTrip()
  assert.equal(gateway.connections.items.length, 1)
  connection.send({ topic: 'sts', args: { authenticated: false } })
  connection.send(quote(265598, ['31'], '1.00'))
  connection.send(SYSTEM)
  assert.deepEqual(await take<unknown>(quotes, 1), [quote(265598, ['31'])])
  await connection.closed
  const made = { stream, reached, ...rest }
  assert.deepEqual(reasonsOf(made), ['the brokerage session ended'])
  assert.deepEqual(statesOf(made), ['waiting', 'ready', 'reconnecting', 'waiting', 'ready'])
})

check('leaving a loop unsubscribes', async (t) => {
  const { stream, connection } = await ready(t)
  for await (const frame of stream.subscribe(APPLE)) {
    assert.equal(frame.conid, 265598)
    break
  }
  await connection.received.until((all) => all.length === 2)
  assert.deepEqual(connection.received.items, [ASKED, 'umd+265598+{}'])
})

check('those who read one topic share it: asked for by each, ended by the last', async (t) => {
  const { stream, connection, gateway } = await ready(t)
  const first = stream.subscribe(APPLE)
  await take(first, 1)
  const second = stream.subscribe(marketData({ conid: 265598, fields: ['84'] }))
  const third = stream.subscribe(APPLE)
  for (const one of [first, second, third]) {
    assert.deepEqual(await take<unknown>(one, 2), [quote(265598, ['84']), quote(265598, ['31'])])
  }
  const other = 'smd+265598+{"fields":["84"]}'
  assert.deepEqual(connection.received.items, [ASKED, other, ASKED])
  await first.return()
  await first.return()
  connection.breakOff()
  const again = await gateway.connections.at(1)
  await again.received.until((all) => all.length === 2)
  assert.deepEqual(again.received.items, [other, ASKED])
  await second.return()
  await again.roundTrip()
  assert.equal(again.received.items.length, 2)
  await third.return()
  await third.return()
  await again.received.at(2)
  await again.roundTrip()
  assert.deepEqual(again.received.items.slice(2), ['umd+265598+{}'])
})

check('after the reconnection only what is still read is asked for, each message once', async (t) => {
  const { stream, connection, gateway } = await ready(t)
  const asked = [APPLE, APPLE, marketData({ conid: 265598, fields: ['84'] })]
  const subscriptions = asked.map((one) => stream.subscribe(one))
  await connection.received.at(2)
  await subscriptions[2]?.return()
  connection.breakOff()
  const again = await gateway.connections.at(1)
  await again.received.at(0)
  await again.roundTrip()
  assert.deepEqual(again.received.items, [ASKED])
})

check('frames leave exchanges out', async (t) => {
  const { stream, connection } = await ready(t)
  const quotes = stream.subscribe(marketData({ conid: '265598@ISLAND', fields: ['31'] }))
  const ladder = stream.subscribe(priceLadder({ accountId: 'DU1', conid: 265598, exchange: 'ISLAND' }))
  connection.send({ topic: 'sbd+DU1+265598', data: [] })
  assert.deepEqual(await take<unknown>(quotes, 1), [quote(265598, ['31'])])
  assert.deepEqual(await take<unknown>(ladder, 1), [{ topic: 'sbd+DU1+265598', data: [] }])
  connection.send({ topic: 'smd+26559', conid: 26559 })
  await connection.roundTrip()
  assert.equal(quotes.waiting, 0)
})

check('what ends each topic', async (t) => {
  const { stream, connection } = await ready(t)
  const ladder = priceLadder({ accountId: 'DU1', conid: 1 })
  for (const one of [trades(), ladder, orders(), status(), optionExercise({ CEX: '2' })]) {
    await stream.subscribe<unknown>(one).return()
  }
  await connection.roundTrip()
  const expected = ['str+{}', 'utr', 'sbd+DU1+1', 'ubd+DU1', 'sor+{}', 'uor+{}', 'shs+exercise+{"CEX":"2"}']
  assert.deepEqual(connection.received.items, expected)
})

check('history is ended by the id that a frame had, even if later ones have none', async (t) => {
  const { stream, connection } = await ready(t, {}, { answer: () => undefined })
  const bars = stream.subscribe(history({ conid: 265598, period: '1d', bar: '1min' }))
  connection.send({ topic: 'smh+265598', serverId: '18001', data: [] })
  connection.send({ topic: 'smh+265598', data: [{ c: 1 }] })
  await take(bars, 2)
  await bars.return()
  assert.equal(await connection.received.at(1), 'umh+18001')
})

check('history that is left before its first frame is ended by that frame', async (t) => {
  const { stream, connection, gateway } = await ready(t, {}, { answer: () => undefined })
  const bars = history({ conid: 265598, period: '1d', bar: '1min' })
  await stream.subscribe(bars).return()
  await connection.roundTrip()
  assert.deepEqual(connection.received.items, [bars.begin])
  connection.send({ topic: 'smh+265598', serverId: '18002', data: [] })
  connection.send({ topic: 'smh+265598', serverId: '18002', data: [] })
  assert.equal(await connection.received.at(1), 'umh+18002')
  // Nothing of it is left, nor is what waits for its frame when the connection breaks.
  await stream.subscribe(bars).return()
  await connection.received.at(2)
  connection.breakOff()
  const again = await gateway.connections.at(1)
  stream.subscribe(orders())
  await again.received.at(0)
  again.send({ topic: 'smh+265598', serverId: '18003', data: [] })
  await again.roundTrip()
  assert.deepEqual([connection.received.items.length, again.received.items], [3, ['sor+{}']])
})

check('every stream of history that was asked for is ended, and none of an earlier connection', async (t) => {
  let count = 0
  const say = (message: string): object | undefined =>
    message.startsWith('smh') ? { topic: 'smh+265598', serverId: `h${++count}` } : undefined
  const { stream, connection, gateway } = await ready(t, {}, { answer: say })
  const asked = ['1min', '1h'].map((bar) => history({ conid: 265598, period: '1w', bar }))
  const both = asked.map((one) => stream.subscribe(one))
  for (const bars of both) await take(bars, 2)
  connection.breakOff()
  for (const bars of both) await take(bars, 2)
  for (const bars of both) await bars.return()
  const again = await gateway.connections.at(1)
  await again.received.at(3)
  await again.roundTrip()
  assert.deepEqual(again.received.items, [...asked.map(({ begin }) => begin), 'umh+h3', 'umh+h4'])
})

check('who reads too slowly is told so after what was kept, and unsubscribed', async (t) => {
  const { stream, connection } = await ready(t)
  const slow = stream.subscribe(APPLE, { buffer: 2 })
  const quick = stream.subscribe(system())
  await connection.received.at(0)
  for (const price of ['2', '3', '4']) connection.send(quote(265598, ['31'], price))
  connection.send(HEARTBEAT)
  await take(quick, 1)
  const prices = (await take(slow, 2)).map((frame) => frame?.['31'])
  assert.deepEqual(prices, ['189.10', '2'])
  const failure = await slow.next().catch((found: unknown) => found)
  assert.ok(failure instanceof StreamOverflow)
  assert.match(failure.message, /more than 2 frames/)
  await connection.received.at(1)
  await connection.roundTrip()
  assert.deepEqual(connection.received.items, [ASKED, 'umd+265598+{}'])
})

check('the latest of what nobody read is one frame, with all that changed', async (t) => {
  const { stream, connection } = await ready(t)
  const quotes = stream.subscribe(APPLE, { policy: 'latest', buffer: 1 })
  const marks = stream.subscribe(system())
  await connection.received.at(0)
  connection.send({ topic: 'smd+265598', '84': '1' })
  connection.send({ topic: 'smd+265598', '31': '2' })
  connection.send(HEARTBEAT)
  await take(marks, 1)
  assert.equal(quotes.waiting, 1)
  assert.deepEqual(await take<unknown>(quotes, 1), [{ ...quote(265598, ['31'], '2'), '84': '1' }])
  const next = quotes.next()
  connection.send({ topic: 'smd+265598', '31': '3' })
  assert.deepEqual(await next, { done: false, value: { topic: 'smd+265598', '31': '3' } })
})

check('several reads at once are served in order, and none once the subscription has ended', async (t) => {
  const { stream, connection } = await ready(t)
  const marks = stream.subscribe(system())
  const reads = [marks.next(), marks.next(), marks.next()]
  connection.send({ topic: 'system', hb: 1 })
  connection.send({ topic: 'system', hb: 2 })
  assert.deepEqual((await Promise.all(reads.slice(0, 2))).map(({ value }) => value?.hb), [1, 2])
  await marks.return()
  assert.deepEqual(await reads[2], { done: true, value: undefined })
  const left = stream.subscribe(system())
  const others = stream.subscribe(system())
  connection.send(HEARTBEAT)
  await take(others, 1)
  assert.equal(left.waiting, 1)
  await left.return()
  assert.deepEqual(await left.next(), { done: true, value: undefined })
})

check('what is subscribed to when told of `ready` is asked for once', async (t) => {
  const gateway = await gatewayOf(t)
  const subscribed = new Log<boolean>()
  const onState = (state: StreamState): void => {
    if (state !== 'ready') return
    stream.subscribe(APPLE)
    subscribed.add(true)
  }
  const { stream } = watched(t, gateway.origin, { onState })
  stream.subscribe(orders())
  await subscribed.at(0)
  const connection = await gateway.connections.at(0)
  await connection.roundTrip()
  assert.deepEqual(connection.received.items, ['sor+{}', ASKED])
})

check('what is left while there is no connection is forgotten', async (t) => {
  const gateway = await gatewayOf(t, { isGreeting: false })
  const { stream, reached } = watched(t, gateway.origin)
  const bars = history({ conid: 1, period: '1d', bar: '1min' })
  for (const one of [APPLE, bars]) await stream.subscribe<unknown>(one).return()
  const connection = await gateway.connections.at(0)
  connection.greet()
  await reached('ready')
  await connection.roundTrip()
  assert.deepEqual([connection.lost, connection.received.items], [[], []])
})

check('a message is sent as it is while the stream is ready', async (t) => {
  const { stream, connection, reached } = await ready(t)
  const said = 'inp+exercise+{"action":"user_input","data":{"id":"1"}}'
  assert.equal(stream.send(said), true)
  assert.equal(await connection.received.at(0), said)
  connection.breakOff()
  await reached('reconnecting')
  assert.equal(stream.send(said), false)
  await reached('ready', 2)
  stream.close()
  assert.equal(stream.send(said), false)
})

check('a socket that closes sends nothing, and says so', async (t) => {
  const sockets: Socket[] = []
  const openAndKeep = (url: string): Socket => {
    sockets.push(open(url))
    return sockets.at(-1) as Socket
  }
  const { stream } = await ready(t, { open: openAndKeep })
  sockets[0]?.close()
  assert.deepEqual([stream.state, stream.send('tic')], ['ready', false])
})

check('the connection lives as long as there are frames, and is left when there are none', async (t) => {
  await stopClocks(t)
  const { stream, connection, gateway, reached, ...rest } = await ready(t)
  const beats = stream.subscribe(system())
  for (let beat = 0; beat < 3; beat++) {
    t.mock.timers.tick(89_999)
    connection.send({ topic: 'system', hb: beat })
    assert.deepEqual(await take<unknown>(beats, 1), [{ topic: 'system', hb: beat }])
  }
  t.mock.timers.tick(30_000) // a ping that is answered is a frame, and here one that is not
  connection.freeze()
  t.mock.timers.tick(59_999)
  assert.equal(stream.state, 'ready')
  t.mock.timers.tick(1)
  await reached('reconnecting')
  t.mock.timers.tick(2)
  await gateway.connections.at(1)
  await reached('ready', 2)
  assert.deepEqual(reasonsOf({ stream, reached, ...rest }), ['no frame for 90000 ms'])
})

check('a half-open connection is noticed by its silence', async (t) => {
  const { stream, connection, gateway, reached, ...rest } = await ready(t, { silence: 100 })
  connection.freeze()
  await gateway.connections.at(1)
  await reached('ready', 2)
  assert.match(reasonsOf({ stream, reached, ...rest })[0] ?? '', /no frame for 100 ms/)
})

check('pings keep the connection, once a minute', async (t) => {
  await stopClocks(t)
  const { stream, connection } = await ready(t)
  const answers = stream.subscribe({ ...ping(), begin: undefined })
  t.mock.timers.tick(59_999)
  await connection.roundTrip()
  assert.deepEqual(connection.received.items, [])
  for (const wait of [1, 60_000, 60_000]) {
    t.mock.timers.tick(wait)
    assert.deepEqual((await take(answers, 1))[0]?.topic, 'tic')
  }
  assert.deepEqual(connection.received.items, ['tic', 'tic', 'tic'])
})

check('pings begin with the greeting', async (t) => {
  const gateway = await gatewayOf(t, { isGreeting: false })
  watched(t, gateway.origin, { ping: 1 })
  const connection = await gateway.connections.at(0)
  await connection.roundTrip()
  connection.greet()
  assert.equal(await connection.received.at(0), 'tic')
  assert.deepEqual(connection.lost, [])
})

check('market data is asked for again every ten minutes, as long as somebody reads it', async (t) => {
  await stopClocks(t)
  const { stream, connection } = await ready(t, { ping: 1e9, silence: 1e9 })
  const quotes = stream.subscribe(APPLE)
  const others = stream.subscribe(marketData({ conid: 265598, fields: ['84'] }))
  stream.subscribe(orders())
  await connection.received.at(2)
  t.mock.timers.tick(599_999)
  await connection.roundTrip()
  assert.equal(connection.received.items.length, 3)
  t.mock.timers.tick(1)
  await connection.received.at(4)
  assert.deepEqual(connection.received.items.slice(3), [ASKED, 'smd+265598+{"fields":["84"]}'])
  await quotes.return()
  t.mock.timers.tick(600_000)
  assert.equal(await connection.received.at(5), 'smd+265598+{"fields":["84"]}')
  await others.return()
  assert.equal(await connection.received.at(6), 'umd+265598+{}')
  t.mock.timers.tick(1_200_000)
  await connection.roundTrip()
  assert.equal(connection.received.items.length, 7)
})

check('a channel says itself how soon it is to be asked for again', async (t) => {
  const { stream, connection } = await ready(t)
  const quotes = stream.subscribe({ ...APPLE, refresh: 0.01 })
  assert.equal((await take(quotes, 3)).length, 3)
  assert.deepEqual(connection.received.items.slice(0, 3), [ASKED, ASKED, ASKED])
})

check('who is greeted and then refused does not call in a loop', async (t) => {
  await stopClocks(t)
  t.mock.method(Math, 'random', () => 1)
  const openings = new Log<string>()
  const gateway = await gatewayOf(t)
  const openAndCount = (url: string): Socket => {
    openings.add(url)
    return open(url)
  }
  const { stream, reached } = watched(t, gateway.origin, { open: openAndCount, cap: 3_000 })
  for (const [index, wait] of [500, 1_000, 2_000, 3_000, 3_000].entries()) {
    const connection = await gateway.connections.at(index)
    await reached('ready', index + 1)
    connection.send({ topic: 'sts', args: { authenticated: false } })
    await reached('reconnecting', index + 1)
    await settle()
    t.mock.timers.tick(wait - 1)
    await settle()
    assert.deepEqual([openings.items.length, stream.state], [index + 1, 'reconnecting'])
    t.mock.timers.tick(1)
    await openings.at(index + 1)
  }
  // One that lasts ends the row.
  const lasting = await gateway.connections.at(5)
  await reached('ready', 6)
  const now = performance.now.bind(performance)
  t.mock.method(performance, 'now', () => now() + 3_001)
  lasting.breakOff()
  await reached('reconnecting', 6)
  await settle()
  t.mock.timers.tick(500)
  await openings.at(6)
})

check('`close` ends the connection, and the iterations after what they have not read', async (t) => {
  const { stream, connection, reached, ...rest } = await ready(t)
  const quotes = stream.subscribe(APPLE)
  const notes = stream.subscribe(notifications())
  const marks = stream.subscribe(system())
  const waiting = notes.next()
  await connection.received.at(0)
  connection.send(HEARTBEAT)
  await take(marks, 1)
  stream.close()
  stream.close()
  assert.deepEqual(await waiting, { done: true, value: undefined })
  const frames = []
  for await (const frame of quotes) frames.push(frame)
  assert.deepEqual(frames, [quote(265598, ['31'])])
  await connection.closed
  assert.deepEqual(connection.received.items, [ASKED])
  assert.deepEqual(statesOf({ stream, reached, ...rest }), ['waiting', 'ready', 'closed'])
  const later = stream.subscribe(APPLE)
  assert.deepEqual(await later.next(), { done: true, value: undefined })
  assert.deepEqual(await later.return(), { done: true, value: undefined })
})

check('a stream that is closed while it connects closes what it gets', async (t) => {
  const gateway = await gatewayOf(t)
  const asked = new Log<(socket: Socket) => void>()
  const made = watched(t, gateway.origin, { open: () => new Promise((resolve) => asked.add(resolve)) })
  const give = await asked.at(0)
  made.stream.close()
  give(open(`${gateway.origin.replace('http', 'ws')}/v1/api/ws`))
  await settle()
  assert.deepEqual([statesOf(made), asked.items.length], [['closed'], 1])
  // It may be closed so early that the gateway never sees it.
  await Promise.all(gateway.connections.items.map(({ closed }) => closed))
})

check('a stream can be closed before its connection is made', async (t) => {
  const silent = createServer()
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.after(() => silent.close())
  const arrived = once(silent, 'connection') as Promise<[TcpSocket]>
  const made = watched(t, `http://127.0.0.1:${(silent.address() as AddressInfo).port}`)
  const [socket] = await arrived
  socket.resume()
  made.stream.close()
  await once(socket, 'close')
  assert.deepEqual(statesOf(made), ['waiting', 'closed'])
})

check('a stream can be closed between two attempts, and by who is told of them', async (t) => {
  let attempts = 0
  const fail = (): Socket => {
    attempts++
    throw new Error('no')
  }
  const made = watched(t, 'http://127.0.0.1:1', { open: fail, cap: 1e9 })
  await made.reached('reconnecting')
  made.stream.close()
  const states = new Log<StreamState>()
  const onState = (state: StreamState): void => {
    if (state === 'reconnecting') stream.close()
    states.add(state)
  }
  const { stream } = watched(t, 'http://127.0.0.1:1', { open: fail, onState, cap: 0 })
  await states.at(1)
  await settle()
  assert.deepEqual([states.items, statesOf(made)], [['closed', 'reconnecting'], ['reconnecting', 'closed']])
  assert.equal(attempts, 2)
})

check('a signal closes the stream, and is let go when something else did', async (t) => {
  const gateway = await gatewayOf(t)
  const aborting = new AbortController()
  const first = watched(t, gateway.origin, { signal: aborting.signal })
  const second = watched(t, gateway.origin, { signal: aborting.signal })
  await Promise.all([first.reached('ready'), second.reached('ready')])
  assert.equal(getEventListeners(aborting.signal, 'abort').length, 2)
  first.stream.close()
  assert.equal(getEventListeners(aborting.signal, 'abort').length, 1)
  aborting.abort()
  assert.deepEqual([second.stream.state, statesOf(second).at(-1)], ['closed', 'closed'])
  await Promise.all(gateway.connections.items.map(({ closed }) => closed))
})

check('with a signal that is already aborted nothing is opened', async (t) => {
  let openings = 0
  const states = new Log<[StreamState, StreamState]>()
  const openAndCount = (): Promise<Socket> => {
    openings++
    return Promise.reject(new Error('opened'))
  }
  const onState = (state: StreamState): void => states.add([state, stream.state])
  const options = { open: openAndCount, signal: AbortSignal.abort(), onState }
  const { stream } = watched(t, 'http://127.0.0.1:1', options)
  const quotes = stream.subscribe(APPLE)
  assert.deepEqual(await quotes.next(), { done: true, value: undefined })
  await settle()
  assert.deepEqual([openings, states.items], [0, [['closed', 'closed']]])
})

/** What a program of its own prints about a stream: of what nobody catches, or of what is left. */
async function printed(body: string, origin: string): Promise<unknown> {
  const script = `
    import { createClient } from 'bezant-client'
    import { Stream } from 'bezant-client/stream'
    import { marketData } from 'bezant-client/channels'
    import { WebSocket as Ws } from 'ws'
    const open = ${isGlobal ? 'undefined' : '(url) => new Ws(url)'}
    const client = createClient({ baseUrl: ${JSON.stringify(origin)} })
    ${body}`
  const flags = isGlobal ? ['--experimental-websocket', '--disable-warning=ExperimentalWarning'] : []
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '--input-type=module', '--eval', script])
  return JSON.parse(stdout)
}

check('what a listener throws is uncaught, as everywhere, and the stream goes on', async (t) => {
  const gateway = await gatewayOf(t)
  const found = await printed(
    `
    const uncaught = []
    process.on('uncaughtException', (error, origin) => uncaught.push([error, origin].join()))
    const stream = new Stream(client, { open, onState: (state) => { throw state } })
    for await (const { conid } of stream.subscribe(marketData({ conid: 265598, fields: ['31'] }))) {
      stream.close()
      await new Promise(setImmediate)
      console.log(JSON.stringify([conid, uncaught]))
    }`,
    gateway.origin,
  )
  const uncaught = ['waiting', 'ready', 'closed'].map((state) => `${state},uncaughtException`)
  assert.deepEqual(found, [265598, uncaught])
  assert.equal(gateway.connections.items.length, 1)
})

check('a closed stream leaves no timer behind, and Node ends by itself', async (t) => {
  const gateway = await gatewayOf(t)
  const found = await printed(
    `
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const told = new Stream(client, { open: () => Promise.reject(new Error('no')), onState: () => told.close() })
    while (told.state !== 'closed') await new Promise(setImmediate)
    await new Promise(setImmediate)
    const closed = timers()
    const stream = new Stream(client, { open })
    let reading
    for await (const quote of stream.subscribe(marketData({ conid: 265598, fields: ['31'] }))) {
      reading = timers()
      stream.close()
    }
    const hanging = new Stream(client, { open: () => new Promise(() => {}) })
    await null
    const connecting = timers()
    hanging.close()
    const pausing = await new Promise((resolve) => {
      const stream = new Stream(client, {
        open: () => Promise.reject(new Error('no')),
        onState: (state) => setImmediate(() => { resolve(timers()); stream.close() }),
      })
    })
    process.on('exit', () => console.log(JSON.stringify({ reading, connecting, pausing, closed, left: timers() })))`,
    gateway.origin,
  )
  const { closed, left, ...before } = found as Record<string, number>
  assert.deepEqual([closed, left], [0, 0])
  for (const [name, count] of Object.entries(before)) assert.ok(count > 0, name)
})

if (isGlobal) {
  check('the global WebSocket is what is opened by default', async (t) => {
    const gateway = await gatewayOf(t)
    const { stream } = watched(t, gateway.origin, { open: undefined })
    assert.deepEqual(await take<unknown>(stream.subscribe(APPLE), 1), [quote(265598, ['31'])])
    assert.equal((await gateway.connections.at(0)).request.headers['sec-websocket-version'], '13')
  })
} else {
  check('without any WebSocket the stream says so and goes on trying', async (t) => {
    const made = watched(t, 'http://127.0.0.1:1', { open: undefined })
    await made.reached('reconnecting', 2)
    assert.ok(reasonsOf(made).length >= 2)
    if (!('WebSocket' in globalThis)) assert.match(reasonsOf(made)[0] ?? '', /WebSocket is not defined/)
  })
}
