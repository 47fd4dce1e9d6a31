"""Bodies: a model, a dictionary or keywords; checked before anything is sent."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from bezant_api import OPERATIONS, errors, models

from tests.client.scripted import answer, scripted

ORDER: dict[str, Any] = {
    "conid": 265598,
    "orderType": "MKT",
    "side": "BUY",
    "tif": "DAY",
    "quantity": 1,
}


def sent_by(call: Any, **options: Any) -> Any:
    client, script = scripted([answer([{"order_id": "1"}])], **options)
    call(client)
    body = script.sent[0].body
    assert body is not None
    return body


def test_a_model_a_dictionary_and_keywords_send_the_same() -> None:
    order = models.orders.Order(conid=265598, order_type="MKT", side="BUY", tif="DAY", quantity=1)
    model = models.orders.OrdersRequest(orders=[order])
    bodies = [
        sent_by(lambda client: client.orders.submit("U1", model)),
        sent_by(lambda client: client.orders.submit("U1", {"orders": [ORDER]})),
        sent_by(lambda client: client.orders.submit("U1", {"orders": [order]})),
        sent_by(lambda client: client.orders.submit("U1", orders=[order])),
        sent_by(lambda client: client.orders.submit("U1", orders=[ORDER])),
        sent_by(lambda client: client.orders.submit("U1", orders=(ORDER,))),
    ]
    plain = [msgspec.json.decode(body) for body in bodies]
    assert plain == [{"orders": [ORDER]}] * len(bodies)


@pytest.mark.parametrize(
    ("price", "written"),
    [
        (Decimal("189.10"), b"189.10"),
        (Decimal("1E-7"), b"1E-7"),
        (Decimal("123456789012345678.123456789"), b"123456789012345678.123456789"),
        (2**60 + 1, b"1152921504606846977"),
        (0.1, b"0.1"),
    ],
)
@pytest.mark.parametrize("extra", [{}, {"extra_body": {"new": 1}}])
def test_numbers_keep_their_digits(price: Any, written: bytes, extra: dict[str, Any]) -> None:
    order = {**ORDER, "orderType": "LMT", "price": price}
    body = sent_by(lambda client: client.orders.submit("U1", orders=[order], **extra))
    assert b'"price":' + written in body


@pytest.mark.parametrize(
    ("orders", "message"),
    [
        ([{**ORDER, "side": "BYU"}], r"Invalid enum value 'BYU' - at `\$.orders\[0\].side`"),
        ([{**ORDER, "quantiy": 1}], "no field /orders/0/quantiy, perhaps 'quantity' is meant"),
        ([{**ORDER, "conid": "1"}], r"at `\$.orders\[0\].conid`"),
        ([{**ORDER, "quantity": float("nan")}], r"got `null` - at `\$.orders\[0\].quantity`"),
        ([{"conid": 1}], "missing required field"),
        ("AAPL", "Expected `array`"),
        (None, "Expected `array`, got `null`"),
        ([object()], "cannot be written"),
    ],
)
def test_what_does_not_fit_is_not_sent(orders: Any, message: str) -> None:
    client, script = scripted([])
    with pytest.raises(errors.ArgumentError, match=message):
        client.orders.submit("U1", orders=orders)
    assert script.sent == []


def test_a_model_is_checked_too() -> None:
    order = models.orders.Order(
        conid=1,
        order_type="MKT",
        side="BYU",  # type: ignore[arg-type]
        tif="DAY",
        quantity=1,
    )
    client, script = scripted([])
    with pytest.raises(errors.ArgumentError, match="Invalid enum value 'BYU'"):
        client.orders.submit("U1", orders=[order])
    assert script.sent == []


def test_a_body_and_its_fields_are_not_mixed() -> None:
    client, _ = scripted([])
    with pytest.raises(errors.ArgumentError, match=r"either body or its fields \(orders\)"):
        client.orders.submit("U1", {"orders": []}, orders=[])


def test_a_required_body_is_required() -> None:
    client, _ = scripted([])
    with pytest.raises(errors.ArgumentError, match="a body is required"):
        client.orders.submit("U1")


def test_extra_fields_go_over_the_checked_body() -> None:
    body = sent_by(
        lambda client: client.orders.submit("U1", orders=[ORDER], extra_body={"orders": 1, "x": 2})
    )
    assert msgspec.json.decode(body) == {"orders": 1, "x": 2}
    body = sent_by(
        lambda client: client.orders.submit("U1", extra_body={"x": 2}),
    )
    assert msgspec.json.decode(body) == {"x": 2}


def test_extra_fields_need_a_body_with_fields() -> None:
    client, _ = scripted([])
    with pytest.raises(errors.ArgumentError, match="takes no body"):
        client.portfolio.ledger("U1", extra_body={"x": 1})


def test_null_and_absent_are_told_apart() -> None:
    nullable = OPERATIONS["post_iserver_account_orders"]
    assert nullable.body is not None
    order = models.orders.Order(conid=1, order_type="MKT", side="BUY", tif="DAY", quantity=1)
    assert b"acctId" not in msgspec.json.encode(order)


def test_forms_are_written_as_forms() -> None:
    form = next(o for o in OPERATIONS.values() if o.body and "form" in o.body.media_type)
    client, script = scripted([answer({})])
    fields = {name: f"a&b {name}" for name, _ in (form.body.fields if form.body else ())}
    client.request(form.id, body=fields, extra_body={"more": "c=d"})
    pairs = [*(f"{name}=a%26b+{name}" for name in fields), "more=c%3Dd"]
    assert script.sent[0].body == "&".join(pairs).encode()


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.id)
def test_keywords_of_every_body_are_fields_of_its_type(operation: Any) -> None:
    fields = dict(operation.body.fields) if operation.body else {}
    if fields:
        kind = operation.body.type()
        names = dict(zip(kind.__struct_encode_fields__, kind.__struct_fields__, strict=True))
        assert fields.items() <= names.items()
    assert not set(fields.values()) & {p.argument for p in operation.parameters}
