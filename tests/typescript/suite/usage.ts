/** How people use the package, for the compiler to read: what must not compile is marked. */

import {
  ApiError,
  createClient,
  DecodeError,
  NotAuthenticated,
  RateLimited,
  safe,
  TransportError,
  type Client,
  type Middleware,
} from 'bezant-client'
import * as alerts from 'bezant-client/alerts'
import { marketData, notifications, priceLadder } from 'bezant-client/channels'
import { cookies } from 'bezant-client/cookies'
import { explain } from 'bezant-client/explain'
import { Bezant } from 'bezant-client/facade'
import { snapshot } from 'bezant-client/market-data'
import { submit, type Order } from 'bezant-client/orders'
import { parseBigInts } from 'bezant-client/parsing'
import { accounts, iterPositions, positions, type Position } from 'bezant-client/portfolio'
import { OPERATIONS, request, type OperationId } from 'bezant-client/registry'
import { Stream } from 'bezant-client/stream'
import { number, price } from 'bezant-client/values'

const stamp: Middleware = (request, next) => {
  request.headers.set('x-stamp', request.operation.id)
  return next(request)
}

const client: Client = createClient({
  baseUrl: 'https://localhost:5000',
  explain,
  middleware: [stamp, cookies()],
  parse: parseBigInts,
  retry: { attempts: 2, idempotent: true },
  timeout: 5_000,
})

export async function portfolio(): Promise<number> {
  const { value, status, headers } = await accounts(client).withResponse()
  const id: string | null | undefined = value[0]?.accountId
  const rows: Position[] = await positions(client, { accountId: id ?? '', pageId: 0 }, { timeout: 1_000 })
  let total = 0
  for await (const { position } of iterPositions(client, { accountId: 'U1' })) total += Number(position)
  const read = number('50.1M')
  return total + rows.length + status + headers.keys.length + (read ?? 0)
}

export async function trade(): Promise<string> {
  const order: Order = { conid: 265598, side: 'BUY', orderType: 'LMT', price: 189.1, quantity: 1, tif: 'DAY' }
  const result = await safe(submit(client, { accountId: 'U1', body: { orders: [order] } }))
  if (result.ok) return String(result.response.status)
  if (result.error instanceof RateLimited || result.error instanceof NotAuthenticated) return result.error.hint
  if (result.error instanceof TransportError) return String(result.error.mayHaveArrived)
  if (result.error instanceof DecodeError) return String(result.error.answer.bytes.length)
  return result.error instanceof ApiError ? `${result.error.status} ${result.error.requestId}` : result.error.message
}

export async function facade(): Promise<void> {
  const ibkr = new Bezant({ baseUrl: 'http://127.0.0.1:1' })
  const rows: Position[] = await ibkr.portfolio.positions({ accountId: 'U1', pageId: 0 }, { signal: AbortSignal.timeout(5) })
  await ibkr.alerts.delete({ accountId: 'U1', alertId: '1', body: {} })
  await alerts.delete(client, { accountId: 'U1', alertId: String(rows.length), body: {} })
}

export async function streams(): Promise<void> {
  const stream = new Stream(client, { onState: (state) => console.log(state) })
  for await (const quote of stream.subscribe(marketData({ conid: 265598, fields: ['31'] }), { policy: 'latest' })) {
    const last: number | undefined = price(quote['31'])?.value
    const conid: number | undefined = quote.conid
    if (last && conid) break
  }
  stream.subscribe(priceLadder({ accountId: 'U1', conid: 265598 }))
  for await (const { args } of stream.subscribe(notifications())) console.log(args)
}

export function registry(id: OperationId): Promise<unknown> {
  return request(client, id, OPERATIONS[id].parameters.length ? { accountId: 'U1' } : {})
}

export async function mistakes(): Promise<void> {
  // @ts-expect-error: an argument is missing
  await positions(client, { accountId: 'U1' })
  // @ts-expect-error: an argument has another type
  await positions(client, { accountId: 'U1', pageId: '0' })
  // @ts-expect-error: there is no such argument
  await snapshot(client, { conids: ['1'], fields: ['31'], feilds: [] })
  // @ts-expect-error: there is no such side
  const order: Order = { conid: 1, side: 'BYU', orderType: 'LMT', quantity: 1, tif: 'DAY' }
  // @ts-expect-error: there is no such field
  console.log((await accounts(client))[0]?.accountID, order)
  // @ts-expect-error: a row may be missing
  console.log((await accounts(client))[0].accountId)
  // @ts-expect-error: there is no such option
  await accounts(client, { timeuot: 1 })
  // @ts-expect-error: there is no such operation
  await request(client, 'get_everything')
  // @ts-expect-error: fields are wanted
  marketData({ conid: 265598 })
  // @ts-expect-error: a body is wanted
  await submit(client, { accountId: 'U1' })
}
