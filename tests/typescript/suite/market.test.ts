/** What a gateway with a market behind it streams: merged quotes, orders, trades, profit and loss, and its limits. */

import assert from 'node:assert/strict'

import { createClient, type Client } from 'bezant-client'
import { brokerage, pnl as pnlOf } from 'bezant-client/accounts'
import {
  accountLedger,
  accountSummary,
  bulletins,
  error,
  history,
  marketData,
  notifications,
  orders,
  pnl,
  trades,
} from 'bezant-client/channels'
import { snapshot } from 'bezant-client/market-data'
import { live, reply, submit, trades as tradesOf } from 'bezant-client/orders'
import type { Subscription } from 'bezant-client/stream'

import { AAPL, ACCOUNT, Mock } from './mock.js'
import { check, ready, reasonsOf, statesOf, streamOf, take } from './watching.js'

const FIELDS = ['31', '84', '86'] as const

/** Orders one share, and says yes to all that is asked; gives the id of the order. */
async function order(client: Client, side: 'BUY' | 'SELL' = 'BUY'): Promise<string> {
  const ticket = { conid: AAPL, side, orderType: 'MKT', quantity: 1, tif: 'DAY' } as const
  let rows: unknown = await submit(client, { accountId: ACCOUNT, body: { orders: [ticket] } })
  for (;;) {
    const [row] = rows as { id?: string; order_id?: string }[]
    if (row?.order_id) return row.order_id
    rows = await reply(client, { replyId: row?.id ?? '', body: { confirmed: true } })
  }
}

const valueOf = (row: object | undefined, field: string): unknown => (row as Record<string, unknown> | undefined)?.[field]

/** Reads rows of lists until one of them is as it should be; gives all. */
async function rowsUntil<Row>(
  frames: Subscription<{ args?: Row[] }>,
  isLast: (row: Row) => boolean,
): Promise<Row[]> {
  const rows: Row[] = []
  while (!rows.some(isLast)) rows.push(...((await take(frames, 1))[0]?.args ?? []))
  return rows
}

check('quotes that nobody reads are merged as the market moves', async (t) => {
  const { stream, mock } = await ready(t)
  const channel = marketData({ conid: AAPL, fields: [...FIELDS] })
  const merged = stream.subscribe(channel, { policy: 'latest' })
  const all = stream.subscribe(channel)
  const frames: object[] = await take(all, 2)
  for (let moves = 0; moves < 3; moves++) {
    await mock.live(240)
    frames.push(...(await take(all, 1)))
  }
  const [latest] = await take(merged, 1)
  assert.deepEqual(latest, Object.assign({}, ...frames))
  assert.notEqual(valueOf(latest, '31'), valueOf(frames[0], '31'))
  const client = createClient({ baseUrl: mock.origin })
  await brokerage(client)
  const asked = { conids: [AAPL], fields: [...FIELDS] }
  for (let calls = 0; calls < 2; calls++) await snapshot(client, asked) // they fill up
  const [row] = await snapshot(client, asked)
  for (const field of FIELDS) assert.equal(valueOf(latest, field), valueOf(row, field), field)
})

check('an order and its trade come by themselves, and are those that REST tells', async (t) => {
  const { stream, mock } = await ready(t)
  const client = createClient({ baseUrl: mock.origin })
  await brokerage(client)
  const states = stream.subscribe(orders())
  const executions = stream.subscribe(trades())
  await mock.written(stream)
  const id = await order(client)
  await mock.advance(5)
  const rows = await rowsUntil(states, ({ status }) => status === 'Filled')
  assert.deepEqual(new Set(rows.map(({ orderId }) => String(orderId))), new Set([id]))
  const [execution] = await rowsUntil(executions, () => true)
  assert.deepEqual([execution?.conid, execution?.side, Number(execution?.size)], [AAPL, 'B', 1])
  await live(client) // the first list is empty
  const told = (await live(client)).orders ?? []
  assert.deepEqual(told.map(({ orderId, status }) => [String(orderId), status]), [[id, 'Filled']])
  await tradesOf(client) // and so it is here
  const [known] = await tradesOf(client)
  assert.deepEqual([known?.execution_id, String(known?.price)], [execution?.execution_id, String(execution?.price)])
})

