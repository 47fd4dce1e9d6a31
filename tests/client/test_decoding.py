"""Bodies become values: strict, lax, salvaged, and never lost."""

import json
from typing import Any, Literal

import msgspec
import pytest
from bezant_api import OPERATIONS, Model, SchemaDrift
from bezant_api.core.decoding import decode_json, decoder
from bezant_api.core.errors import DecodeError
from bezant_api.core.unions import union
from hypothesis import given
from hypothesis import strategies as st


class Leg(Model, kw_only=True):
    conid: int | None = None
    ratio: float | None = None


class Trade(Model, kw_only=True):
    trade_id: str | None = msgspec.field(name="tradeId", default=None)
    size: float | None = None
    side: Literal["BUY", "SELL"] | str | None = None
    legs: list[Leg] | None = None
    by_account: dict[str, Leg] | None = msgspec.field(name="byAccount", default=None)
    extra: Any = None


class Refusal(Model, kw_only=True):
    error: str | None = None


Answer = union("Answer", lambda: (Trade, Refusal, list[Trade], str))
Tagged = union("Tagged", lambda: (Trade, Refusal), tag="kind", mapping={"no": 1, "yes": 0})


def decode(payload: Any, kind: Any = Trade, **options: Any) -> tuple[Any, list[SchemaDrift]]:
    drifts: list[SchemaDrift] = []
    body = json.dumps(payload).encode()
    return decode_json(body, kind, operation="op", on_drift=drifts.append, **options), drifts


def test_what_fits_is_typed_without_drift() -> None:
    value, drifts = decode({"tradeId": "1", "size": 2, "legs": [{"conid": 3}], "new": 1})
    assert value == Trade(trade_id="1", size=2.0, legs=[Leg(conid=3)])
    assert drifts == []


def test_numbers_in_quotes_are_read_where_a_number_is_due_and_the_first_is_reported() -> None:
    value, drifts = decode({"legs": [{"conid": 1}, {"conid": "265598"}], "size": "2.5"})
    assert (value.size, value.legs[1].conid) == (2.5, 265598)
    assert drifts == [SchemaDrift("op", "/legs/1/conid", "int | null", "265598", "coerced")]


def test_a_number_in_quotes_below_a_map_is_reported_at_any_key() -> None:
    _, drifts = decode({"byAccount": {"U1": {"ratio": "1"}}})
    assert [(drift.pointer, drift.kind) for drift in drifts] == [("/byAccount/*/ratio", "coerced")]


def test_what_does_not_fit_is_kept_and_reported() -> None:
    legs = [{"conid": "x"}, {"conid": 1}, "none"]
    value, drifts = decode(
        {"tradeId": 7, "size": "n/a", "legs": legs, "byAccount": {"a/b": {"ratio": []}}}
    )
    assert (value.trade_id, value.size) == (7, "n/a")
    assert (value.legs[0].conid, value.legs[1], value.legs[2]) == ("x", Leg(conid=1), "none")
    assert value.by_account["a/b"].ratio == []
    assert {drift.pointer: drift.got for drift in drifts} == {
        "/tradeId": 7,
        "/size": "n/a",
        "/legs/0/conid": "x",
        "/legs/2": "none",
        "/byAccount/a~1b/ratio": [],
    }
    assert {drift.operation for drift in drifts} == {"op"}
    assert drifts[0].expected == "str | none"


def test_strict_mode_refuses_what_does_not_fit() -> None:
    with pytest.raises(DecodeError, match=r"\$\.size"):
        decode({"size": "n/a"}, mode="strict")


@pytest.mark.parametrize("mode", ["lenient", "strict"])
@pytest.mark.parametrize("body", [b"", b"  ", b"{", b'[{"size": 1.0', b'{"a": 1}}', b"[" * 100_000])
def test_a_body_that_is_not_whole_is_an_error_that_keeps_it(
    body: bytes, mode: Literal["lenient", "strict"]
) -> None:
    with pytest.raises(DecodeError, match="op: ") as caught:
        decode_json(body, Trade, operation="op", mode=mode)
    assert caught.value.body == body


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<html>", "<html>"),
        (b"Success", "Success"),
        (b'{"size": NaN}', "nan"),
        (b'{"size": Infinity}', "inf"),
        (b'{"side": "\xff"}', "\ufffd"),
        (b'\xef\xbb\xbf{"size": 1.0}', "1.0"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b'"\xff"', "\ufffd"),
    ],
)
def test_what_is_not_quite_json_is_kept_and_reported(body: bytes, expected: str) -> None:
    drifts: list[SchemaDrift] = []
    value = decode_json(body, Trade, operation="op", on_drift=drifts.append)
    got = value if isinstance(value, str) else value.side or value.size
    assert str(got) == expected
    assert drifts[0].kind == "body"
    with pytest.raises(DecodeError) as caught:
        decode_json(body, Trade, operation="op", mode="strict")
    assert caught.value.body == body


