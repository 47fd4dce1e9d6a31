"""Reads are made again, orders never are."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import anyio
import pytest
from bezant_api import NEVER, OPERATIONS, Retry, errors
from bezant_api.core.retry import _retry_after
from msgspec.structs import replace

from tests.client.scripted import Script, answer, scripted, scripted_async

QUICK = Retry(base=0.0)


@pytest.mark.parametrize("failure", [errors.TransportError, errors.RequestTimeout, answer({}, 503)])
def test_a_read_is_made_again(failure: Any) -> None:
    client, script = scripted([failure, failure, answer({"BASE": {}})], retry=QUICK)
    assert client.portfolio.ledger("U1")
    assert len(script.sent) == 3


def test_a_read_is_given_up_after_the_last_attempt() -> None:
    client, script = scripted([errors.TransportError] * 3, retry=QUICK)
    with pytest.raises(errors.TransportError):
        client.portfolio.ledger("U1")
    assert len(script.sent) == 3
    client, script = scripted([answer({}, 503)] * 3, retry=QUICK)
    with pytest.raises(errors.ServiceUnavailable):
        client.portfolio.ledger("U1")
    assert len(script.sent) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 501])
def test_a_final_answer_is_final(status: int) -> None:
    client, script = scripted([answer({}, status)], retry=QUICK)
    with pytest.raises(errors.ApiError):
        client.portfolio.ledger("U1")
    assert len(script.sent) == 1


ALL_SET = Retry(attempts=9, base=0.0, idempotent=True, statuses=frozenset(range(400, 600)))


@pytest.mark.parametrize(
    "operation_id", [o.id for o in OPERATIONS.values() if o.idempotency == "unsafe"]
)
def test_nothing_can_make_a_change_be_sent_twice(operation_id: str) -> None:
    operation = replace(OPERATIONS[operation_id], parameters=(), body=None)
    for failure in (errors.RequestTimeout, errors.ConnectError, answer({}, 503), answer({}, 429)):
        client, script = scripted([failure] * 9, retry=ALL_SET)
        with pytest.raises((errors.TransportError, errors.ApiError)):
            client.call(operation, {})
        assert len(script.sent) == 1


def test_orders_count_as_changes() -> None:
    for name in ("post_iserver_account_orders", "post_iserver_reply", "post_iserver_account_order"):
        matching = [o for key, o in OPERATIONS.items() if key.startswith(name)]
        assert matching, name
        assert {o.idempotency for o in matching if "whatif" not in o.path} == {"unsafe"}


def test_idempotent_calls_are_made_again_when_asked_for() -> None:
    tickle = OPERATIONS["post_tickle"]
    assert tickle.idempotency == "idempotent"
    client, script = scripted([errors.TransportError], retry=QUICK)
    with pytest.raises(errors.TransportError):
        client.session.tickle()
    client, script = scripted(
        [errors.TransportError, answer({})], retry=Retry(base=0.0, idempotent=True)
    )
    client.session.tickle()
    assert len(script.sent) == 2


def test_never_means_never() -> None:
    client, script = scripted([errors.TransportError], retry=NEVER)
    with pytest.raises(errors.TransportError):
        client.portfolio.ledger("U1")
    assert len(script.sent) == 1


def test_a_limit_is_not_tried_again_without_an_invitation() -> None:
    client, script = scripted([answer({}, 429)], retry=QUICK)
    with pytest.raises(errors.RateLimited):
        client.portfolio.ledger("U1")
    client, script = scripted([answer({}, 429, Retry_After="0"), answer({})], retry=QUICK)
    client.portfolio.ledger("U1")
    assert len(script.sent) == 2
    client, script = scripted([answer({}, 429, Retry_After="900")], retry=QUICK)
    with pytest.raises(errors.RateLimited):
        client.portfolio.ledger("U1")
    assert len(script.sent) == 1


def _request() -> Any:
    client, script = scripted([answer({})])
    client.portfolio.ledger("U1")
    return script.sent[0]


def _never_answers(_: Any) -> Any:
    raise errors.TransportError(operation="o", method="GET", path="/", reason="scripted")
    yield


@pytest.mark.parametrize(("draw", "expected"), [(0.0, [0, 0]), (0.5, [0.5, 1.0]), (1.0, [1, 2])])
def test_waits_double_with_full_jitter_up_to_a_cap(
    draw: float, expected: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.random", lambda: draw)
    policy = Retry(attempts=5, base=1.0, cap=2.0)
    flow = policy(_request(), _never_answers)
    waits = [next(flow).seconds for _ in range(4)]  # type: ignore[union-attr]
    assert waits == [*expected, expected[-1], expected[-1]]
    with pytest.raises(errors.TransportError):
        next(flow)


def test_no_wait_begins_that_would_pass_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.random", lambda: 1.0)
    flow = Retry(attempts=9, base=8.0, cap=8.0, deadline=7.0)(_request(), _never_answers)
    with pytest.raises(errors.TransportError):
        next(flow)


@pytest.mark.parametrize(
    ("stated", "check"),
    [
        ("3", lambda seconds: seconds == 3.0),
        ("", lambda seconds: seconds is None),
        ("soon", lambda seconds: seconds is None),
        (
            format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True),
            lambda seconds: 3500 < seconds <= 3600,
        ),
        ("Wed, 21 Oct 2015 07:28:00 GMT", lambda seconds: seconds == 0.0),
    ],
)
def test_retry_after_is_read_in_both_forms(
    stated: str, check: Callable[[float | None], bool]
) -> None:
    assert check(_retry_after(answer({}, 503, Retry_After=stated)))


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_asynchronous_client_waits_and_tries_again(backend: str) -> None:
    async def main() -> Script:
        client, script = scripted_async(
            [errors.TransportError, answer({})], retry=Retry(base=0.001)
        )
        await client.portfolio.ledger("U1")
        return script

    assert len(anyio.run(main, backend=backend).sent) == 2


def test_a_too_large_answer_is_not_asked_for_again() -> None:
    client, script = scripted([errors.ResponseTooLarge], retry=QUICK)
    with pytest.raises(errors.ResponseTooLarge):
        client.portfolio.ledger("U1")
    assert len(script.sent) == 1
