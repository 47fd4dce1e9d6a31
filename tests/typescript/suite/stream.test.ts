/** The connection of a stream to the mock gateway: its opening, what it brings, and what it survives. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket as TcpSocket } from 'node:net'

import { createClient } from 'bezant-client'
import { account, error, marketData, notifications, orders, status, system } from 'bezant-client/channels'
import { init, tickle } from 'bezant-client/session'
import type { Socket, StreamOptions } from 'bezant-client/stream'
import type { WebSocket as NodeSocket } from 'undici-types'
import { WebSocket as WsSocket } from 'ws'

import { Gateway, HEARTBEAT } from './gateway.js'
import { Log } from './log.js'
import { AAPL, Mock } from './mock.js'
import {
  APPLE,
  ASKED,
  check,
  isGlobal,
  LOST,
  open,
  openAt,
  ready,
  reasonsOf,
  statesOf,
  streamOf,
  take,
  watched,
} from './watching.js'

// What the compiler is to accept: each WebSocket there is can be given to a stream.
export const ofWs: StreamOptions = { open: (url) => new WsSocket(url) }
export const ofBrowsers: StreamOptions = { open: (url) => new WebSocket(url) }
export const ofNode: StreamOptions = { open: (url) => new WebSocket(url) as NodeSocket }

const AGAIN = ['waiting', 'ready', 'reconnecting', 'waiting', 'ready']

/** The frames that a WebSocket without a stream around it gets. */
function heard(mock: Mock): { socket: WsSocket; frames: Log<string> } {
  const frames = new Log<string>()
  const socket = new WsSocket(mock.socketUrl, { headers: mock.headers })
  socket.on('message', (data) => frames.add(String(data)))
  socket.on('error', () => undefined)
  return { socket, frames }
}

check('the gateway loses what comes before its greeting', async (t) => {
  const mock = await Mock.of(t, 'waiting-for-session')
  const { socket, frames } = heard(mock)
  await once(socket, 'open')
  socket.send(ASKED)
  await mock.until(({ lost }) => lost.length > 0)
  await mock.stream({ greet: true })
  socket.send('ech+hb')
  await frames.until((all) => all.includes('ech+hb'))
  assert.deepEqual(await mock.streams(), { connections: 1, received: [ASKED, 'ech+hb'], lost: [ASKED] })
  const [waiting, ...opening] = frames.items.slice(0, -1).map((frame) => JSON.parse(frame) as Record<string, unknown>)
  assert.deepEqual(waiting, { message: 'waiting for session' })
  assert.deepEqual(opening.map(({ topic }) => topic), ['system', 'act', 'sts'])
})

check('nothing is sent before the first system frame, and then all that is wanted', async (t) => {
  const mock = await Mock.of(t, 'waiting-for-session')
  const made = streamOf(t, mock)
  const { stream, reached } = made
  const quotes = stream.subscribe(APPLE)
  assert.equal(stream.state, 'connecting')
  await reached('waiting')
  await mock.until(({ connections }) => connections === 1)
  stream.subscribe(orders())
  assert.equal(stream.send('tic'), false)
  await mock.stream({ greet: true })
  const [quote] = await take(quotes, 1)
  assert.equal(quote?.conid, AAPL)
  assert.match(String(quote?.['31']), /^\d+\.\d\d$/)
  const marks = stream.subscribe(system())
  const greeting = { topic: 'system', success: 'mockuser1', isFT: false, isPaper: true }
  await mock.stream({ frames: [greeting, HEARTBEAT] })
  await take(marks, 2)
  assert.deepEqual(await mock.written(stream), [ASKED, 'sor+{}'])
  assert.deepEqual([(await mock.streams()).lost, statesOf(made)], [[], ['waiting', 'ready']])
})

check('a heartbeat is no greeting', async (t) => {
  const gateway = await Gateway.start({ isGreeting: false })
  t.after(() => gateway.stop())
  const made = watched(t, gateway.origin)
  made.stream.subscribe(APPLE)
  await made.reached('waiting')
  const connection = await gateway.connections.at(0)
  connection.send(HEARTBEAT)
  await connection.roundTrip()
  assert.deepEqual([connection.lost, connection.received.items], [[], []])
  connection.greet()
  assert.equal(await connection.received.at(0), ASKED)
  assert.deepEqual([connection.lost, statesOf(made)], [[], ['waiting', 'ready']])
})

