"""Middleware: written once, around each attempt, in both clients."""

import builtins
from typing import Any

import anyio
import pytest
from bezant_api import Retry, errors, middleware
from bezant_api.core.flow import Flow, Middleware, Proceed
from bezant_api.core.transport import RawResponse, Request
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.client.scripted import answer, scripted, scripted_async


def named(name: str, trail: list[str]) -> Middleware:
    def layer(request: Request, proceed: Proceed) -> Flow[RawResponse]:
        trail.append(f"{name} in")
        response = yield from proceed(request)
        trail.append(f"{name} out")
        return response

    return layer


def test_the_first_middleware_is_the_outermost() -> None:
    trail: list[str] = []
    client, _ = scripted([answer({})], middleware=[named("a", trail), named("b", trail)])
    client.session.tickle()
    assert trail == ["a in", "b in", "b out", "a out"]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_same_middleware_goes_into_the_asynchronous_client(backend: str) -> None:
    trail: list[str] = []

    async def main() -> None:
        client, _ = scripted_async([answer({})], middleware=[named("a", trail)])
        await client.session.tickle()

    anyio.run(main, backend=backend)
    assert trail == ["a in", "a out"]


def test_hooks_see_every_attempt() -> None:
    seen: list[Any] = []
    client, _ = scripted(
        [errors.TransportError, answer({}, 503), answer({})],
        retry=Retry(base=0.0),
        middleware=[
            middleware.before(lambda request: seen.append(request.path)),
            middleware.after(lambda _, outcome: seen.append(outcome)),
        ],
    )
    client.portfolio.ledger("U1")
    assert seen[::2] == ["/v1/api/portfolio/U1/ledger"] * 3
    assert isinstance(seen[1], errors.TransportError)
    assert [outcome.status for outcome in seen[3::2]] == [503, 200]


def test_a_hook_may_change_what_is_sent() -> None:
    client, script = scripted(
        [answer({})],
        middleware=[middleware.before(lambda request: request.with_headers({"accept": "x/y"}))],
    )
    client.session.tickle()
    assert {k: v for k, v in script.sent[0].headers.items() if k.lower() == "accept"} == {
        "accept": "x/y"
    }


def test_a_bearer_token_may_change_between_calls() -> None:
    tokens = iter(["one", "two"])
    bearer = middleware.Bearer(lambda: next(tokens))
    client, script = scripted([answer({}), answer({})], middleware=[bearer])
    client.session.tickle()
    client.session.tickle()
    assert [r.headers["Authorization"] for r in script.sent] == ["Bearer one", "Bearer two"]
    assert "one" not in repr(middleware.Bearer("one"))


def test_cookies_are_kept_one_for_each_name() -> None:
    jar = middleware.Cookies({"JSESSIONID": "old", "api": "1"})
    rotated = answer({})._replace(
        set_cookies=("JSESSIONID=new; Path=/sso; HttpOnly", "x=y", "api=; Max-Age=0")
    )
    client, script = scripted([rotated, answer({}), answer({})], cookies=jar)
    client.session.tickle()
    client.session.tickle()
    sent = [request.headers["Cookie"] for request in script.sent]
    assert sent == ["JSESSIONID=old; api=1", "JSESSIONID=new; x=y"]
    assert repr(jar) == "Cookies(JSESSIONID, x)"
    jar.clear()
    client.session.tickle()
    assert "Cookie" not in script.sent[-1].headers


def test_a_cookie_header_of_ones_own_is_left_alone() -> None:
    client, script = scripted([answer({})], cookies={"a": "1"}, headers={"cookie": "mine=1"})
    client.session.tickle()
    assert "Cookie" not in script.sent[0].headers
    assert script.sent[0].headers["cookie"] == "mine=1"


@pytest.fixture
def spans() -> tuple[Any, InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider.get_tracer("test"), exporter


def test_each_attempt_is_a_span_without_secrets(spans: tuple[Any, InMemorySpanExporter]) -> None:
    tracer, exporter = spans
    client, _ = scripted(
        [errors.RequestTimeout, answer({}, 503), answer({})],
        retry=Retry(base=0.0),
        middleware=[middleware.Tracing(tracer)],
    )
    client.portfolio.ledger("U1234567")
    finished = exporter.get_finished_spans()
    assert [span.name for span in finished] == ["GET /v1/api/portfolio/{accountId}/ledger"] * 3
    attributes = [dict(span.attributes or {}) for span in finished]
    assert [a.get("error.type") for a in attributes] == ["RequestTimeout", "503", None]
    assert [a.get("http.response.status_code") for a in attributes] == [None, 503, 200]
    assert not any("U1234567" in str(value) for a in attributes for value in a.values())


def test_tracing_does_nothing_where_the_api_is_not_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any) -> Any:
        if name.startswith("opentelemetry"):
            raise ImportError(name)
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", without)
    client, _ = scripted([answer({})], middleware=[middleware.Tracing()])
    assert client.session.tickle() is not None


def test_a_cancelled_call_ends_its_span(spans: tuple[Any, InMemorySpanExporter]) -> None:
    tracer, exporter = spans

    class Stuck:
        async def send(self, request: Request) -> RawResponse:
            await anyio.sleep_forever()
            raise AssertionError

        async def close(self) -> None:
            """Nothing is open."""

    async def main() -> None:
        from bezant_api import AsyncClient

        client = AsyncClient(
            "http://127.0.0.1:1", transport=Stuck(), middleware=[middleware.Tracing(tracer)]
        )
        with anyio.move_on_after(0.01):
            await client.session.tickle()

    anyio.run(main)
    (span,) = exporter.get_finished_spans()
    assert dict(span.attributes or {})["error.type"] == "CancelledError"
