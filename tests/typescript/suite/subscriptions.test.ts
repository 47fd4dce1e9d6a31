/** What is subscribed to on a stream: asked for, shared, read, and ended, as the mock gateway sees it. */

import assert from 'node:assert/strict'

import {
  history,
  marketData,
  notifications,
  optionExercise,
  orders,
  priceLadder,
  status,
  system,
  trades,
} from 'bezant-client/channels'
import { StreamOverflow } from 'bezant-client/stream'

import { Log } from './log.js'
import { AAPL, ACCOUNT, Mock } from './mock.js'
import { APPLE, ASKED, BIDS, BIDS_ASKED, check, ENDED, ready, streamOf, take } from './watching.js'

const QUOTE = 'smd+265598'
const BARS = 'smh+265598'
const DAY = history({ conid: AAPL, period: '1d', bar: '1h' })

check('leaving a loop unsubscribes', async (t) => {
  const { stream, mock } = await ready(t)
  for await (const frame of stream.subscribe(APPLE)) {
    assert.equal(frame.conid, AAPL)
    break
  }
  assert.deepEqual(await mock.written(stream), [ASKED, ENDED])
})

check('those who read one topic share it: asked for by each, ended by the last', async (t) => {
  const { stream, mock, reached } = await ready(t)
  const first = stream.subscribe(APPLE)
  await take(first, 1)
  const second = stream.subscribe(BIDS)
  const third = stream.subscribe(APPLE)
  for (const one of [first, second, third]) {
    for (const frame of await take(one, 2)) assert.deepEqual([frame.conid, '31' in frame, '84' in frame], [AAPL, true, true])
  }
  assert.deepEqual(await mock.written(stream), [ASKED, BIDS_ASKED, ASKED])
  await first.return()
  await first.return()
  assert.deepEqual(await mock.written(stream), [ASKED, BIDS_ASKED, ASKED])
  await mock.forgetStreams()
  await mock.stream({ drop: true })
  await reached('ready', 2)
  assert.deepEqual(await mock.written(stream), [BIDS_ASKED, ASKED])
  await second.return()
  assert.deepEqual(await mock.written(stream), [BIDS_ASKED, ASKED])
  await third.return()
  await third.return()
  assert.deepEqual(await mock.written(stream), [BIDS_ASKED, ASKED, ENDED])
})

check('after the reconnection only what is still read is asked for, each message once', async (t) => {
  const { stream, mock, reached } = await ready(t)
  const subscriptions = [APPLE, APPLE, BIDS].map((one) => stream.subscribe(one))
  assert.deepEqual(await mock.written(stream), [ASKED, ASKED, BIDS_ASKED])
  await subscriptions[2]?.return()
  await mock.forgetStreams()
  await mock.stream({ drop: true })
  await reached('ready', 2)
  assert.deepEqual(await mock.written(stream), [ASKED])
})

check('what is subscribed to when told of `ready` is asked for once', async (t) => {
  const mock = await Mock.of(t)
  const subscribed = new Log<boolean>()
  const onState = (state: string): void => {
    if (state !== 'ready') return
    stream.subscribe(APPLE)
    subscribed.add(true)
  }
  const { stream } = streamOf(t, mock, { onState })
  stream.subscribe(orders())
  await subscribed.at(0)
  assert.deepEqual(await mock.written(stream), ['sor+{}', ASKED])
})

check('what is left while there is no connection is forgotten', async (t) => {
  const mock = await Mock.of(t, 'waiting-for-session')
  const { stream, reached } = streamOf(t, mock)
  const bars = history({ conid: AAPL, period: '1d', bar: '1min' })
  for (const one of [APPLE, bars]) await stream.subscribe<unknown>(one).return()
  await mock.until(({ connections }) => connections === 1)
  await mock.stream({ greet: true })
  await reached('ready')
  assert.deepEqual(await mock.written(stream), [])
  assert.deepEqual((await mock.streams()).lost, [])
})