def test_an_integer_of_any_size_is_read_exactly() -> None:
    huge = 10**40
    value, drifts = decode({"extra": huge})
    assert (value.extra, drifts) == (huge, [])


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"tradeId": "1"}, Trade(trade_id="1")),
        ({"error": "no"}, Refusal(error="no")),
        ([{"size": 1.0}], [Trade(size=1.0)]),
        ("text", "text"),
        ({}, Trade()),
        ([], []),
    ],
)
def test_unions_find_their_branch_by_kind_and_keys(payload: Any, expected: Any) -> None:
    assert decode(payload, Answer) == (expected, [])
    assert decode([payload], list[Answer | None]) == ([expected], [])  # type: ignore[valid-type]


def test_a_tag_decides_before_the_keys() -> None:
    assert decode({"kind": "no", "tradeId": "1", "size": 1}, Tagged)[0] == Refusal()
    assert decode({"kind": "?", "tradeId": "1"}, Tagged)[0] == Trade(trade_id="1")


def test_a_union_without_a_branch_for_a_value_keeps_it() -> None:
    value, drifts = decode(5, Tagged)
    assert value == 5
    assert drifts == [SchemaDrift("op", "", "Tagged", 5)]


def test_a_damaged_branch_is_salvaged() -> None:
    value, drifts = decode({"error": ["a"], "message": "b"}, Answer)
    assert value == Refusal(error=["a"])  # type: ignore[arg-type]
    assert [drift.pointer for drift in drifts] == ["/error"]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["tradeId", "size", "side", "legs", "byAccount", "conid", "ratio", "error", "x"]
        ),
        inner,
    ),
    max_leaves=12,
)


@given(JSON)
def test_lenient_decoding_never_raises_on_json(payload: Any) -> None:
    for kind in (Trade, list[Trade], dict[str, Trade], Answer, Tagged, str, float, int | None):
        decode(payload, kind)


@given(st.fixed_dictionaries({"tradeId": JSON, "size": JSON, "legs": JSON}))
def test_lenient_decoding_keeps_every_wrong_value(payload: dict[str, Any]) -> None:
    value, drifts = decode(payload)
    for drift in drifts:
        place: Any = payload
        for token in drift.pointer.split("/")[1:]:
            key = token.replace("~1", "/").replace("~0", "~")
            place = place[int(key)] if isinstance(place, list) else place[key]
        assert drift.got == place
    assert isinstance(value, Trade)


def test_every_decoder_of_every_operation_builds() -> None:
    built = 0
    for operation in OPERATIONS.values():
        bodies = [] if operation.body is None else [operation.body.type, operation.body.claims]
        types = [
            *(r.type for r in operation.responses),
            *(p.type for p in operation.parameters),
            *bodies,
        ]
        for lazy in filter(None, types):
            for strict in (True, False):
                assert decoder(lazy(), strict=strict)
                built += 1
    assert built > 1500


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("application/json", b"", None),
        ("text/html", b"<p>gr\xc3\xbc\xc3\x9fe</p>", "<p>grüße</p>"),
        ("text/plain; charset=utf-8", b"\xff", "\ufffd"),
        ("application/pdf", b"%PDF", b"%PDF"),
        ("", b'{"session": "s"}', "s"),
        ("application/octet-stream", b"x", b"x"),
        ("Application/JSON;charset=UTF-8", b'{"session": "s"}', "s"),
    ],
)
def test_an_operation_decodes_by_content_type(
    content_type: str, body: bytes, expected: Any
) -> None:
    value = OPERATIONS["post_tickle"].decode(200, content_type, body)
    assert getattr(value, "session", value) == expected


def test_an_undeclared_status_is_plain_json() -> None:
    closed = next(
        o for o in OPERATIONS.values() if not any(r.status == "default" for r in o.responses)
    )
    assert closed.decode(418, "application/json", b'{"a": 1}') == {"a": 1}


def test_a_body_without_content_type_is_what_the_document_declares() -> None:
    with pytest.raises(DecodeError, match="no JSON"):
        OPERATIONS["post_tickle"].decode(200, "", b"{")
    assert OPERATIONS["post_tickle"].decode(418, "", b"x") == b"x"


Open = union("Open", lambda: (Trade | None, Refusal | str))


def test_a_branch_that_is_itself_a_union_is_judged_by_its_parts() -> None:
    for payload, expected in (
        ({"tradeId": "1"}, Trade(trade_id="1")),
        ({"error": "x"}, Refusal(error="x")),
    ):
        assert decode(payload, Open) == (expected, [])
    assert decode("text", Open) == ("text", [])
