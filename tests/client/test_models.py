"""Models as records: construction, wire names, pydantic, copies."""

import copy
import logging
import pickle
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from bezant_api import UNSET, models
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
