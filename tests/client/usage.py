"""Realistic use, for type checkers to read: nothing here is run.

`reveal_type` is not used: each line would fail to check if the type were another one.
"""

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any, assert_type

from bezant_api import (
    ApiError,
    AsyncClient,
    Client,
    DriftCollector,
    DriftLogger,
    Response,
    Retry,
    columns,
    errors,
    middleware,
    models,
    rows,
    values,
)
from bezant_api.core.flow import Flow, Proceed
from bezant_api.core.transport import RawResponse, Request


def stamp(request: Request, proceed: Proceed) -> Flow[RawResponse]:
    response = yield from proceed(request.with_headers({"X-Stamp": "1"}))
    return response


def synchronous() -> None:
    with Client(
        "https://localhost:5000",
        timeout=10,
        retry=Retry(attempts=2),
        middleware=[stamp, middleware.Tracing(), middleware.Bearer("token")],
        mode="strict",
        on_drift=DriftLogger(),
        cookies={"api": "1"},
    ) as client:
        positions = client.portfolio.positions("U1234567", 0, timeout=5.0, headers={"X": "1"})
        assert_type(positions, list[models.portfolio.Position])
        assert_type(positions[0].conid, int | None)
        assert_type(client.portfolio.iter_positions("U1"), Iterator[models.portfolio.Position])
        for position in client.portfolio.iter_positions("U1", model="Growth"):
            print(position.contract_desc, position.position)
        response = client.with_response(client.portfolio.positions, "U1", 0, model="Growth")
        assert_type(response, Response[list[models.portfolio.Position]])
        print(response.status, response.elapsed, response.unknown_fields())
        assert_type(client.raw(client.portfolio.ledger, "U1"), RawResponse)
        with client.download(client.reports.tax_document, account_id="U1", year=2025) as file:
            assert_type(file.save("tax.pdf"), int)
        print(rows(positions), columns(positions), positions[0].to_dict())


def orders(client: Client) -> None:
    order = models.orders.Order(
        conid=265598,
        side="BUY",
        order_type="LMT",
        price=Decimal("189.10"),
        quantity=1,
        tif="DAY",
    )
    client.orders.submit("U1234567", orders=[order])
    client.orders.submit("U1234567", orders=[{"conid": 1, "side": "BUY"}, order])
    client.orders.submit("U1234567", models.orders.OrdersRequest(orders=[order]))
    client.orders.submit("U1234567", {"orders": [order]}, extra_query={"force": True})
    try:
        client.accounts.switch(acct_id="U7654321")
    except errors.NoBrokerageSession as error:
        print(error.hint, error.is_retryable)
    except ApiError as error:
        assert_type(error.status, int)


def helpers(row: models.market_data.MarketDataSnapshotItem) -> None:
    price = values.price(row.additional.get("31"))
    if price is not None and price.flag != "halted":
        assert_type(price.value, Decimal)
    collector = DriftCollector()
    collector.export("drift")


async def asynchronous() -> None:
    async with AsyncClient(retry=Retry(idempotent=True)) as client:
        assert_type(await client.portfolio.positions("U1", 0), list[models.portfolio.Position])
        walk = client.portfolio.iter_positions("U1")
        assert_type(walk, AsyncIterator[models.portfolio.Position])
        async for position in walk:
            print(position.mkt_price)
        response = await client.with_response(client.portfolio.positions, "U1", 0)
        assert_type(response, Response[list[models.portfolio.Position]])
        anything: Any = await client.request("get_portfolio_ledger", account_id="U1")
        async with await client.download(client.reports.tax_document, account_id="U1") as file:
            async for piece in file:
                assert_type(piece, bytes)
        print(anything)


def mistakes(client: Client) -> None:
    client.portfolio.positions("U1", "0")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.portfolio.positions("U1", 0, timeuot=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    print(client.portfolio.positions("U1", 0)[0].conidd)  # type: ignore[attr-defined]  # pyright: ignore
    client.orders.submit("U1", orders=[1])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    models.orders.Order(conid=1, side="BYU", order_type="LMT")  # type: ignore  # pyright: ignore
