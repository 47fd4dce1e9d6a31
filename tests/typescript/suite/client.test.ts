/** What the kernel does around a call where the other side answers as no gateway does, over real sockets. */

import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { inspect } from 'node:util'

import { ApiError, ArgumentError, BezantError, ConnectError, createClient, RequestTimeout, safe } from 'bezant-client'
import { cookies } from 'bezant-client/cookies'
import { explain } from 'bezant-client/explain'
import { moreIterations } from './more.js'
import { live, submit } from 'bezant-client/orders'
import { parseBigInts, parseLenient } from 'bezant-client/parsing'
import { accounts, iterPositions, ledger } from 'bezant-client/portfolio'

import { json, Server } from './server.js'

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

test('an answer has to be whole in its time', async () => {
  await using server = await Server.start((response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{')
  })
  const client = createClient({ baseUrl: server.url, retry: false, timeout: 50 })
  await assert.rejects(live(client), RequestTimeout)
  await assert.rejects(live(client, {}, { timeout: 20 }), /no whole answer within 20 ms/)
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

test('a redirect is never followed', async () => {
  await using other = await Server.start((response) => json(response, {}))
  await using server = await Server.start((response) => response.writeHead(302, { location: other.url }).end())
  await assert.rejects(live(createClient({ baseUrl: server.url })), { name: 'UnexpectedRedirect' })
  assert.equal(other.arrived.length, 0)
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
