"""The document of the sidecar, the page that shows it, and the one envelope of errors."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from bezant_api import OPERATIONS
from bezant_api.sidecar import Unimplemented, create_app
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.runtime.chromium import chromium
from tests.runtime.judged import DOCUMENT
from tests.sidecar.serving import http, served
from tests.typescript.browser import browser


@pytest.fixture(scope="module")
def client() -> Iterator[httpx2.Client]:
    app = create_app(Unimplemented(), server_url="https://sidecar.example/")
    with served(app) as url, http(url) as client:
        yield client


# --- The document --------------------------------------------------------------------------------


def test_it_is_the_normalised_document(client: httpx2.Client) -> None:
    document = client.get("/openapi.json").json()
    normal = json.loads(DOCUMENT.read_bytes())
    assert document["servers"] == [{"url": "https://sidecar.example/"}]
    assert document["info"] == normal["info"]
    found = {
        operation["operationId"]: (method.upper(), path)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict) and "operationId" in operation
    }
    assert found == {name: (op.method, op.base_path + op.path) for name, op in OPERATIONS.items()}
    ours = document["components"]["schemas"].pop("SidecarProblem")
    assert set(ours["properties"]) == {"code", "message", "request_id", "details"}
    assert document["components"] == normal["components"]


def test_it_is_a_document(client: httpx2.Client) -> None:
    document: dict[str, Any] = client.get("/openapi.json").json()
    errors = OpenAPIV31SpecValidator(document).iter_errors()
    assert [error.message for error in errors] == []


@pytest.mark.slow
def test_it_comes_compressed_where_that_is_taken(client: httpx2.Client) -> None:
    plain = client.get("/openapi.json", headers={"Accept-Encoding": "identity"})
    with client.stream("GET", "/openapi.json", headers={"Accept-Encoding": "gzip"}) as answer:
        zipped = b"".join(answer.iter_raw())
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(zipped) == plain.content
    assert len(zipped) * 5 < len(plain.content)


# --- The page ------------------------------------------------------------------------------------


def test_the_page_needs_no_other_host(client: httpx2.Client) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert links
    for link in links:
        assert "//" not in link
        if not link.startswith("data:"):
            assert client.get(f"/{link.removeprefix('./')}").status_code == 200


def test_the_page_in_a_browser(client: httpx2.Client, tmp_path: Path) -> None:
    program = browser()
    if program is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    app = create_app(Unimplemented())
    with served(app) as url, chromium(program, tmp_path) as page:
        page.open(f"{url}/docs")
        page.wait_for("document.querySelectorAll('.opblock-tag').length > 20")
        text = page.value("document.body.innerText")
    assert "Trading Market Data" in text


# --- Errors --------------------------------------------------------------------------------------

SNAPSHOT = "/v1/api/iserver/marketdata/snapshot"
ORDERS = "/v1/api/iserver/account/U1/orders"
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("method", "path", "more", "status", "code", "place"),
    [
        ("GET", "/nothing", {}, 404, "not_found", ""),
        ("PUT", SNAPSHOT, {}, 405, "method_not_allowed", ""),
        ("GET", SNAPSHOT, {}, 422, "validation_failed", "query.conids"),
        ("GET", f"{SNAPSHOT}?conids=a", {}, 422, "validation_failed", "query.conids.0"),
        ("POST", ORDERS, {"content": b"{", "headers": JSON}, 422, "validation_failed", "body"),
        ("POST", ORDERS, {"json": {"orders": 1}}, 422, "validation_failed", "body"),
        ("POST", ORDERS, {}, 422, "validation_failed", "body"),
        (
            "POST",
            ORDERS,
            {"content": b"<a/>", "headers": {"Content-Type": "text/xml"}},
            415,
            "unsupported_media_type",
            "",
        ),
        ("GET", "/v1/api/portfolio/accounts", {}, 501, "not_implemented", ""),
    ],
)
def test_errors_have_one_envelope(
    client: httpx2.Client,
    method: str,
    path: str,
    more: dict[str, Any],
    status: int,
    code: str,
    place: str,
) -> None:
    answer = client.request(method, path, **more)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/json"
    assert body["request_id"] == answer.headers["x-request-id"]
    assert body["message"]
    assert [detail["place"] for detail in body.get("details", [])] == ([place] if place else [])


def test_a_wrong_method_names_those_there_are(client: httpx2.Client) -> None:
    assert client.put(SNAPSHOT).headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("sent", "is_taken"), [("a-b.c_9", True), ("x" * 129, False), ("a b", False), ("", False)]
)
def test_ids_of_requests(client: httpx2.Client, sent: str, is_taken: bool) -> None:
    answer = client.get("/nothing", headers={"X-Request-Id": sent})
    found = answer.headers.get_list("x-request-id")
    assert len(found) == 1
    assert (found[0] == sent) is is_taken