check('the frames of the opening reach those who listen, in order, and heartbeats after them', async (t) => {
  const mock = await Mock.of(t)
  const { frames } = heard(mock)
  const opening = [0, 1, 2].map(async (index) => JSON.parse(await frames.at(index)) as object)
  const [first, second, third] = await Promise.all(opening)
  const { stream, reached } = streamOf(t, mock)
  const listening = [stream.subscribe(system()), stream.subscribe(account()), stream.subscribe(status())] as const
  await reached('ready')
  await mock.stream({ beat: true })
  const [greeting, beat] = await take(listening[0], 2)
  assert.deepEqual(greeting, first)
  assert.deepEqual(Object.keys(beat ?? {}), ['topic', 'hb'])
  assert.deepEqual(await take<unknown>(listening[1], 1), [second])
  assert.deepEqual(await take<unknown>(listening[2], 1), [third])
  assert.deepEqual(await mock.written(stream), [])
  assert.deepEqual((await mock.streams()).lost, [])
})

check('the status of the opening may come in pieces', async (t) => {
  const mock = await Mock.of(t, 'split-status')
  const made = streamOf(t, mock)
  const pieces = await take(made.stream.subscribe(status()), 6)
  const names = pieces.map(({ args }) => Object.keys(args ?? {}))
  assert.deepEqual(names, [['authenticated'], ['competing'], ['connected'], ['message'], ['fail'], ['username']])
  assert.deepEqual(statesOf(made), ['waiting', 'ready'])
})

check('the address has the origin of the client, its prefix and the query', async (t) => {
  const gateway = await Gateway.start()
  t.after(() => gateway.stop())
  const query = { oauth_token: 'a+b' }
  await watched(t, `${gateway.origin}/proxied/v1/api/`, { query }).reached('ready')
  await watched(t, gateway.origin).reached('ready')
  const urls = gateway.connections.items.map(({ request }) => request.url)
  assert.deepEqual(urls, ['/proxied/v1/api/ws?oauth_token=a%2Bb', '/v1/api/ws'])
})

check('a broken connection is made anew with a fresh session, and what is still read is asked for again', async (t) => {
  const mock = await Mock.of(t)
  const client = createClient({ baseUrl: mock.origin })
  const sessions: unknown[] = []
  const withCookie = async (url: string): Promise<Socket> => {
    const { session } = (await tickle(client)) as { session: string }
    sessions.push(session)
    return open(url, { Cookie: `api=${session}` })
  }
  const made = streamOf(t, mock, { open: withCookie })
  const quotes = made.stream.subscribe(APPLE)
  const [first] = await take(quotes, 1)
  const others = made.stream.subscribe(marketData({ conid: 8314, fields: ['84'] }))
  await others.return()
  assert.deepEqual(await mock.written(made.stream), [ASKED, 'smd+8314+{"fields":["84"]}', 'umd+8314+{}'])
  await mock.forgetStreams()
  await mock.start('session-id-renewed') // the cookie of the first connection is worth nothing any more
  await mock.stream({ drop: true })
  assert.deepEqual(await take(quotes, 1), [first])
  assert.deepEqual(await mock.written(made.stream), [ASKED])
  assert.deepEqual((await mock.streams()).lost, [])
  assert.equal(new Set(sessions).size, 2)
  assert.equal((await mock.arrived('post_tickle')).length, 2)
  assert.deepEqual(statesOf(made), AGAIN)
})

check('a connection that the gateway closes says with which code', async (t) => {
  const { mock, ...made } = await ready(t)
  await mock.stream({ close: 1012 })
  await made.reached('ready', 2)
  assert.deepEqual(reasonsOf(made), ['the connection was closed with code 1012'])
})

check('a gateway that does not get ready is left', async (t) => {
  const mock = await Mock.of(t, 'waiting-for-session')
  const once = { left: 1 }
  const firstIsGreetedLate = (url: string): Promise<Socket> => {
    const greeted = once.left-- > 0 ? Promise.resolve() : mock.stream({ greet: true })
    return greeted.then(() => openAt(mock)(url))
  }
  const made = streamOf(t, mock, { open: firstIsGreetedLate, readyTimeout: 100 })
  await made.reached('ready')
  await mock.until(({ connections }) => connections === 1)
  assert.deepEqual(reasonsOf(made), ['not ready after 100 ms'])
  assert.deepEqual(statesOf(made), ['waiting', 'reconnecting', 'waiting', 'ready'])
})

