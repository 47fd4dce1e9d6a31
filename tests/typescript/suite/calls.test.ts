/** What a call comes to at the mock gateway: its value, its error, another attempt, or the next page. */

import assert from 'node:assert/strict'

import {
  ApiError,
  createClient,
  limited,
  NoBrokerageSession,
  NotAuthenticated,
  NotFound,
  RateLimited,
  RequestTimeout,
  ResponseTooLarge,
  safe,
  ServerError,
  ServiceUnavailable,
  TransportError,
  type Client,
  type Middleware,
} from 'bezant-client'
import { brokerage } from 'bezant-client/accounts'
import { explain } from 'bezant-client/explain'
import { Bezant } from 'bezant-client/facade'
import { iterAll } from 'bezant-client/notifications'
import { live, submit } from 'bezant-client/orders'
import { accounts, iterPositions, ledger } from 'bezant-client/portfolio'
import { init, tickle } from 'bezant-client/session'

import { ACCOUNT, Mock, type Fault } from './mock.js'
import { check } from './watching.js'

const quick = { base: 1, cap: 2 }
const LIVE = 'get_iserver_account_orders'
const SUBMIT = 'post_iserver_account_orders'
const INIT = 'post_iserver_auth_ssodh_init'
const TICKLE = 'post_tickle'

/** A client that may ask for everything: the accounts were asked for. */
async function prepared(mock: Mock, options: Parameters<typeof createClient>[0] = {}): Promise<Client> {
  await brokerage(createClient({ baseUrl: mock.origin }))
  return createClient({ baseUrl: mock.origin, retry: quick, ...options })
}

check('a call gives its value, and its answer to those who ask', async (t) => {
  const mock = await Mock.of(t)
  const client = createClient({ baseUrl: `${mock.origin}/v1/api/` })
  const found = await accounts(client)
  assert.equal(found[0]?.accountId, ACCOUNT)
  const { value, status, headers, bytes } = await accounts(client).withResponse()
  assert.deepEqual([value, status, headers.get('content-type')], [found, 200, 'application/json; charset=utf-8'])
  assert.deepEqual(JSON.parse(new TextDecoder().decode(bytes)), found)
  assert.deepEqual((await mock.arrived()).map(({ target }) => target), Array(2).fill('/v1/api/portfolio/accounts'))
})

check('an error is a result for those who do not catch', async (t) => {
  const mock = await Mock.of(t)
  const client = createClient({ baseUrl: mock.origin, retry: false })
  await accounts(client)
  const good = await safe(ledger(client, { accountId: ACCOUNT }))
  assert.ok(good.ok && good.response.status === 200)
  await mock.start('logged-out')
  const bad = await safe(ledger(client, { accountId: ACCOUNT }))
  assert.ok(!bad.ok && bad.error instanceof NotAuthenticated)
  const aborted = AbortSignal.abort(new Error('enough'))
  await assert.rejects(safe(ledger(client, { accountId: ACCOUNT }, { signal: aborted })), /enough/)
})

const KINDS = [
  ['no-bridge', 400, NoBrokerageSession],
  ['brokerage-lost', 401, NoBrokerageSession],
  ['not-logged-in', 401, NotAuthenticated],
  ['html-not-found', 404, NotFound],
  ['html-unavailable', 503, ServiceUnavailable],
  ['penalty-box', 429, RateLimited],
] as const
for (const [name, status, kind] of KINDS) {
  check(`an error has the class of what it means: ${name}`, async (t) => {
    const mock = await Mock.of(t)
    const client = await prepared(mock, { retry: false, explain })
    await mock.start(name)
    const error = await live(client).catch((found: unknown) => found)
    assert.ok(error instanceof ApiError)
    assert.deepEqual([error.constructor, error.status, error.operation.id], [kind, status, LIVE])
    assert.ok(error.message.includes(error.hint) && error.hint)
  })
}

check('reads are made again', async (t) => {
  const mock = await Mock.of(t)
  const client = await prepared(mock)
  await mock.fault({ operation: LIVE, status: 503, times: 2 })
  assert.deepEqual(Object.keys(await live(client)), ['orders', 'snapshot'])
  assert.deepEqual((await mock.arrived(LIVE)).map(({ status }) => status), [503, 503, 200])
})

for (const is_before of [true, false]) {
  check(`reads are made again after a connection that breaks, ${is_before ? 'before' : 'after'} it is carried out`, async (t) => {
    const mock = await Mock.of(t)
    const client = await prepared(mock)
    await mock.fault({ operation: LIVE, ending: 'dropped', is_before, times: 2 })
    assert.deepEqual(Object.keys(await live(client)), ['orders', 'snapshot'])
    assert.equal((await mock.arrived(LIVE)).length, 3)
  })
}

