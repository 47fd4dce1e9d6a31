"""People's words: every call has a name that a person chose, a summary, and parameters with a meaning."""

import re
from collections.abc import Iterator

import pytest

from generator.naming import curated
from normalizer import pipeline
from normalizer.document import Json
from normalizer.structure import Document, Operation

SUMMARY_MOST = 80
MOST_USED = (
    "brokerageSessionStatus",
    "BrokerageSessionStatusServerInfo",
    "brokerageSessionInitRequest",
    "successfulTickleResponse",
    "ssoValidateResponse",
    "SsoValidateResponseFeatures",
    "setAccountResponse",
    "userAccountsResponse",
    "UserAccountsResponseAcctPropsValue",
    "UserAccountsResponseAllowFeatures",
    "PnlPartitionedResponseUpnlValue",
    "accountSummaryResponse",
    "AccountSummaryResponseCashBalance",
    "singleOrderSubmissionRequest",
    "OrderReplyMessageItem",
    "OrderSubmitSuccessItem",
    "orderSubmitError",
    "advancedOrderReject",
    "orderPreview",
    "OrderPreviewAmount",
    "OrderPreviewEquity",
    "OrderPreviewInitial",
    "OrderPreviewMaintenance",
    "OrderPreviewPosition",
    "orderStatus",
    "liveOrdersResponse",
    "LiveOrdersResponseOrder",
    "orderCancelSuccess",
    "TradesResponseItem",
    "accountAttributes",
    "AccountAttributesParent",
    "individualPosition",
    "Portfolio2Position",
    "portfolioSummaryValue",
    "LedgerValue",
    "TradingError",
    "contractInfo",
    "contractRules",
    "SecdefSearchResponseItem",
    "SecdefSearchResponseItemSection",
    "secDefInfoResponse",
    "TrsrvSecDefResponseSecdefItem",
    "StocksValueItemContract",
    "CurrencyPairsValueItem",
    "iserverHistoryLastResponse",
    "singleHistoricalBarLast",
    "iserverScannerRunRequest",
    "IserverScannerRunResponseContract",
    "alert",
    "alertDetails",
    "alertCondition",
    "alertCreationRequest",
    "Notification",
    "singleWatchlistEntry",
)
"""Schemas of session, accounts, orders, portfolio, contracts, bars, scanners, alerts and watchlists."""


@pytest.fixture(scope="module")
def document(result: pipeline.Result) -> Document:
    return result.document


def erased(operation: Operation) -> str:
    return f"{operation.method.upper()} {re.sub(r'{[^}]*}', '{}', operation.path)}"


def missing(operations: Iterator[Operation] | list[Operation], key: str) -> list[str]:
    return [operation.key for operation in operations if not operation.value.get(key, "").strip()]


def test_every_operation_has_a_name_that_a_person_chose(document: Document) -> None:
    unnamed = [o.key for o in document.operations if erased(o) not in curated.METHODS]
    assert unnamed == []


@pytest.mark.parametrize("key", ["summary", "description"])
def test_every_operation_is_explained(document: Document, key: str) -> None:
    assert missing(document.operations, key) == []


def test_summaries_are_one_short_sentence(document: Document) -> None:
    summaries = {o.key: o.value["summary"] for o in document.operations}
    bad = {k: s for k, s in summaries.items() if len(s) > SUMMARY_MOST or not s.endswith(".")}
    assert bad == {}


def test_every_parameter_is_explained(document: Document) -> None:
    silent = [
        f"{operation.key} {parameter['name']}"
        for operation in document.operations
        for parameter in map(document.resolve, operation.value.get("parameters", ()))
        if not parameter.get("description", "").strip()
    ]
    assert silent == []


def test_every_body_is_explained(document: Document) -> None:
    silent = [
        operation.key
        for operation in document.operations
        if "requestBody" in operation.value
        and not (
            operation.value["requestBody"].get("description")
            or document.resolve(operation.value["requestBody"]).get("description")
        )
    ]
    assert silent == []


def test_every_field_of_the_schemas_people_use_most_is_explained(document: Document) -> None:
    schemas = document.root["components"]["schemas"]
    silent = [
        f"{name}.{field}"
        for name in MOST_USED
        for field, schema in schemas[name]["properties"].items()
        if not schema.get("description", "").strip()
    ]
    assert silent == []


def test_every_tag_is_explained(document: Document) -> None:
    used = {tag for operation in document.operations for tag in operation.value["tags"]}
    explained = {tag["name"] for tag in document.root["tags"] if tag.get("description")}
    assert used - explained == set()


def test_every_channel_and_field_is_explained(document: Document) -> None:
    channels = document.root["x-bezant-channels"]
    fields = document.root["x-bezant-market-data-fields"]
    assert [name for name, value in channels.items() if not value.get("summary")] == []
    assert [code for code, value in fields.items() if not value.get("description")] == []


def test_names_do_not_stutter(document: Document) -> None:
    named = [
        (curated.RESOURCES[operation.value["tags"][0]], curated.METHODS[erased(operation)])
        for operation in document.operations
    ]
    stutter = [f"{group}.{method}" for group, method in named if group.rstrip("s") in method]
    assert stutter == []


def words_of(node: Json) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("summary", "description") and isinstance(value, str):
                yield value
            else:
                yield from words_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from words_of(value)


def test_words_name_no_account_but_the_stand_ins(document: Document) -> None:
    accounts = {a for text in words_of(document.root) for a in re.findall(r"\bD?U\d{5,}\b", text)}
    assert accounts <= {"U1234567", "DU1234567"}
