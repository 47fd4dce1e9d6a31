"""Names: derived by rule, unique in their scope, and never changed once given out."""

import json
from collections import Counter
from typing import Any, Final

import pytest

from generator.build import build
from generator.ir import Api
from generator.naming import NameLock, Names, curated, name_api
from generator.naming.service import operation_key
from generator.naming.words import pascal, snake, words
from generator.usage import analyse
from normalizer.diagnostics import FindingsError
from tests.generator import workshop
from tests.generator.fragments import COUNT, TEXT, Node, asks, parameter, reads, record, ref

LATER_METHODS: Final[frozenset[str]] = frozenset()
"""Curated operations that the pinned revision of the document does not have."""


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        ("conidEx", "conid_ex"),
        ("acctIDs", "acct_ids"),
        ("PnL", "pnl"),
        ("isFT", "is_ft"),
        ("startNAV", "start_nav"),
        ("84_raw", "84_raw"),
        ("daytradesremainingt+1", "daytradesremainingt_plus_1"),
        ("Lk Ahd Excss Lqdty", "lk_ahd_excss_lqdty"),
        ("@ Opn", "at_opn"),
        ("FYIs", "fyis"),
        ("_updated", "updated"),
        ("formW8BENE", "form_w8_bene"),
        ("OAuthToken", "oauth_token"),
        ("HTTPServer", "http_server"),
        ("mkt-data", "mkt_data"),
        ("", ""),
        ("日本", ""),
    ],
)
def test_snake(wire: str, expected: str) -> None:
    assert snake(wire) == expected


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        ("conidEx", "ConidEx"),
        ("acctIDs", "AcctIDs"),
        ("PnL", "PnL"),
        ("84_raw", "84Raw"),
        ("formW8BENE", "FormW8BENE"),
        ("daytradesremainingt+1", "DaytradesremainingtPlus1"),
        ("Lk Ahd Excss Lqdty", "LkAhdExcssLqdty"),
        ("@ Opn", "AtOpn"),
        ("_updated", "Updated"),
        ("", ""),
    ],
)
def test_pascal(wire: str, expected: str) -> None:
    assert pascal(wire) == expected


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        ("acctIDs", ["acct", "ids"]),
        ("FYIs", ["fyis"]),
        ("startNAV", ["start", "nav"]),
        ("50%", ["50", "percent"]),
        ("a&b", ["a", "and", "b"]),
    ],
)
def test_words(wire: str, expected: list[str]) -> None:
    assert words(wire) == expected


# --- Small documents -----------------------------------------------------------------------------


def _named(source: Node, lock: NameLock | None = None) -> Names:
    return _of_root(workshop.normalised(source), lock)


def _of_root(root: dict[str, Any], lock: NameLock | None = None) -> Names:
    api, _ = build(root, "naming.json")
    return name_api(api, lock or NameLock(), analyse(api).reached)


def _fields(*wires: str, lock: NameLock | None = None) -> Names:
    return _named(reads(ref("M"), {"M": record(dict.fromkeys(wires, TEXT))}), lock)


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        ("from", "from_"),
        ("class", "class_"),
        ("None", "none"),
        ("match", "match_"),
        ("list", "list_"),
        ("str", "str_"),
        ("date", "date"),
        ("type", "type"),
        ("31", "field_31"),
        ("84_raw", "field_84_raw"),
        ("+", "plus"),
        ("日本", "field"),
        ("conidex", "conid_ex"),
        ("__class__", "class_"),
    ],
)
def test_attributes(wire: str, expected: str) -> None:
    assert _fields(wire).field("M", wire) == expected


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        ("id", "id_"),
        ("type", "type_"),
        ("body", "body_"),
        ("self", "self_"),
        ("sectype", "sec_type"),
    ],
)
def test_arguments(wire: str, expected: str) -> None:
    names = _named(asks("/x", parameter(wire, "query", TEXT)))
    assert names.table[f"argument:GET /x#query:{wire}"] == expected


@pytest.mark.parametrize(
    ("component", "expected"),
    [
        ("any", "Any_"),
        ("model", "Model_"),
        ("None", "None_"),
        ("client", "Client_"),
        ("operation", "Operation_"),
        ("31st", "Model31st"),
        ("singleOrderSubmissionRequest", "Order"),
    ],
)
def test_classes(component: str, expected: str) -> None:
    names = _named(reads(ref(component), {component: record({"x": TEXT})}))
    assert names.model(component) == expected


def test_bars_get_words_for_letters() -> None:
    names = _fields("o", "h", "l", "c", "v", "t")
    found = [names.field("M", wire) for wire in "ohlcvt"]
    assert found == ["open", "high", "low", "close", "volume", "time"]


def test_collision_is_numbered_and_reported() -> None:
    names = _fields("accountId", "account_id", "AccountID")
    found = [names.field("M", wire) for wire in ("accountId", "account_id", "AccountID")]
    assert found == ["account_id", "account_id_2", "account_id_3"]
    assert [item.code for item in names.diagnostics] == ["name-collision"] * 2
    assert "field:M#account_id" in names.diagnostics[0].message
    assert "account_id_2" in names.diagnostics[0].message