check('reads are given up after the last attempt', async (t) => {
  const mock = await Mock.of(t)
  const client = await prepared(mock)
  await mock.fault({ operation: LIVE, status: 503 })
  await assert.rejects(live(client), ServiceUnavailable)
  assert.equal((await mock.arrived(LIVE)).length, 3)
})

for (const [words, retry] of [['by default', quick], ['whatever is set', { ...quick, idempotent: true, attempts: 9 }]] as const) {
  check(`an order is never sent again, ${words}`, async (t) => {
    const mock = await Mock.of(t)
    const client = await prepared(mock, { retry })
    const body = { orders: [{ conid: 265598, side: 'BUY', orderType: 'LMT', price: 189, quantity: 1, tif: 'DAY' } as const] }
    await mock.fault({ operation: SUBMIT, status: 503, times: 1 })
    await mock.fault({ operation: SUBMIT, ending: 'dropped', times: 1 })
    await assert.rejects(submit(client, { accountId: ACCOUNT, body }), ServerError)
    const lost = await safe(submit(client, { accountId: ACCOUNT, body }))
    assert.ok(!lost.ok && lost.error instanceof TransportError && lost.error.mayHaveArrived)
    assert.deepEqual((await mock.arrived(SUBMIT)).map(({ status }) => status), [503, 200])
    // The one whose answer was lost was carried out, and once.
    await live(client)
    assert.equal((await live(client)).orders?.length, 1)
  })
}

check('what repeating does not change is made again where that is asked for', async (t) => {
  const mock = await Mock.of(t)
  const body = { publish: true, compete: true }
  await mock.fault({ operation: INIT, status: 500, times: 1 })
  await assert.rejects(init(createClient({ baseUrl: mock.origin, retry: quick }), { body }), ServerError)
  await mock.fault({ operation: INIT, status: 500, times: 1 })
  const { authenticated } = await init(createClient({ baseUrl: mock.origin, retry: { ...quick, idempotent: true } }), { body })
  assert.equal(authenticated, true)
  assert.deepEqual((await mock.arrived(INIT)).map(({ status }) => status), [500, 500, 200])
})

/** How often a call is made that is answered so, and then well. */
const LIMITS: readonly (readonly [string, () => Fault['headers'], number])[] = [
  ['says nothing', () => undefined, 1],
  ['invites at once', () => ({ 'Retry-After': '0' }), 2],
  ['invites since a while', () => ({ 'Retry-After': new Date(Date.now() - 5_000).toUTCString() }), 2],
  ['asks for an hour', () => ({ 'Retry-After': '3600' }), 1],
]
for (const [words, headers, attempts] of LIMITS) {
  check(`the penalty box is left alone, unless the server names a time: it ${words}`, async (t) => {
    const mock = await Mock.of(t)
    const client = await prepared(mock)
    const named = headers()
    await mock.fault({ operation: LIVE, status: 429, times: 1, ...(named && { headers: named }) })
    const made = await safe(live(client))
    assert.equal(made.ok, attempts === 2)
    if (!made.ok) assert.ok(made.error instanceof RateLimited)
    assert.equal((await mock.arrived(LIVE)).length, attempts)
  })
}

check('a wait between attempts ends with its signal', async (t) => {
  const mock = await Mock.of(t)
  const client = await prepared(mock, { retry: {} })
  await mock.fault({ operation: LIVE, status: 503, headers: { 'Retry-After': '20' } })
  const controller = new AbortController()
  const call = live(client, {}, { signal: controller.signal })
  while (!(await mock.arrived(LIVE)).length);
  setTimeout(() => controller.abort(new Error('enough')), 20)
  await assert.rejects(call, /enough/)
  assert.equal((await mock.arrived(LIVE)).length, 1)
})

check('retries can be switched off', async (t) => {
  const mock = await Mock.of(t)
  const client = await prepared(mock, { retry: false })
  await mock.fault({ operation: LIVE, status: 503 })
  await assert.rejects(live(client), ServerError)
  assert.equal((await mock.arrived(LIVE)).length, 1)
})

check('an answer has to come in its time', async (t) => {
  const mock = await Mock.of(t)
  const client = await prepared(mock, { retry: false, timeout: 50 })
  await mock.fault({ operation: LIVE, delay: 5 })
  await assert.rejects(live(client), RequestTimeout)
  await assert.rejects(live(client, {}, { timeout: 20 }), /no whole answer within 20 ms/)
  await mock.forgetFaults()
  await live(client, {}, { timeout: 10_000 })
})

check('an answer that breaks off is a transport error', async (t) => {
  const mock = await Mock.of(t)
  const client = await prepared(mock, { retry: false })
  await mock.fault({ operation: LIVE, ending: 'cut' })
  const broken = await safe(live(client))
  assert.ok(!broken.ok && broken.error.name === 'TransportError' && broken.error instanceof TransportError)
  assert.ok(broken.error.mayHaveArrived)
})

