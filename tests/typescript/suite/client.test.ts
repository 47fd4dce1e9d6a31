/** What the kernel does around a call, over real sockets. */

import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { inspect } from 'node:util'

import {
  ApiError,
  ArgumentError,
  BezantError,
  ConnectError,
  createClient,
  limited,
  NotAuthenticated,
  RateLimited,
  RequestTimeout,
  ResponseTooLarge,
  safe,
  ServerError,
  TransportError,
  type Middleware,
} from 'bezant-client'
import { cookies } from 'bezant-client/cookies'
import { explain } from 'bezant-client/explain'
import { Bezant } from 'bezant-client/facade'
import { moreIterations } from './more.js'
import { live, submit } from 'bezant-client/orders'
import { parseBigInts, parseLenient } from 'bezant-client/parsing'
import { accounts, iterPositions, ledger } from 'bezant-client/portfolio'
import { init, tickle } from 'bezant-client/session'

import { json, Server } from './server.js'

const quick = { base: 1, cap: 2 }

test('a call gives its value, and its answer to those who ask', async () => {
  await using server = await Server.start((response) => json(response, [{ accountId: 'U1' }], 200, { 'x-request-id': 'r1' }))
  const client = createClient({ baseUrl: `${server.url}/v1/api/` })
  assert.deepEqual(await accounts(client), [{ accountId: 'U1' }])
  const { value, status, headers, bytes } = await accounts(client).withResponse()
  assert.deepEqual([value, status, headers.get('x-request-id')], [[{ accountId: 'U1' }], 200, 'r1'])
  assert.equal(new TextDecoder().decode(bytes), '[{"accountId":"U1"}]')
  assert.equal(server.arrived[0]?.url, '/v1/api/portfolio/accounts')
})

test('a call is a promise in every way', async () => {
  await using server = await Server.start((response, _, count) => json(response, count, count < 3 ? 200 : 404))
  const client = createClient({ baseUrl: server.url })
  const call = accounts(client)
  let ended = 0
  assert.equal(await call.finally(() => void ended++), 1)
  assert.equal(await call, 1, 'awaiting it again makes no second call')
  assert.deepEqual(await Promise.all([call, accounts(client)]), [1, 2])
  assert.equal(await accounts(client).catch((error: ApiError) => error.status as never), 404)
  assert.deepEqual([ended, server.arrived.length], [1, 3])
})

test('an error is a result for those who do not catch', async () => {
  await using server = await Server.start((response, _, count) => json(response, {}, count === 1 ? 200 : 401))
  const client = createClient({ baseUrl: server.url })
  const good = await safe(ledger(client, { accountId: 'U1' }))
  assert.ok(good.ok && good.response.status === 200)
  const bad = await safe(ledger(client, { accountId: 'U1' }))
  assert.ok(!bad.ok && bad.error instanceof NotAuthenticated)
  const controller = new AbortController()
  controller.abort(new Error('enough'))
  await assert.rejects(safe(ledger(client, { accountId: 'U1' }, { signal: controller.signal })), /enough/)
})

test('what an error shows holds no secret', async () => {
  await using server = await Server.start((response) =>
    json(response, { error: 'bad token=abc123', token: 'abc123' }, 400, { 'set-cookie': 'api=abc123' }),
  )
  const error = await ledger(createClient({ baseUrl: server.url, explain }), { accountId: 'U1' }).catch((e: unknown) => e)
  assert.ok(error instanceof ApiError)
  assert.ok(!`${inspect(error)} ${error.message} ${JSON.stringify(error)}`.includes('abc123'))
  assert.equal((error.body as { token: string }).token, 'abc123', 'it is there for those who ask')
  assert.match(error.message, /^get_portfolio_ledger \(GET .*\/ledger\): 400 bad token=\(masked\)\. Compare the arguments/)
})

test('reads are made again', async () => {
  await using server = await Server.start((response, _, count) => json(response, { count }, count < 3 ? 503 : 200))
  const client = createClient({ baseUrl: server.url, retry: quick })
  assert.deepEqual(await live(client), { count: 3 })
})

test('reads are made again after a connection that breaks', async () => {
  await using server = await Server.start((response, _, count) => {
    if (count < 3) response.socket?.destroy()
    else json(response, { count })
  })
  assert.deepEqual(await live(createClient({ baseUrl: server.url, retry: quick })), { count: 3 })
})

for (const [words, retry] of [['by default', quick], ['whatever is set', { ...quick, idempotent: true, attempts: 9 }]] as const) {
  test(`an order is never sent again, ${words}`, async () => {
    await using server = await Server.start((response, _, count) => {
      if (count % 2) json(response, {}, 503)
      else response.socket?.destroy()
    })
    const client = createClient({ baseUrl: server.url, retry })
    const body = { orders: [{ conid: 1, side: 'BUY', orderType: 'MKT', quantity: 1, tif: 'DAY' } as const] }
    await assert.rejects(submit(client, { accountId: 'U1', body }), ServerError)
    const lost = await safe(submit(client, { accountId: 'U1', body }))
    assert.ok(!lost.ok && lost.error instanceof TransportError && lost.error.mayHaveArrived)
    assert.equal(server.arrived.length, 2)
  })
}