check('frames may name the exchange or leave it out', async (t) => {
  const { stream, mock } = await ready(t)
  const quotes = stream.subscribe(marketData({ conid: '265598@ISLAND', fields: ['31'] }))
  const ladder = stream.subscribe(priceLadder({ accountId: ACCOUNT, conid: AAPL, exchange: 'ISLAND' }))
  const [named] = await take(quotes, 1)
  assert.deepEqual([named?.topic, named?.conidEx], ['smd+265598@ISLAND', '265598@ISLAND'])
  assert.ok((await take(ladder, 1))[0]?.data?.length)
  const short = [
    { topic: QUOTE, conid: AAPL, 31: '1.00' },
    { topic: `sbd+${ACCOUNT}+265598`, data: [] },
  ]
  await mock.stream({ frames: [...short, { topic: 'smd+26559', conid: 26559 }] })
  assert.deepEqual(await take<unknown>(quotes, 1), [short[0]])
  assert.deepEqual(await take<unknown>(ladder, 1), [short[1]])
  const asked = ['smd+265598@ISLAND+{"fields":["31"]}', `sbd+${ACCOUNT}+265598+ISLAND`]
  assert.deepEqual(await mock.written(stream), asked)
  assert.equal(quotes.waiting, 0)
})

check('what ends each topic', async (t) => {
  const { stream, mock } = await ready(t)
  const ladder = priceLadder({ accountId: ACCOUNT, conid: AAPL })
  for (const one of [trades(), ladder, orders(), status(), optionExercise({ CEX: '2' })]) {
    await stream.subscribe<unknown>(one).return()
  }
  const books = [`sbd+${ACCOUNT}+265598`, `ubd+${ACCOUNT}`]
  const expected = ['str+{}', 'utr', ...books, 'sor+{}', 'uor+{}', 'shs+exercise+{"CEX":"2"}']
  assert.deepEqual(await mock.written(stream), expected)
})

check('history is ended by the id that a frame had, even if later ones have none', async (t) => {
  const { stream, mock } = await ready(t)
  const bars = stream.subscribe(DAY)
  const [first] = await take(bars, 1)
  assert.match(String(first?.serverId), /^\d+$/)
  await mock.stream({ frame: { topic: BARS, data: [{ c: 1 }] } })
  await take(bars, 1)
  await bars.return()
  assert.deepEqual(await mock.written(stream), [DAY.begin, `umh+${first?.serverId}`])
})

check('history that is left before its first frame is ended by that frame', async (t) => {
  const { stream, mock, reached } = await ready(t)
  await stream.subscribe(DAY).return()
  const ending = await mock.received(1)
  assert.match(ending, /^umh\+\d+$/)
  const again = { topic: BARS, serverId: ending.slice(4), data: [] }
  await mock.stream({ frame: again })
  await mock.stream({ frame: { ...again, serverId: '18002' } })
  assert.deepEqual(await mock.written(stream), [DAY.begin, ending])
  // Nothing of it is left, nor is what waits for its frame when the connection breaks.
  await mock.stream({ freeze: true })
  await stream.subscribe(DAY).return()
  await mock.forgetStreams()
  await mock.stream({ drop: true })
  await reached('ready', 2)
  stream.subscribe(orders())
  await mock.stream({ frame: { ...again, serverId: '18003' } })
  const marks = stream.subscribe(system())
  await mock.stream({ beat: true })
  await take(marks, 1)
  assert.deepEqual(await mock.written(stream), ['sor+{}'])
})