def test_no_collision_is_not_reported() -> None:
    assert _fields("accountId", "from").diagnostics == []


def test_path_and_query_parameter_of_one_name() -> None:
    names = _named(
        asks(
            "/x/{id}", parameter("id", "path", TEXT, required=True), parameter("id", "query", TEXT)
        )
    )
    assert names.table["argument:GET /x/{}#path:id"] == "id_"
    assert names.table["argument:GET /x/{}#query:id"] == "id__2"


# --- The lock ------------------------------------------------------------------------------------


def test_locked_name_wins() -> None:
    names = _fields("accountId", lock=NameLock({"field:M#accountId": "account"}))
    assert names.field("M", "accountId") == "account"


def test_locked_name_is_not_given_to_another() -> None:
    names = _fields("account", "accountId", lock=NameLock({"field:M#accountId": "account"}))
    assert names.field("M", "account") == "account_2"


def test_symbol_inserted_earlier_renames_nothing() -> None:
    first = _fields("account_id")
    second = _fields("accountId", "account_id", lock=NameLock(first.table))
    assert second.field("M", "account_id") == "account_id"
    assert second.field("M", "accountId") == "account_id_2"


@pytest.mark.parametrize("order", [("accountId", "account_id"), ("account_id", "accountId")])
def test_symbol_that_returns_never_shares_its_name(order: tuple[str, str]) -> None:
    """A name stays reserved while its symbol is away, so its return is no collision."""
    lock = NameLock()
    for wires in (order[:1], order[1:], order):
        names = _fields(*wires, lock=lock)
        lock = NameLock(lock.merged(names.table))
    given = [names.field("M", wire) for wire in order]
    assert len(set(given)) == len(order)


def test_changed_name_is_refused() -> None:
    lock = NameLock({"model:Order": "Order", "model:Gone": "Gone"})
    lock.verify({"model:Order": "Order", "model:New": "New"}, "names.lock.json")
    with pytest.raises(FindingsError) as caught:
        lock.verify({"model:Order": "Bestellung"}, "names.lock.json")
    diagnostic = caught.value.diagnostic
    assert (diagnostic.file, diagnostic.pointer) == ("names.lock.json", "/model:Order")
    assert "'Order'" in diagnostic.message
    assert "'Bestellung'" in diagnostic.message


def test_vanished_names_stay_in_the_lock_sorted() -> None:
    lock = NameLock({"model:Gone": "Gone", "model:B": "B"})
    merged = lock.merged({"model:A": "A", "model:B": "B"})
    assert list(merged.items()) == [("model:A", "A"), ("model:B", "B"), ("model:Gone", "Gone")]


def test_lock_is_read_by_language() -> None:
    locked = {"python": {"model:A": "A"}, "go": {"model:A": "B"}}
    assert NameLock.from_json(locked, "python").names == {"model:A": "A"}
    assert NameLock.from_json(locked, "rust").names == {}


# --- The committed document ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def committed() -> Api:
    path = workshop.ROOT / "spec" / "normalized" / "openapi.json"
    api, _ = build(json.loads(path.read_bytes()), str(path))
    return api


def test_curated_methods_exist(committed: Api) -> None:
    known = {operation_key(operation) for operation in committed.operations}
    assert set(curated.METHODS) - known == LATER_METHODS


def test_curated_models_exist(committed: Api) -> None:
    assert set(curated.MODELS) <= set(committed.declarations)


def test_resource_and_method_are_unique(committed: Api) -> None:
    names = name_api(committed, NameLock(), analyse(committed).reached)
    pairs = Counter((names.resource(op.tag), names.method(op)) for op in committed.operations)
    assert [pair for pair, count in pairs.items() if count > 1] == []


def test_names_without_the_lock_are_those_of_the_lock(committed: Api) -> None:
    """A first build and the thousandth give the same names, as long as nothing has been renamed."""
    path = workshop.ROOT / "spec" / "names.lock.json"
    locked = NameLock.from_json(json.loads(path.read_bytes()), "python")
    names = name_api(committed, locked, analyse(committed).reached)
    locked.verify(names.table, str(path))
    assert set(names.table) <= set(locked.names)


def test_curated_methods_are_taken_as_they_are(committed: Api) -> None:
    """A name that people chose is what users call: a reserved word needs another choice."""
    names = name_api(committed, NameLock(), analyse(committed).reached)
    changed = {
        operation_key(op): names.method(op)
        for op in committed.operations
        if curated.METHODS.get(operation_key(op), names.method(op)) != names.method(op)
    }
    assert changed == {}


def test_numbers_are_words_too() -> None:
    names = _named(reads(ref("M"), {"M": record({"31": COUNT, "84": COUNT})}))
    assert [names.field("M", wire) for wire in ("31", "84")] == ["field_31", "field_84"]