check('a call ends with its signal, and the next one is made', async (t) => {
  const mock = await Mock.of(t)
  const client = await prepared(mock)
  await mock.fault({ operation: LIVE, delay: 5, times: 1 })
  const controller = new AbortController()
  const call = live(client, {}, { signal: controller.signal })
  while (!(await mock.arrived(LIVE)).length);
  controller.abort()
  await assert.rejects(call, { name: 'AbortError' })
  await assert.rejects(live(client, {}, { signal: controller.signal }), { name: 'AbortError' })
  assert.ok(await live(client))
  assert.equal((await mock.arrived(LIVE)).length, 2)
})

check('a large answer is refused by those who set a limit', async (t) => {
  const mock = await Mock.of(t)
  await mock.fault({ operation: LIVE, body: { text: 'x'.repeat(100_000) } })
  const client = createClient({ baseUrl: mock.origin, fetch: limited(10_000), retry: quick })
  await assert.rejects(live(client), ResponseTooLarge)
  assert.equal((await mock.arrived(LIVE)).length, 1)
  assert.ok(await live(createClient({ baseUrl: mock.origin, fetch: limited(200_000) })))
})

for (const name of ['redirected-to-login', 'redirected-to-dispatcher']) {
  check(`where nobody is logged in the page to do so is never gone to: ${name}`, async (t) => {
    const mock = await Mock.of(t, name)
    await assert.rejects(accounts(createClient({ baseUrl: mock.origin })), NotAuthenticated)
    assert.deepEqual((await mock.arrived()).map(({ target, status }) => [target, status]), [['/v1/api/portfolio/accounts', 302]])
  })
}

check('middleware goes around each attempt, the first one outermost', async (t) => {
  const mock = await Mock.of(t)
  const seen: string[] = []
  const layer =
    (name: string): Middleware =>
    async (request, next) => {
      seen.push(`${name} ${request.operation.id}`)
      request.headers.set('x-layers', `${request.headers.get('x-layers') ?? ''}${name}`)
      const answer = await next(request)
      seen.push(`${name} ${answer.status}`)
      return answer
    }
  await mock.fault({ operation: TICKLE, status: 500, times: 1 })
  const retry = { ...quick, idempotent: true }
  await tickle(createClient({ baseUrl: mock.origin, retry, middleware: [layer('a'), layer('b')] }))
  const once = (status: number): string[] => [`a ${TICKLE}`, `b ${TICKLE}`, `b ${status}`, `a ${status}`]
  assert.deepEqual(seen, [...once(500), ...once(200)])
  assert.equal((await mock.arrived(TICKLE))[0]?.headers['x-layers'], 'ab')
})

check('a listing goes on until a page is empty', async (t) => {
  const mock = await Mock.of(t)
  const client = createClient({ baseUrl: mock.origin })
  await accounts(client)
  const conids = new Set<unknown>()
  let rows = 0
  for await (const { conid, acctId } of iterPositions(client, { accountId: ACCOUNT })) {
    assert.equal(acctId, ACCOUNT)
    conids.add(conid)
    rows++
  }
  assert.ok(rows > 200, 'it takes three pages')
  assert.equal(conids.size, rows)
  const asked = (await mock.arrived('get_portfolio_positions_by_page_id')).map(({ target }) => target)
  assert.deepEqual(asked, [0, 1, 2, 3].map((page) => `/v1/api/portfolio/${ACCOUNT}/positions/${page}`))
})

check('a listing goes on after the last row that came', async (t) => {
  const mock = await Mock.of(t)
  const ids: unknown[] = []
  for await (const { ID } of iterAll(createClient({ baseUrl: mock.origin }), { max: 2 })) ids.push(ID)
  assert.ok(ids.length > 4 && new Set(ids).size === ids.length)
  const [first, ...more] = (await mock.arrived()).map(({ target }) => target.replace('/v1/api/fyi/', ''))
  assert.equal(first, 'notifications?max=2')
  assert.equal(more[0], `notifications/more?id=${String(ids[1])}`)
  assert.equal(more.at(-1), `notifications/more?id=${String(ids.at(-1))}`)
})

check('the facade has every operation, bound to its client when first used', async (t) => {
  const mock = await Mock.of(t)
  const ibkr = new Bezant({ baseUrl: mock.origin })
  assert.equal(ibkr.portfolio, ibkr.portfolio)
  await ibkr.portfolio.accounts()
  assert.ok((await ibkr.portfolio.ledger({ accountId: ACCOUNT }))['USD']?.cashbalance)
  const deleting = safe(ibkr.alerts.delete({ accountId: ACCOUNT, alertId: '7', body: {} }))
  assert.equal((await deleting).ok, false, 'there is none')
  const [, , deleted] = await mock.arrived()
  assert.deepEqual([deleted?.method, deleted?.target], ['DELETE', `/v1/api/iserver/account/${ACCOUNT}/alert/7`])
  assert.ok(ibkr.client.explain)
})