check('every stream of history that was asked for is ended, and none of an earlier connection', async (t) => {
  const { stream, mock, reached } = await ready(t)
  const asked = ['1h', '1d'].map((bar) => history({ conid: AAPL, period: '1w', bar }))
  const both = asked.map((one) => stream.subscribe(one))
  for (const bars of both) await take(bars, 2)
  await mock.forgetStreams()
  await mock.stream({ drop: true })
  await reached('ready', 2)
  const frames = await Promise.all(both.map((bars) => take(bars, 2)))
  const ids = frames[0]?.map(({ serverId }) => serverId) ?? []
  assert.deepEqual(ids, frames[1]?.map(({ serverId }) => serverId))
  assert.equal(new Set(ids).size, 2)
  for (const bars of both) await bars.return()
  const ended = ids.map((id) => `umh+${id}`)
  assert.deepEqual(await mock.written(stream), [...asked.map(({ begin }) => begin), ...ended])
})

check('who reads too slowly is told so after what was kept, and unsubscribed', async (t) => {
  const { stream, mock } = await ready(t)
  const slow = stream.subscribe(APPLE, { buffer: 2 })
  const quick = stream.subscribe(system())
  await mock.written(stream)
  for (const price of ['2', '3', '4']) await mock.stream({ frame: { topic: QUOTE, conid: AAPL, 31: price } })
  await mock.stream({ beat: true })
  await take(quick, 1)
  const [first, second] = await take(slow, 2)
  assert.ok(first?.['6119'], 'it is that of the gateway')
  assert.equal(second?.['31'], '2')
  const failure = await slow.next().catch((found: unknown) => found)
  assert.ok(failure instanceof StreamOverflow)
  assert.match(failure.message, /more than 2 frames/)
  assert.deepEqual(await mock.written(stream), [ASKED, ENDED])
})

check('the latest of what nobody read is one frame, with all that changed', async (t) => {
  const { stream, mock } = await ready(t)
  const quotes = stream.subscribe(APPLE, { policy: 'latest', buffer: 1 })
  const marks = stream.subscribe(system())
  await mock.written(stream)
  assert.equal(quotes.waiting, 1)
  await mock.stream({ frame: { topic: QUOTE, 84: '1' } })
  await mock.stream({ frame: { topic: QUOTE, 31: '2' } })
  await mock.stream({ beat: true })
  await take(marks, 1)
  assert.equal(quotes.waiting, 1)
  const [latest] = await take(quotes, 1)
  assert.deepEqual([latest?.['84'], latest?.['31'], latest?.conid, latest?.conidEx], ['1', '2', AAPL, '265598'])
  const next = quotes.next()
  await mock.stream({ frame: { topic: QUOTE, 31: '3' } })
  assert.deepEqual(await next, { done: false, value: { topic: QUOTE, 31: '3' } })
})

check('several reads at once are served in order, and none once the subscription has ended', async (t) => {
  const { stream, mock } = await ready(t)
  const marks = stream.subscribe(system())
  const reads = [marks.next(), marks.next(), marks.next()]
  await mock.stream({ frame: { topic: 'system', hb: 1 } })
  await mock.stream({ frame: { topic: 'system', hb: 2 } })
  assert.deepEqual((await Promise.all(reads.slice(0, 2))).map(({ value }) => value?.hb), [1, 2])
  await marks.return()
  assert.deepEqual(await reads[2], { done: true, value: undefined })
  const left = stream.subscribe(system())
  const others = stream.subscribe(system())
  await mock.stream({ beat: true })
  await take(others, 1)
  assert.equal(left.waiting, 1)
  await left.return()
  assert.deepEqual(await left.next(), { done: true, value: undefined })
})

check('an iteration that is under way ends with what is unread when its stream is closed', async (t) => {
  const { stream, mock } = await ready(t)
  const notes = stream.subscribe(notifications())
  await mock.start('notices')
  const [note] = await take(notes, 1)
  assert.deepEqual(Object.keys(note ?? {}), ['topic', 'args'])
  await mock.stream({ frame: { topic: 'ntf', args: { id: '2' } } })
  const marks = stream.subscribe(system())
  await mock.stream({ beat: true })
  await take(marks, 1)
  stream.close()
  const unread = []
  for await (const frame of notes) unread.push(frame)
  assert.deepEqual(unread, [{ topic: 'ntf', args: { id: '2' } }])
})
