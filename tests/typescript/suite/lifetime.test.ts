/** What time does to a stream, and how it ends, at the mock gateway; timers of Node pass where a test says so. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { getEventListeners } from 'node:events'
import { promisify } from 'node:util'

import { marketData, notifications, orders, ping, system } from 'bezant-client/channels'
import type { Socket, StreamState } from 'bezant-client/stream'

import { Log } from './log.js'
import { AAPL, Mock } from './mock.js'
import {
  APPLE,
  ASKED,
  BIDS,
  BIDS_ASKED,
  check,
  ENDED,
  isGlobal,
  LOST,
  openAt,
  ready,
  reasonsOf,
  settle,
  statesOf,
  stopClocks,
  streamOf,
  take,
  watched,
} from './watching.js'

check('the connection lives as long as there are frames, and is left when there are none', async (t) => {
  await stopClocks(t)
  const { mock, ...made } = await ready(t)
  const beats = made.stream.subscribe(system())
  const answers = made.stream.subscribe({ ...ping(), begin: undefined })
  for (let beat = 0; beat < 3; beat++) {
    t.mock.timers.tick(89_999)
    await take(answers, 1)
    await mock.stream({ frame: { topic: 'system', hb: beat } })
    assert.deepEqual(await take<unknown>(beats, 1), [{ topic: 'system', hb: beat }])
  }
  t.mock.timers.tick(30_000) // a ping that is answered is a frame, and here comes one that is not
  await mock.stream({ freeze: true })
  t.mock.timers.tick(59_999)
  assert.equal(made.stream.state, 'ready')
  t.mock.timers.tick(1)
  await made.reached('reconnecting')
  t.mock.timers.tick(2)
  await made.reached('ready', 2)
  assert.deepEqual(reasonsOf(made), ['no frame for 90000 ms'])
})

check('a half-open connection is noticed by its silence', async (t) => {
  const { mock, ...made } = await ready(t, { silence: 200 })
  const quotes = made.stream.subscribe(APPLE)
  const [first] = await take(quotes, 1)
  await mock.start('half-open')
  assert.deepEqual(await take(quotes, 1), [first])
  assert.equal(reasonsOf(made)[0], 'no frame for 200 ms')
})

check('pings keep the connection, once a minute', async (t) => {
  await stopClocks(t)
  const { stream, mock } = await ready(t)
  const answers = stream.subscribe({ ...ping(), begin: undefined })
  t.mock.timers.tick(59_999)
  assert.deepEqual(await mock.written(stream), [])
  for (const wait of [1, 60_000, 60_000]) {
    t.mock.timers.tick(wait)
    assert.deepEqual((await take(answers, 1))[0]?.topic, 'tic')
  }
  assert.deepEqual(await mock.written(stream), ['tic', 'tic', 'tic'])
})

check('pings begin with the greeting', async (t) => {
  const mock = await Mock.of(t, 'waiting-for-session')
  const { reached } = streamOf(t, mock, { ping: 1 })
  await reached('waiting')
  await mock.until(({ connections }) => connections === 1)
  await mock.stream({ greet: true })
  assert.equal(await mock.received(0), 'tic')
  assert.deepEqual((await mock.streams()).lost, [])
})

check('market data is asked for again every ten minutes, as long as somebody reads it', async (t) => {
  await stopClocks(t)
  const { stream, mock } = await ready(t, { ping: 1e9, silence: 1e9 })
  const quotes = stream.subscribe(APPLE)
  const others = stream.subscribe(BIDS)
  stream.subscribe(orders())
  const asked = [ASKED, BIDS_ASKED, 'sor+{}']
  t.mock.timers.tick(599_999)
  assert.deepEqual(await mock.written(stream), asked)
  t.mock.timers.tick(1)
  asked.push(ASKED, BIDS_ASKED)
  assert.deepEqual(await mock.written(stream), asked)
  await quotes.return()
  t.mock.timers.tick(600_000)
  asked.push(BIDS_ASKED)
  assert.deepEqual(await mock.written(stream), asked)
  await others.return()
  asked.push(ENDED)
  assert.deepEqual(await mock.written(stream), asked)
  t.mock.timers.tick(1_200_000)
  assert.deepEqual(await mock.written(stream), asked)
})

const QUARTERS = [
  ['outlast the quarter of an hour', 600, 2],
  ['that are not asked for again end with the quarter of an hour', undefined, 0],
] as const
for (const [words, refresh, count] of QUARTERS) {
  check(`quotes ${words}`, async (t) => {
    await stopClocks(t)
    const { stream, mock } = await ready(t, { ping: 1e9, silence: 1e9 })
    const quotes = stream.subscribe({ ...APPLE, refresh })
    const marks = stream.subscribe(system())
    await take(quotes, 1)
    await mock.live(600)
    t.mock.timers.tick(600_000)
    await mock.written(stream)
    await mock.live(301)
    await mock.stream({ beat: true })
    await take(marks, 1)
    while (quotes.waiting) await take(quotes, 1)
    for (let turns = 0; turns < 2; turns++) await mock.live(60)
    await mock.stream({ beat: true })
    await take(marks, 1)
    assert.equal(quotes.waiting, count)
    assert.equal(stream.state, 'ready')
  })
}

check('a channel says itself how soon it is to be asked for again', async (t) => {
  const { stream, mock } = await ready(t)
  const quotes = stream.subscribe({ ...APPLE, refresh: 0.01 })
  assert.equal((await take(quotes, 3)).length, 3)
  assert.deepEqual((await mock.streams()).received.slice(0, 3), [ASKED, ASKED, ASKED])
})

check('who is greeted and then refused does not call in a loop', async (t) => {
  await stopClocks(t)
  t.mock.method(Math, 'random', () => 1)
  const openings = new Log<string>()
  const mock = await Mock.of(t)
  const openAndCount = (url: string): Socket => {
    openings.add(url)
    return openAt(mock)(url)
  }
  const { stream, reached } = streamOf(t, mock, { open: openAndCount, cap: 3_000 })
  for (const [index, wait] of [500, 1_000, 2_000, 3_000, 3_000].entries()) {
    await reached('ready', index + 1)
    await mock.stream({ frame: LOST })
    await reached('reconnecting', index + 1)
    await settle()
    t.mock.timers.tick(wait - 1)
    await settle()
    assert.deepEqual([openings.items.length, stream.state], [index + 1, 'reconnecting'])
    t.mock.timers.tick(1)
    await openings.at(index + 1)
  }
  // One that lasts ends the row.
  await reached('ready', 6)
  const now = performance.now.bind(performance)
  t.mock.method(performance, 'now', () => now() + 3_001)
  await mock.stream({ drop: true })
  await reached('reconnecting', 6)
  await settle()
  t.mock.timers.tick(500)
  await openings.at(6)
})

check('`close` ends the connection, and the iterations after what they have not read', async (t) => {
  const { mock, ...made } = await ready(t)
  const { stream } = made
  const quotes = stream.subscribe(APPLE)
  const notes = stream.subscribe(notifications())
  const marks = stream.subscribe(system())
  const waiting = notes.next()
  assert.deepEqual(await mock.written(stream), [ASKED])
  await mock.stream({ beat: true })
  await take(marks, 1)
  await mock.forgetStreams()
  stream.close()
  stream.close()
  assert.deepEqual(await waiting, { done: true, value: undefined })
  const conids = []
  for await (const { conid } of quotes) conids.push(conid)
  assert.deepEqual(conids, [AAPL])
  assert.deepEqual(await mock.until(({ connections }) => !connections), { connections: 0, received: [], lost: [] })
  assert.deepEqual(statesOf(made), ['waiting', 'ready', 'closed'])
  const later = stream.subscribe(APPLE)
  assert.deepEqual(await later.next(), { done: true, value: undefined })
  assert.deepEqual(await later.return(), { done: true, value: undefined })
})

for (const [words, isThere] of [['closes what it gets', true], ['even where that is not there yet', false]] as const) {
  check(`a stream that is closed while it connects ${words}`, async (t) => {
    const mock = await Mock.of(t)
    const asked = new Log<(socket: Socket) => void>()
    const made = streamOf(t, mock, { open: () => new Promise((resolve) => asked.add(resolve)) })
    const give = await asked.at(0)
    made.stream.close()
    const late = openAt(mock)(mock.socketUrl)
    if (isThere) await mock.until(({ connections }) => connections === 1)
    give(late)
    await settle()
    assert.notEqual(late.readyState, 1)
    await mock.until(({ connections }) => !connections)
    assert.deepEqual([statesOf(made), asked.items.length], [['closed'], 1])
  })
}

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
  const mock = await Mock.of(t)
  const aborting = new AbortController()
  const first = streamOf(t, mock, { signal: aborting.signal })
  const second = streamOf(t, mock, { signal: aborting.signal })
  await Promise.all([first.reached('ready'), second.reached('ready')])
  assert.equal(getEventListeners(aborting.signal, 'abort').length, 2)
  first.stream.close()
  assert.equal(getEventListeners(aborting.signal, 'abort').length, 1)
  aborting.abort()
  assert.deepEqual([second.stream.state, statesOf(second).at(-1)], ['closed', 'closed'])
  await mock.until(({ connections }) => !connections)
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
async function printed(body: string, mock: Mock): Promise<unknown> {
  const script = `
    import { createClient } from 'bezant-client'
    import { Stream } from 'bezant-client/stream'
    import { marketData } from 'bezant-client/channels'
    import { WebSocket as Ws } from 'ws'
    const headers = ${JSON.stringify(mock.headers)}
    const open = (url) => new ${isGlobal ? 'WebSocket' : 'Ws'}(url, { headers })
    const client = createClient({ baseUrl: ${JSON.stringify(mock.origin)} })
    const apple = marketData({ conid: 265598, fields: ['31'] })
    ${body}`
  const flags = isGlobal ? ['--experimental-websocket', '--disable-warning=ExperimentalWarning'] : []
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '--input-type=module', '--eval', script])
  return JSON.parse(stdout)
}

check('what a listener throws is uncaught, as everywhere, and the stream goes on', async (t) => {
  const mock = await Mock.of(t)
  const found = await printed(
    `
    const uncaught = []
    process.on('uncaughtException', (error, origin) => uncaught.push([error, origin].join()))
    const stream = new Stream(client, { open, onState: (state) => { throw state } })
    for await (const { conid } of stream.subscribe(apple)) {
      stream.close()
      await new Promise(setImmediate)
      console.log(JSON.stringify([conid, uncaught]))
    }`,
    mock,
  )
  const uncaught = ['waiting', 'ready', 'closed'].map((state) => `${state},uncaughtException`)
  assert.deepEqual(found, [AAPL, uncaught])
  // Another connection would have asked again.
  assert.deepEqual((await mock.until(({ connections }) => !connections)).received, [ASKED])
})

check('a closed stream leaves no timer behind, and Node ends by itself', async (t) => {
  const mock = await Mock.of(t)
  const found = await printed(
    `
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const told = new Stream(client, { open: () => Promise.reject(new Error('no')), onState: () => told.close() })
    while (told.state !== 'closed') await new Promise(setImmediate)
    await new Promise(setImmediate)
    const closed = timers()
    const stream = new Stream(client, { open })
    let reading
    for await (const quote of stream.subscribe(apple)) {
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
    mock,
  )
  const { closed, left, ...before } = found as Record<string, number>
  assert.deepEqual([closed, left], [0, 0])
  for (const [name, count] of Object.entries(before)) assert.ok(count > 0, name)
})
