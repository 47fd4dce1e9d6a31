"""Listings in pages: until the end, each row once, and never for ever."""

from typing import Any

import anyio
import pytest
from bezant_api import OPERATIONS, errors
from bezant_api.core import pages as module
from bezant_api.core.pages import Pages

from tests.client.scripted import answer, scripted, scripted_async


def page(*conids: int, price: float = 1.0) -> Any:
    return answer([{"acctId": "U1", "conid": conid, "mktPrice": price} for conid in conids])


def targets(script: Any) -> list[str]:
    return [request.url.partition("/v1/api")[2] for request in script.sent]


@pytest.mark.parametrize(
    "last",
    [answer([]), page(3, 4, price=9.0), page(1, 2, price=9.0), page(4, 1), answer(None)],
    ids=["empty", "last again", "first again", "mixed again", "nothing"],
)
def test_positions_end_with_an_empty_or_a_repeated_page(last: Any) -> None:
    client, script = scripted([page(1, 2), page(3, 4), last])
    rows = list(client.portfolio.iter_positions("U1", sort="position"))
    assert [row.conid for row in rows] == [1, 2, 3, 4]
    assert targets(script) == [
        f"/portfolio/U1/positions/{index}?sort=position" for index in range(3)
    ]


def test_a_page_is_asked_for_when_its_rows_are_used() -> None:
    client, script = scripted([page(1, 2), page(3), answer([])])
    walk = client.portfolio.iter_positions("U1")
    assert script.sent == []
    assert [next(walk).conid, next(walk).conid] == [1, 2]
    assert len(script.sent) == 1
    assert next(walk).conid == 3


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_asynchronous_twin(backend: str) -> None:
    async def main() -> list[int | None]:
        client, _ = scripted_async([page(1, 2), page(3), page(3)])
        return [row.conid async for row in client.portfolio.iter_positions("U1")]

    assert anyio.run(main, backend=backend) == [1, 2, 3]


def test_a_listing_without_end_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PAGES", 5)
    client, script = scripted(page(index) for index in range(9))
    with pytest.raises(errors.StalledPage, match="no end after 5 pages"):
        list(client.portfolio.iter_positions("U1"))
    assert len(script.sent) == 5


def test_subaccounts_come_as_a_list_or_inside_an_object() -> None:
    first = answer({"metadata": {"total": 3}, "subaccounts": [{"id": "U1"}, {"id": "U2"}]})
    client, script = scripted([first, answer([{"id": "U3"}]), answer([])])
    rows = list(client.portfolio.iter_subaccounts_paged())
    assert [row.id for row in rows] == ["U1", "U2", "U3"]
    assert targets(script) == [f"/portfolio/subaccounts2?page={index}" for index in range(3)]


def test_notifications_go_on_after_the_last_that_came() -> None:
    client, script = scripted(
        [answer([{"ID": "a"}, {"ID": "b"}]), answer([{"ID": "c"}]), answer([])]
    )
    rows = list(client.notifications.iter_all(max_=10))
    assert [row.id for row in rows] == ["a", "b", "c"]
    assert targets(script) == [
        "/fyi/notifications?max=10",
        "/fyi/notifications/more?id=b",
        "/fyi/notifications/more?id=c",
    ]


def test_offsets_grow_by_the_rows_that_came() -> None:
    operation = OPERATIONS["get_requests"]
    pages = Pages(operation, {"start_date": "2026-01-01"})
    assert pages.arguments()["offset"] == 0
    pages.take({"requestDetails": [{"requestId": 1}, {"requestId": 2}]})
    assert pages.arguments()["offset"] == 2
    assert not pages.done
    pages.take({"requestDetails": []})
    assert pages.done


def test_what_does_not_come_in_pages_says_so() -> None:
    with pytest.raises(TypeError, match="does not come in pages"):
        Pages(OPERATIONS["get_portfolio_ledger"], {})


def test_every_listing_of_the_document_can_be_walked() -> None:
    paged = {o.id: o for o in OPERATIONS.values() if o.pagination}
    assert set(paged) >= {"get_portfolio_positions_by_page_id", "get_portfolio_subaccounts2"}
    assert len(paged) == 6
    for operation in paged.values():
        assert operation.pagination is not None
        assert operation.pagination.argument in {p.argument for p in operation.parameters}
        client, _ = scripted([])
        assert hasattr(getattr(client, operation.resource), f"iter_{operation.name}")