test('what repeating does not change is made again where that is asked for', async () => {
  await using server = await Server.start((response, _, count) => json(response, {}, count < 2 ? 500 : 200))
  const body = { publish: true, compete: true }
  await assert.rejects(init(createClient({ baseUrl: server.url, retry: quick }), { body }), ServerError)
  await init(createClient({ baseUrl: server.url, retry: { ...quick, idempotent: true } }), { body })
  assert.equal(server.arrived.length, 2)
})

test('the penalty box is left alone, unless the server names a time', async () => {
  let headers = {}
  await using server = await Server.start((response, _, count) => json(response, {}, count % 2 ? 429 : 200, headers))
  const client = createClient({ baseUrl: server.url, retry: quick })
  await assert.rejects(live(client), RateLimited)
  await live(client)
  headers = { 'retry-after': '0' }
  await live(client)
  headers = { 'retry-after': new Date(Date.now() - 5_000).toUTCString() }
  await live(client)
  headers = { 'retry-after': '3600' }
  await assert.rejects(live(client), RateLimited, 'an hour is beyond the deadline')
  assert.equal(server.arrived.length, 7)
})

test('a wait between attempts ends with its signal', async () => {
  const controller = new AbortController()
  await using server = await Server.start((response) => {
    json(response, {}, 503, { 'retry-after': '20' })
    setTimeout(() => controller.abort(new Error('enough')), 20)
  })
  await assert.rejects(live(createClient({ baseUrl: server.url }), {}, { signal: controller.signal }), /enough/)
  assert.equal(server.arrived.length, 1)
})

test('retries can be switched off', async () => {
  await using server = await Server.start((response) => json(response, {}, 503))
  await assert.rejects(live(createClient({ baseUrl: server.url, retry: false })), ServerError)
  assert.equal(server.arrived.length, 1)
})

