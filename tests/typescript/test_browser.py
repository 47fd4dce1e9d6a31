"""The package in Chromium: a call, a login page in its place, and a stream over the global WebSocket."""

from pathlib import Path

import pytest

from tests.typescript.browser import browser, bundled, report
from tests.typescript.project import Project

PAGE = """
import { createClient, NotAuthenticated } from 'bezant-client'
import { marketData, notifications } from 'bezant-client/channels'
import { accounts, positions } from 'bezant-client/portfolio'
import { Stream } from 'bezant-client/stream'

const client = createClient({ baseUrl: location.origin })

async function refusal() {
  const error = await positions(client, { accountId: 'DU1', pageId: 0 }).catch((found) => found)
  return { isKnown: error instanceof NotAuthenticated, name: error.name, status: error.status }
}

async function streamed() {
  const states = []
  const stream = new Stream(client, { cap: 2, onState: (state) => states.push(state) })
  const notes = stream.subscribe(notifications())
  const quotes = []
  for await (const quote of stream.subscribe(marketData({ conid: 265598, fields: ['31'] }))) {
    if (quotes.push(quote) === 2) break
  }
  const note = (await notes.next()).value
  stream.close()
  return { states, quotes, note, ignored: stream.ignored }
}

async function all() {
  return { accounts: await accounts(client), refusal: await refusal(), stream: await streamed() }
}

const body = JSON.stringify(await all().catch((error) => ({ failure: `${error.stack}` })))
await fetch('/result', { method: 'POST', body })
"""

SERVER = """
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { Gateway } from './out/suite/gateway.js'

const asked = []
const page = '<!doctype html><title>page</title><script type="module" src="/page-bundle.js"></script>'
const answers = {
  '/': () => [200, 'text/html', page, { 'set-cookie': 'api=s1; HttpOnly; Path=/' }],
  '/page-bundle.js': async () => [200, 'text/javascript', await readFile('page-bundle.js')],
  '/v1/api/portfolio/accounts': () => [200, 'application/json', '[{"accountId":"DU1"}]'],
  '/v1/api/portfolio/DU1/positions/0': () => [302, 'text/html', '', { location: '/sso/Login?RL=1' }],
  '/sso/Login': () => [200, 'text/html', '<title>Log in</title>'],
}

const gateway = await Gateway.start({ listener })
console.log(gateway.origin)

async function listener(request, response) {
  const { pathname } = new URL(request.url, gateway.origin)
  if (pathname === '/result') return end(JSON.parse(await text(request)), response)
  asked.push({ path: pathname, cookie: request.headers.cookie })
  const [status, type, body, more] = (await answers[pathname]?.()) ?? [404, 'text/plain', '']
  response.writeHead(status, { 'content-type': type, ...more }).end(body)
}

// The first connection ends after its quote, the second says something that is not quite UTF-8.
const first = await gateway.connections.at(0)
await first.received.at(0)
first.close(1012)
const second = await gateway.connections.at(1)
await second.received.at(1)
second.send(Buffer.from('{"topic":"ntf","args":{"text":"Trader\\x99"}}', 'latin1'))

async function end(found, response) {
  response.end()
  const connections = gateway.connections.items
  const sockets = connections.map(({ request, received, lost }) => {
    return { url: request.url, cookie: request.headers.cookie, received: received.items, lost }
  })
  await Promise.all(connections.map(({ closed }) => closed))
  console.log(JSON.stringify({ ...found, asked, sockets }))
  await gateway.stop()
  process.exit()
}
"""


def test_works_in_a_browser(project: Project, tmp_path: Path) -> None:
    program = browser()
    if not program:
        pytest.skip("no Chromium here: apt-get install chromium")
    bundled(project, PAGE)
    found = report(project, program, SERVER, tmp_path / "profile")
    assert "failure" not in found, found["failure"]
    assert found["accounts"] == [{"accountId": "DU1"}]

    # Browsers hide where a redirect leads, and even its status. It is neither followed nor repeated.
    assert found["refusal"] == {"isKnown": True, "name": "NotAuthenticated", "status": 0}
    calls = [one for one in found["asked"] if one["path"].startswith(("/v1/api/", "/sso/"))]
    assert calls == [
        {"path": "/v1/api/portfolio/accounts", "cookie": "api=s1"},
        {"path": "/v1/api/portfolio/DU1/positions/0", "cookie": "api=s1"},
    ]

    stream = found["stream"]
    once = ["waiting", "ready"]
    assert stream["states"] == [*once, "reconnecting", *once, "closed"]
    assert [(quote["conid"], quote["31"]) for quote in stream["quotes"]] == [(265598, "189.10")] * 2
    assert stream["note"] == {"topic": "ntf", "args": {"text": "Trader\ufffd"}}
    assert stream["ignored"] == 0
    begin = 'smd+265598+{"fields":["31"]}'
    same = {"url": "/v1/api/ws", "cookie": "api=s1", "lost": []}
    assert found["sockets"] == [
        {**same, "received": [begin]},
        {**same, "received": [begin, "umd+265598+{}"]},
    ]