check('a stranger is left waiting, or closed where the gateway does that', async (t) => {
  const mock = await Mock.of(t)
  const waiting = watched(t, mock.origin, { readyTimeout: 100 })
  await waiting.reached('reconnecting')
  assert.equal(reasonsOf(waiting)[0], 'not ready after 100 ms')
  waiting.stream.close()
  await mock.start('strangers-closed')
  const closed = watched(t, mock.origin)
  await closed.reached('reconnecting')
  assert.equal(reasonsOf(closed)[0], 'the connection was closed with code 1000')
})

check('a refused connection is tried again', async (t) => {
  const mock = await Mock.of(t, 'penalty-box')
  let requests = 0
  const firstIsRefused = async (url: string): Promise<Socket> => {
    if (requests++) await mock.stop('penalty-box')
    return openAt(mock)(url)
  }
  const made = streamOf(t, mock, { open: firstIsRefused })
  await made.reached('ready')
  assert.deepEqual([requests, statesOf(made)], [2, ['waiting', 'reconnecting', 'waiting', 'ready']])
  assert.match(reasonsOf(made)[0] ?? '', isGlobal ? /./ : /429/)
})

check('an `open` that throws, rejects or gives nothing is called again', async (t) => {
  const mock = await Mock.of(t)
  const late = new Log<(socket: Socket) => void>()
  const ways = [
    () => {
      throw new Error('thrown')
    },
    () => Promise.reject(new Error('rejected')),
    () => new Promise<Socket>((resolve) => late.add(resolve)),
  ]
  const openInTurn = (url: string): Socket | Promise<Socket> => (ways.shift() ?? openAt(mock))(url)
  const made = streamOf(t, mock, { open: openInTurn, readyTimeout: 100 })
  await made.reached('ready')
  assert.deepEqual(reasonsOf(made), ['Error: thrown', 'Error: rejected', 'not ready after 100 ms'])
  // The socket that comes too late is closed, and what it says is not heard.
  const socket = openAt(mock)(mock.socketUrl)
  await mock.until(({ connections }) => connections === 2)
  late.items[0]?.(socket)
  await mock.until(({ connections }) => connections === 1)
  assert.deepEqual(await mock.written(made.stream), [])
  assert.deepEqual(statesOf(made), ['reconnecting', 'reconnecting', 'reconnecting', 'waiting', 'ready'])
})

/** The trademark sign of another encoding, as IBKR sends it. */
const NOT_QUITE_UTF_8 = Buffer.from('{"topic":"ntf","args":{"text":"Trader\x99"}}', 'latin1')

check('bytes are read as text', async (t) => {
  const { stream, mock } = await ready(t)
  const notes = stream.subscribe(notifications())
  for (const bytes of [Buffer.from('{"topic":"ntf","args":{"text":"plain"}}'), NOT_QUITE_UTF_8]) {
    await mock.stream({ binary: bytes.toString('base64') })
  }
  const texts = (await take<unknown>(notes, 2)).map((frame) => (frame as { args: { text: string } }).args.text)
  const beats = stream.subscribe(system())
  await mock.start('binary-frame')
  assert.deepEqual(await take<unknown>(beats, 1), [{ topic: 'system', hb: 0 }])
  assert.deepEqual([texts, stream.ignored], [['plain', 'Trader\ufffd'], 0])
})

check('text that is not quite UTF-8 is read by a socket that is told to, and breaks others', async (t) => {
  const mock = await Mock.of(t)
  const { headers } = mock
  const lenient = streamOf(t, mock, { open: (url) => new WsSocket(url, { headers, skipUTF8Validation: true }) })
  const notes = lenient.stream.subscribe(notifications())
  const strict = streamOf(t, mock)
  await Promise.all([lenient.reached('ready'), strict.reached('ready')])
  await mock.start('invalid-utf8')
  const note = { id: '1', title: 'Acme\ufffd', text: 'Acme\ufffd was split' }
  assert.deepEqual(await take<unknown>(notes, 1), [{ topic: 'ntf', args: note }])
  await strict.reached('ready', 2)
  assert.deepEqual([statesOf(lenient), statesOf(strict)], [['waiting', 'ready'], AGAIN])
})