check('what was missed while there was no connection is told after it', async (t) => {
  const { mock, ...made } = await ready(t)
  const client = createClient({ baseUrl: mock.origin })
  await brokerage(client)
  const states = made.stream.subscribe(orders())
  const executions = made.stream.subscribe(trades())
  await mock.written(made.stream)
  await mock.stream({ freeze: true })
  const id = await order(client)
  await mock.advance(5)
  await mock.stream({ drop: true })
  const [missed] = await rowsUntil(states, ({ status }) => status === 'Filled')
  assert.equal(String(missed?.orderId), id)
  assert.equal((await rowsUntil(executions, () => true)).length, 1)
  assert.deepEqual(statesOf(made), ['waiting', 'ready', 'reconnecting', 'waiting', 'ready'])
})

check('profit and loss is that which REST tells', async (t) => {
  const { stream, mock } = await ready(t)
  const client = createClient({ baseUrl: mock.origin })
  await brokerage(client)
  const profits = stream.subscribe(pnl())
  const [first] = await take(profits, 1)
  await mock.advance(60)
  const [later] = await take(profits, 1)
  assert.notDeepEqual(later?.args, first?.args)
  const { upnl } = await pnlOf(client)
  const key = `${ACCOUNT}.Core`
  for (const name of ['dpl', 'nl', 'upl', 'uel', 'mv'] as const) {
    assert.equal(later?.args?.[key]?.[name], (upnl?.[key] as Record<string, unknown>)[name], name)
  }
})

check('the rows of a summary and a ledger are those that were asked for', async (t) => {
  const { stream, mock } = await ready(t)
  const keys = ['AccruedCash-S', 'ExcessLiquidity-S']
  const amounts = stream.subscribe(accountSummary({ accountId: ACCOUNT, keys, fields: ['currency', 'monetaryValue'] }))
  const [sum] = await take(amounts, 1)
  assert.deepEqual(sum?.result?.map(({ key }) => key).sort(), keys)
  const balances = stream.subscribe(accountLedger({ accountId: ACCOUNT, keys: ['LedgerListBASE'], fields: ['cashBalance'] }))
  const [balance] = await take(balances, 1)
  assert.deepEqual(balance?.result?.map(({ key }) => key), ['LedgerListBASE'])
  await amounts.return()
  await balances.return()
  const written = await mock.written(stream)
  assert.deepEqual(written.slice(2).map((one) => one.replace('+{}', '')), [`usd+${ACCOUNT}`, `uld+${ACCOUNT}`])
})

check('notices reach those who listen', async (t) => {
  const { stream, mock } = await ready(t)
  const notes = stream.subscribe(notifications())
  const news = stream.subscribe(bulletins())
  await mock.start('notices')
  const text = 'The mock market closes early'
  const [[note], [bulletin]] = await Promise.all([take<unknown>(notes, 1), take<unknown>(news, 1)])
  assert.equal((note as { args: { text: string }[] }).args[0]?.text, text)
  assert.equal((bulletin as { args: { message: string } }).args.message, text)
})

check('each stream of history gives its slot back when it is left', async (t) => {
  const { stream } = await ready(t)
  const errors = stream.subscribe(error())
  for (let count = 1; count <= 7; count++) {
    for await (const bars of stream.subscribe(history({ conid: AAPL, period: `${count}d`, bar: '1h' }))) {
      assert.ok(bars.data?.length)
      break
    }
  }
  assert.equal(errors.waiting, 0)
})

check('a sixth stream of history is refused in words', async (t) => {
  const { stream } = await ready(t)
  const errors = stream.subscribe(error())
  const asked = [1, 2, 3, 4, 5, 6].map((days) => history({ conid: AAPL, period: `${days}d`, bar: '1h' }))
  const all = asked.map((one) => stream.subscribe(one))
  assert.match((await take(errors, 1))[0]?.error ?? '', /concurrent history streams is 5/)
  assert.equal((await take(all[5]!, 5)).length, 5)
})

check('a quote beyond the lines that there are is refused in words', async (t) => {
  const mock = await Mock.of(t, 'one-line')
  const { stream } = streamOf(t, mock)
  const errors = stream.subscribe(error())
  await take(stream.subscribe(marketData({ conid: AAPL, fields: ['31'] })), 1)
  const beyond = stream.subscribe(marketData({ conid: 8314, fields: ['31'] }))
  assert.match((await take(errors, 1))[0]?.error ?? '', /market data lines/)
  assert.equal(beyond.waiting, 0)
})

check('the end of a login ends the connection', async (t) => {
  const { mock, ...made } = await ready(t)
  await mock.start('midnight-reset')
  await made.reached('reconnecting')
  assert.equal(reasonsOf(made)[0], 'the brokerage session ended')
})
