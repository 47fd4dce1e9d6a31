/** Subscriptions and their end, against a gateway that says exactly what a test wants: clocks that stand still. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { getEventListeners, once } from 'node:events'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'

import {
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
import { Stream, StreamOverflow, type Socket, type StreamOptions, type StreamState } from 'bezant-client/stream'
import { WebSocket as WsSocket } from 'ws'

import { ACT, Gateway, HEARTBEAT, quote, STS, SYSTEM, type Connection, type GatewaySettings } from './gateway.js'
import { Log } from './log.js'
import {
  APPLE,
  ASKED,
  check,
  isGlobal,
  open,
  reasonsOf,
  settle,
  statesOf,
  stopClocks,
  take,
  watched,
  type Watched,
} from './watching.js'

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