check('frames that are no JSON objects are counted, those without a topic belong to nobody', async (t) => {
  const { stream, mock } = await ready(t)
  const listening = [stream.subscribe(system()), stream.subscribe(APPLE), stream.subscribe(error())]
  await mock.received(0)
  for (const text of ['ech+hb', '', '{"topic":"smd+26559', '[{"topic":"system"}]', '1', 'null', '"system"']) {
    await mock.stream({ text })
  }
  await mock.start('frame-without-topic')
  const others = [{ result: 'unsubscribed from summary' }, { topic: null, message: 'waiting for session' }]
  await mock.stream({ frames: [...others, { topic: 'system', hb: 2 }] })
  assert.deepEqual(await take<unknown>(listening[0]!, 1), [{ topic: 'system', hb: 2 }])
  assert.deepEqual([stream.ignored, listening.map(({ waiting }) => waiting)], [7, [0, 1, 0]])
})

check('an error without a topic is one', async (t) => {
  const { stream, mock } = await ready(t)
  const errors = stream.subscribe(error())
  assert.equal(stream.send('nonsense'), true)
  await mock.stream({ frame: { error: 'without a topic', code: 1 } })
  const found = await take(errors, 2)
  assert.deepEqual(found.map((one) => one.error).sort(), ['Topic unknown: nonsense', 'without a topic'])
})

check('a session that ended leads to a new connection; what the old one still says is not heard', async (t) => {
  const { mock, ...made } = await ready(t)
  const quotes = made.stream.subscribe(APPLE)
  const [first] = await take(quotes, 1)
  for (const args of [{ competing: false }, { message: '' }, null]) await mock.stream({ frame: { topic: 'sts', args } })
  assert.deepEqual(await mock.written(made.stream), [ASKED])
  assert.deepEqual(statesOf(made), ['waiting', 'ready'])
  const greeting = { topic: 'system', success: 'mockuser1', isFT: false, isPaper: true }
  await mock.stream({ frames: [LOST, { ...first, 31: '1.00' }, greeting] })
  assert.deepEqual(await take(quotes, 1), [first])
  await mock.until(({ connections }) => connections === 1)
  assert.deepEqual(reasonsOf(made), ['the brokerage session ended'])
  assert.deepEqual(statesOf(made), AGAIN)
})

for (const name of ['brokerage-lost', 'competitor-holds', 'brokerage-idle']) {
  check(`a session that was lost is opened again by who opens the connection: ${name}`, async (t) => {
    const mock = await Mock.of(t)
    const client = createClient({ baseUrl: mock.origin })
    let openings = 0
    const withSession = async (url: string): Promise<Socket> => {
      if (openings++) await init(client, { body: { publish: true, compete: true } })
      return openAt(mock)(url)
    }
    const made = streamOf(t, mock, { open: withSession })
    const quotes = made.stream.subscribe(APPLE)
    const [first] = await take(quotes, 1)
    await mock.start(name)
    const [again] = await take(quotes, 1)
    assert.deepEqual([again?.conid, openings], [first?.conid, 2])
    assert.deepEqual(reasonsOf(made), ['the brokerage session ended'])
    assert.deepEqual(statesOf(made), AGAIN)
    assert.deepEqual((await mock.streams()).received, [ASKED, ASKED])
  })
}

check('a message is sent as it is while the stream is ready', async (t) => {
  const { stream, mock, reached } = await ready(t)
  const said = 'inp+exercise+{"action":"user_input","data":{"id":"1"}}'
  assert.equal(stream.send(said), true)
  assert.equal(await mock.received(0), said)
  await mock.stream({ drop: true })
  await reached('reconnecting')
  assert.equal(stream.send(said), false)
  await reached('ready', 2)
  stream.close()
  assert.equal(stream.send(said), false)
})

check('a socket that closes sends nothing, and says so', async (t) => {
  const mock = await Mock.of(t)
  const sockets: Socket[] = []
  const openAndKeep = (url: string): Socket => {
    sockets.push(openAt(mock)(url))
    return sockets.at(-1) as Socket
  }
  const { stream, reached } = streamOf(t, mock, { open: openAndKeep })
  await reached('ready')
  sockets[0]?.close()
  assert.deepEqual([stream.state, stream.send('tic')], ['ready', false])
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

if (isGlobal) {
  check('the global WebSocket is what is opened by default', async (t) => {
    const gateway = await Gateway.start() // greets those without a cookie: this WebSocket is opened without headers
    t.after(() => gateway.stop())
    const { stream } = watched(t, gateway.origin, { open: undefined })
    assert.equal((await take(stream.subscribe(APPLE), 1))[0]?.['31'], '189.10')
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