test('an answer has to be whole in its time', async () => {
  await using server = await Server.start((response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{')
  })
  const client = createClient({ baseUrl: server.url, retry: false, timeout: 50 })
  await assert.rejects(live(client), RequestTimeout)
  await assert.rejects(live(client, {}, { timeout: 20 }), /no whole answer within 20 ms/)
})

test('an answer that breaks off is a transport error', async () => {
  await using server = await Server.start((response) => {
    response.writeHead(200, { 'content-length': '10' }).write('{')
    setTimeout(() => response.socket?.destroy(), 10)
  })
  const broken = await safe(live(createClient({ baseUrl: server.url, retry: false })))
  assert.ok(!broken.ok && broken.error.name === 'TransportError')
})

test('nobody at the other end is a connect error', async () => {
  const closed = createServer().listen(0, '127.0.0.1')
  const port = await new Promise<number>((resolve) =>
    closed.on('listening', () => resolve((closed.address() as { port: number }).port)),
  )
  await new Promise((resolve) => closed.close(resolve))
  const refused = await safe(live(createClient({ baseUrl: `http://127.0.0.1:${port}`, retry: false, explain })))
  assert.ok(!refused.ok && refused.error instanceof ConnectError && !refused.error.mayHaveArrived)
  assert.match(refused.error.hint, /Is the gateway running/)
})

test('a call ends with its signal', async () => {
  await using server = await Server.start(() => {})
  const controller = new AbortController()
  const call = live(createClient({ baseUrl: server.url }), {}, { signal: controller.signal })
  controller.abort()
  await assert.rejects(call, { name: 'AbortError' })
  await assert.rejects(live(createClient({ baseUrl: server.url }), {}, { signal: controller.signal }), { name: 'AbortError' })
})

test('a large answer is refused by those who set a limit', async () => {
  await using server = await Server.start((response) => json(response, { text: 'x'.repeat(100_000) }))
  const client = createClient({ baseUrl: server.url, fetch: limited(10_000), retry: quick })
  await assert.rejects(live(client), ResponseTooLarge)
  assert.equal(server.arrived.length, 1)
  assert.ok(await live(createClient({ baseUrl: server.url, fetch: limited(200_000) })))
})

test('a redirect is never followed', async () => {
  await using other = await Server.start((response) => json(response, {}))
  await using server = await Server.start((response) => response.writeHead(302, { location: other.url }).end())
  await assert.rejects(live(createClient({ baseUrl: server.url })), { name: 'UnexpectedRedirect' })
  assert.equal(other.arrived.length, 0)
})

test('middleware goes around each attempt, the first one outermost', async () => {
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
  await using server = await Server.start((response, _, count) => json(response, {}, count < 2 ? 500 : 200))
  await tickle(createClient({ baseUrl: server.url, retry: { ...quick, idempotent: true }, middleware: [layer('a'), layer('b')] }))
  assert.deepEqual(seen.slice(0, 4), ['a post_tickle', 'b post_tickle', 'b 500', 'a 500'])
  assert.equal(seen.length, 8)
  assert.equal(server.arrived[0]?.headers['x-layers'], 'ab')
})

test('headers of a call go over those of its client', async () => {
  await using server = await Server.start((response) => json(response, {}))
  const client = createClient({ baseUrl: server.url, headers: { 'X-All': '1', 'X-Own': '1' } })
  await live(client, {}, { headers: { 'x-own': '2' } })
  await live(client)
  assert.deepEqual(server.arrived.map(({ headers }) => [headers['x-all'], headers['x-own']]), [['1', '2'], ['1', '1']])
  await assert.rejects(live(client, {}, { headers: { 'x-own': '1\r\nx-evil: 1' } }), TypeError)
})

test('cookies are kept by name', async () => {
  const lines = [['a=1; Path=/', 'b=2; Path=/x'], ['a=3', 'b=; Max-Age=0'], []]
  await using server = await Server.start((response, _, count) => {
    response.setHeader('set-cookie', lines[count - 1] ?? [])
    json(response, {})
  })
  const jar = new Map<string, string>()
  const client = createClient({ baseUrl: server.url, middleware: [cookies(jar)] })
  for (let count = 0; count < 3; count++) await live(client)
  await live(client, {}, { headers: { cookie: 'own=1' } })
  assert.deepEqual(server.arrived.map(({ headers }) => headers.cookie), [undefined, 'a=1; b=2', 'a=3', 'own=1'])
  assert.deepEqual([...jar], [['a', '3']])
})

test('integers beyond 2^53 keep their digits for those who ask', async () => {
  const text = '{"id": 9007199254740993, "small": 1767225600123, "text": "9007199254740993", "n": 0.12345678901234567, "list": [-9007199254740995]}'
  await using server = await Server.start((response) => response.writeHead(200, { 'content-type': 'application/json' }).end(text))
  const exact = await live(createClient({ baseUrl: server.url, parse: parseBigInts }))
  assert.deepEqual(exact, {
    id: 9007199254740993n,
    small: 1767225600123,
    text: '9007199254740993',
    n: 0.12345678901234567,
    list: [-9007199254740995n],
  })
  assert.equal((await live(createClient({ baseUrl: server.url })) as { id?: number }).id, 9007199254740992)
  assert.deepEqual(parseLenient('{"a": NaN, "b": "\\"NaN"}'), { a: null, b: '"NaN' })
})

const pages = [
  [{ acctId: 'U1', conid: 1 }, { acctId: 'U1', conid: 2 }],
  [{ acctId: 'U1', conid: 3 }],
]
for (const [words, last] of [['an empty', []], ['a repeated', [{ acctId: 'U1', conid: 3, mktPrice: 9 }]], ['no', null]] as const) {
  test(`a listing ends with ${words} page`, async () => {
    await using server = await Server.start((response, _, count) => json(response, pages[count - 1] ?? last))
    const conids: unknown[] = []
    for await (const { conid } of iterPositions(createClient({ baseUrl: server.url }), { accountId: 'U1' })) conids.push(conid)
    assert.deepEqual(conids, [1, 2, 3])
    assert.deepEqual(server.arrived.map(({ url }) => url.slice(-2)), ['/0', '/1', '/2'])
  })
}

test('a listing without end is an error', async () => {
  await assert.rejects(moreIterations(), { name: 'StalledPage' })
})

test('the facade has every operation, bound to its client when first used', async () => {
  await using server = await Server.start((response, { url }) => json(response, { url }, url.includes('delete') ? 404 : 200))
  const ibkr = new Bezant({ baseUrl: server.url })
  assert.equal(ibkr.portfolio, ibkr.portfolio)
  assert.deepEqual(await ibkr.portfolio.ledger({ accountId: 'U1' }), { url: '/v1/api/portfolio/U1/ledger' })
  await ibkr.alerts.delete({ accountId: 'U1', alertId: '7', body: {} })
  assert.equal(server.arrived[1]?.method, 'DELETE')
  assert.ok(ibkr.client.explain)
})

test('a base URL that is none is refused at once', () => {
  assert.throws(() => createClient({ baseUrl: 'localhost' }), TypeError)
  assert.equal(createClient().origin, 'https://localhost:5000')
  assert.equal(createClient({ baseUrl: 'http://127.0.0.1:1/gateway/v1/api' }).origin, 'http://127.0.0.1:1/gateway')
})

test('a body has numbers where numbers are due', async () => {
  await using server = await Server.start((response) => json(response, {}))
  const client = createClient({ baseUrl: server.url })
  const order = { conid: 1, side: 'BUY', orderType: 'LMT', price: Number.NaN, quantity: 1, tif: 'DAY' } as const
  await assert.rejects(submit(client, { accountId: 'U1', body: { orders: [order] } }), (error: unknown) => {
    return error instanceof ArgumentError && error instanceof BezantError && /price cannot be written: NaN/.test(error.message)
  })
  assert.equal(server.arrived.length, 0)
})
