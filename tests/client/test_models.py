"""Models as records: construction, wire names, pydantic, copies."""

import copy
import logging
import pickle
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from bezant_api import OPERATIONS, UNSET, Model, columns, models, rows
from bezant_api.core.transport import verifies

ROOT = Path(__file__).resolve().parents[2]


def test_a_request_sends_what_was_set_under_wire_names() -> None:
    order = models.orders.Order(conid=1, order_type="MKT", side="BUY", tif="DAY", quantity=3)
    assert msgspec.json.decode(msgspec.json.encode(order)) == {
        "conid": 1,
        "orderType": "MKT",
        "side": "BUY",
        "tif": "DAY",
        "quantity": 3,
    }
    assert order.acct_id is UNSET


def test_a_required_field_cannot_be_left_out() -> None:
    with pytest.raises(TypeError, match="Missing required argument 'order_type'"):
        models.orders.Order(conid=1)  # type: ignore[call-arg]


def test_models_compare_copy_and_pickle() -> None:
    position = models.portfolio.Position(conid=265598, position=3.5)
    assert position == copy.deepcopy(position) == pickle.loads(pickle.dumps(position))
    assert position != models.portfolio.Position(conid=265598)


def test_models_work_inside_pydantic() -> None:
    import pydantic

    class Book(pydantic.BaseModel):
        positions: list[models.portfolio.Position]

    book = Book.model_validate({"positions": [{"conid": 1, "mktPrice": 2.5}]})
    assert book.positions == [models.portfolio.Position(conid=1, mkt_price=2.5)]
    assert book.model_dump(mode="json") == {"positions": [{"conid": 1, "mktPrice": 2.5}]}
    with pytest.raises(pydantic.ValidationError, match="Expected `int"):
        Book.model_validate({"positions": [{"conid": []}]})


def test_a_model_is_useful_as_text_and_shows_no_secret() -> None:
    position = models.portfolio.Position(conid=265598, contract_desc="AAPL")
    assert repr(position) == "Position(conid=265598, contract_desc='AAPL')"
    tickle = models.session.SuccessfulTickleResponse(session="5c0ffee5", user_id=7)
    assert "5c0ffee5" not in repr(tickle)
    assert "user_id=7" in repr(tickle)


def test_a_model_gives_and_takes_plain_values() -> None:
    position = models.portfolio.Position(conid=1, contract_desc="AAPL")
    assert position.to_dict() == {"conid": 1, "contract_desc": "AAPL"}
    wire = position.to_dict(wire_names=True)
    assert wire == {"conid": 1, "contractDesc": "AAPL"}
    assert models.portfolio.Position.from_dict(wire) == position
    with pytest.raises(msgspec.ValidationError):
        models.portfolio.Position.from_dict({"conid": []})


def test_an_open_model_gives_its_further_fields_where_the_wire_has_them() -> None:
    body = b'[{"conid": 1, "31": "C184.21", "84": 1.5}]'
    (row,) = OPERATIONS["get_iserver_marketdata_snapshot"].decode(200, "application/json", body)
    assert row.additional == {"31": "C184.21", "84": 1.5}
    assert row.to_dict(wire_names=True) == {"conid": 1, "31": "C184.21", "84": 1.5}
    assert copy.deepcopy(row) == pickle.loads(pickle.dumps(row)) == row


def test_models_match_by_keyword() -> None:
    match models.portfolio.Position(conid=1, position=2.0):
        case models.portfolio.Position(conid=1, position=float(size)):
            assert size == 2.0
        case _:
            pytest.fail("no match")


def test_every_model_copies_pickles_and_shows() -> None:
    seen = 0
    for name in dir(models):
        module = getattr(models, name)
        for kind in vars(module).values():
            if (
                isinstance(kind, type)
                and issubclass(kind, Model)
                and kind.__module__ == module.__name__
            ):
                required = [f for f in msgspec.structs.fields(kind) if f.required]
                record = kind(**{f.name: None for f in required})
                assert pickle.loads(pickle.dumps(record)) == copy.copy(record) == record
                assert repr(record).startswith(f"{kind.__name__}(")
                seen += 1
    assert seen > 400


def test_records_become_rows_and_columns() -> None:
    records = [
        models.portfolio.Position(conid=1, position=2.0),
        models.portfolio.Position(conid=2, currency="USD"),
    ]
    assert rows(records) == [
        {"conid": 1, "position": 2.0, "currency": None},
        {"conid": 2, "position": None, "currency": "USD"},
    ]
    assert columns(records)["conid"] == [1, 2]
    assert columns(records)["currency"] == [None, "USD"]
    assert rows([]) == []
    assert columns([]) == {}


def test_fastapi_takes_and_gives_models() -> None:
    from typing import Annotated

    import fastapi
    import pydantic
    from starlette.testclient import TestClient

    app = fastapi.FastAPI()

    class Book(pydantic.BaseModel):
        best: models.portfolio.Position

    @app.post("/one")
    def one(
        position: Annotated[models.portfolio.Position, fastapi.Body()],
    ) -> models.portfolio.Position:
        return position

    @app.post("/many")
    def many(
        position: Annotated[models.portfolio.Position, fastapi.Body()],
    ) -> list[models.portfolio.Position]:
        return [position]

    @app.post("/book")
    def book(book: Book) -> Book:
        return book

    wire = {"conid": 1, "contractDesc": "AAPL"}
    with TestClient(app) as client:
        assert client.post("/one", json=wire).json() == wire
        assert client.post("/many", json=wire).json() == [wire]
        assert client.post("/book", json={"best": wire}).json() == {"best": wire}
        refused = client.post("/one", json={"conid": []})
    assert refused.status_code == 422
    assert "Expected `int" in refused.text
    schema = app.openapi()
    text = str(schema)
    assert "contractDesc" in text
    assert "$defs" not in text


def test_every_model_has_a_json_schema() -> None:
    import pydantic

    for name in dir(models):
        module = getattr(models, name)
        for kind in vars(module).values():
            if (
                isinstance(kind, type)
                and issubclass(kind, Model)
                and kind.__module__ == module.__name__
            ):
                schema = pydantic.TypeAdapter(kind).json_schema()
                assert schema["title"] == kind.__name__


@pytest.mark.parametrize(
    ("url", "verify", "expected"),
    [
        ("https://localhost:5000", None, False),
        ("https://127.0.0.1:5000", None, False),
        ("https://[::1]:5000", None, False),
        ("https://api.ibkr.com", None, True),
        ("https://localhost.evil.example", None, True),
        ("https://localhost:5000", True, True),
        ("https://api.ibkr.com", False, False),
    ],
)
def test_certificates_are_verified_everywhere_but_on_loopback(
    url: str, verify: bool | None, expected: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    assert verifies(url, verify) is expected
    assert ("not verified" in caplog.text) is (verify is None and not expected)


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import bezant_api", {"msgspec", "httpx2", "bezant_api.models.orders"}),
        ("from bezant_api.models.orders import Order", {"httpx2", "bezant_api.models.portfolio"}),
        (
            "from bezant_api import OPERATIONS; len(OPERATIONS)",
            {"httpx2", "bezant_api.models.orders"},
        ),
        ("from bezant_api import Client", {"httpx2"}),
    ],
)
def test_nothing_is_loaded_before_it_is_used(statement: str, absent: set[str]) -> None:
    code = f"import sys; {statement}; print(*sorted({absent!r} & set(sys.modules)))"
    source = str(ROOT / "output/python/src")
    run = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {source!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == ""
