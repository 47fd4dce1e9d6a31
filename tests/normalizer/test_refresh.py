import gc
import re
import socket
import threading
import warnings
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import pytest

from normalizer import facts, refresh, workspace
from normalizer.diagnostics import EXIT_INPUT, InputError
from normalizer.document import Json, clone, dump, get, parse, read, sha256
from normalizer.structure import Document, Kind

ORIGINALS = Path(__file__).resolve().parents[3] / "shared" / "upstream"
NEEDS_ORIGINALS = pytest.mark.skipif(
    not ORIGINALS.is_dir(), reason=f"needs the published documents in {ORIGINALS}"
)
CUT_OFF = "cut off|cannot fetch"
Answer: TypeAlias = Callable[[BaseHTTPRequestHandler], None]
Serve: TypeAlias = Callable[[Answer], str]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Start a loopback server that gives one answer to everything; its URL."""
    monkeypatch.setenv("no_proxy", "*")
    started: list[tuple[HTTPServer, threading.Thread]] = []

    def start(answer: Answer) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer(self)

            def log_message(self, format: str, *args: object) -> None:
                """Keep the output of tests clean."""

        server = HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        started.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}/api-docs"

    yield start
    for server, thread in started:
        server.shutdown()
        thread.join()
        server.server_close()


def answering(body: bytes, status: int = 200, length: str | None = None) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)) if length is None else length)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def answering_raw(data: bytes) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(data)

    return answer


@pytest.fixture
def pinned(tmp_path: Path, space: workspace.Workspace) -> Path:
    """A folder with a copy of the committed pin and lock."""
    for path in (space.pin, space.lock):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refusal(source: str, folder: Path, restore_from: Path | None = None) -> str:
    """The message of a refused refresh, which has changed nothing."""
    before = contents(folder)
    with pytest.raises(InputError) as caught:
        refresh.refresh(source, folder, restore_from)
    assert caught.value.exit_code == EXIT_INPUT
    assert contents(folder) == before
    return str(caught.value)


def api(*paths: str, **more: Json) -> dict[str, Json]:
    operation = {"responses": {"200": {"description": "d"}}}
    item = {"get": operation}
    info = {"title": "t", "version": "9"}
    return {"openapi": "3.0.3", "info": info, "paths": dict.fromkeys(paths, item), **more}


# --- Success -------------------------------------------------------------------------------------


def test_refresh_from_a_file_gives_the_committed_pin(
    tmp_path: Path, space: workspace.Workspace
) -> None:
    made = refresh.refresh(str(space.pin), tmp_path)
    assert (tmp_path / "openapi.json").read_bytes() == space.pin.read_bytes()
    assert (made.version, made.operations) == ("2.29.0", 168)
    lock = read(tmp_path / "lock.json")
    assert lock["source"] == "openapi.json"
    assert lock["sha256"] == lock["pin_sha256"] == sha256(space.pin.read_bytes())
    assert lock["counts"] == read(space.lock)["counts"]
    assert "restored_from" not in lock


def test_refresh_from_a_server_replaces_the_pin(pinned: Path, pin: Json, serve: Serve) -> None:
    pin["info"] |= {"version": "2.30.0", "description": "Words."}
    body = dump(pin)
    url = serve(answering(body))
    made = refresh.refresh(url, pinned)
    after = read(pinned / "openapi.json")
    assert made.version == after["info"]["version"] == "2.30.0"
    assert "description" not in after["info"]
    lock = read(pinned / "lock.json")
    assert (lock["source"], lock["sha256"], lock["bytes"]) == (url, sha256(body), len(body))
    assert lock["pin_sha256"] == sha256((pinned / "openapi.json").read_bytes())


def test_first_pin_needs_no_old_one(tmp_path: Path) -> None:
    (tmp_path / "source.json").write_bytes(dump(api("/iserver/accounts")))
    folder = tmp_path / "spec" / "upstream"
    assert refresh.refresh(str(tmp_path / "source.json"), folder).operations == 1
    assert set(contents(folder)) == {"openapi.json", "lock.json"}


# --- Refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (answering(b'{"openapi"', length="1000"), CUT_OFF),
        (answering(b"<!DOCTYPE html><html></html>"), "not JSON"),
        (answering(b""), "not JSON"),
        (answering(b"[1, 2]"), "no OpenAPI"),
        (answering(b'{"swagger": "2.0"}'), "no OpenAPI"),
        (answering(dump(api("/pets", "/pets/{id}"))), "not IBKR's"),
        (answering(dump(api("/iserver/accounts"))), "not IBKR's"),
        (answering(b'{"openapi": "3.0.0", "info": {}, "paths": {}}'), "version"),
        (answering(b"oops", status=500), "500"),
        (answering(b"gone", status=404), "404"),
        (answering_raw(b""), "cannot fetch"),
        (answering_raw(b"no HTTP at all\r\n\r\n"), "cannot fetch"),
        (answering_raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), CUT_OFF),
    ],
    ids=[
        *("truncated", "html", "empty", "array", "swagger", "other API", "stub", "no version"),
        *("500", "404", "hang-up", "no HTTP", "truncated chunk"),
    ],
)
def test_bad_answer_leaves_the_old_pin(
    pinned: Path, serve: Serve, answer: Answer, message: str
) -> None:
    url = serve(answer)
    found = refusal(url, pinned)
    assert re.search(message, found)
    assert url in found


@pytest.mark.parametrize("status", [203, 206])
def test_answer_that_is_not_a_whole_200_is_refused(
    pinned: Path, serve: Serve, space: workspace.Workspace, status: int
) -> None:
    url = serve(answering(space.pin.read_bytes(), status=status))
    assert str(status) in refusal(url, pinned)


def test_body_cut_off_anywhere_is_refused(
    pinned: Path, serve: Serve, space: workspace.Workspace
) -> None:
    body = space.pin.read_bytes()
    url = serve(answering(body[: len(body) // 2], length=str(len(body))))
    assert re.search(CUT_OFF, refusal(url, pinned))


@pytest.mark.parametrize("status", [404, 500])
def test_error_answer_leaves_no_connection_open(pinned: Path, serve: Serve, status: int) -> None:
    url = serve(answering(b"oops", status=status))
    with warnings.catch_warnings(record=True) as leaks:
        warnings.simplefilter("always")
        refusal(url, pinned)
        gc.collect()
    assert [str(leak.message) for leak in leaks] == []


def test_refused_connection_leaves_the_old_pin(pinned: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
        assert "cannot fetch" in refusal(url, pinned)


@pytest.mark.parametrize("url", ["http://127.0.0.1:port/", "http://", "http://[::1/"])
def test_malformed_url_is_refused(pinned: Path, url: str) -> None:
    assert url in refusal(url, pinned)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html></html>", "not JSON"),
        (dump(api("/pets")), "not IBKR's"),
        (dump({**api("/iserver/a"), "paths": None}), "paths"),
    ],
)
def test_bad_file_leaves_the_old_pin(
    pinned: Path, tmp_path_factory: pytest.TempPathFactory, body: bytes, message: str
) -> None:
    source = tmp_path_factory.mktemp("source") / "source.json"
    source.write_bytes(body)
    found = refusal(str(source), pinned)
    assert message in found
    assert str(source) in found


@pytest.mark.parametrize("name", ["absent.json", ".", "ftp:/127.0.0.1/x.json"])
def test_source_that_cannot_be_read_is_named(pinned: Path, name: str) -> None:
    assert name in refusal(name, pinned)


def test_first_pin_of_another_api_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "source.json"
    source.write_bytes(dump(api("/pets")))
    assert "not IBKR's" in refusal(str(source), tmp_path)


@pytest.mark.parametrize("earlier", [b"<html>", b"{}", b"[]", b'{"openapi": "2.0"}'])
def test_bad_earlier_revision_leaves_the_old_pin(
    pinned: Path,
    space: workspace.Workspace,
    tmp_path_factory: pytest.TempPathFactory,
    earlier: bytes,
) -> None:
    path = tmp_path_factory.mktemp("earlier") / "earlier.json"
    path.write_bytes(earlier)
    assert str(path) in refusal(str(space.pin), pinned, path)


# --- Facts ---------------------------------------------------------------------------------------

MARK = "Words of the publisher."
PLACES = [
    *("/info/description", "/info/termsOfService", "/info/contact/name", "/info/summary"),
    *("/externalDocs/description", "/tags/0/description", "/tags/0/externalDocs/description"),
    *("/servers/0/description", "/servers/0/variables/region/description"),
    *("/x-tagGroups/0/description", "/paths/~1a/summary", "/paths/~1a/description"),
    *("/paths/~1a/servers/0/description", "/paths/~1a/parameters/0/description"),
    *("/paths/~1a/get/summary", "/paths/~1a/get/description", "/paths/~1a/get/externalDocs/url"),
    *("/paths/~1a/get/servers/0/description", "/paths/~1a/get/parameters/0/description"),
    "/paths/~1a/get/servers/0/variables/region/description",
    "/paths/~1a/get/parameters/0/examples/one/summary",
    "/paths/~1a/get/parameters/0/schema/description",
    "/paths/~1a/get/requestBody/description",
    "/paths/~1a/get/requestBody/content/application~1json/examples/one/description",
    "/paths/~1a/get/responses/200/description",
    "/paths/~1a/get/responses/200/headers/H/description",
    "/paths/~1a/get/responses/200/headers/H/schema/title",
    "/paths/~1a/get/responses/200/links/next/description",
    "/paths/~1a/get/responses/200/content/application~1json/examples/one/summary",
    "/paths/~1a/get/responses/200/content/application~1json/schema/items/title",
    *(f"/components/schemas/A/{key}" for key in ("title", "description", "x-enumDescriptions")),
    "/components/schemas/A/externalDocs/description",
    "/components/schemas/A/x-enum-descriptions/0",
    "/components/schemas/A/properties/title/description",
    "/components/schemas/A/properties/x/oneOf/0/title",
    "/components/schemas/A/additionalProperties/description",
    *("/components/responses/R/description", "/components/requestBodies/B/description"),
    *("/components/parameters/P/description", "/components/headers/H/description"),
    *("/components/examples/E/summary", "/components/examples/E/description"),
    *("/components/links/L/description", "/components/securitySchemes/S/description"),
    "/components/securitySchemes/S/flows/clientCredentials/scopes/read",
]


@pytest.mark.parametrize("place", PLACES)
def test_words_are_removed_wherever_they_stand(place: str) -> None:
    root = facts.strip(planted(place, MARK))
    assert MARK not in dump(root).decode()
    assert root["info"] == {"title": facts.TITLE, "version": "9"}


def planted(pointer: str, value: Json) -> dict[str, Json]:
    """A small document with a value at a place, and what is needed to hold it."""
    root: Json = api("/a") | {"components": {}}
    tokens = [token.replace("~1", "/") for token in pointer.split("/")[1:]]
    node = root
    for token, following in pairwise(tokens):
        empty: Json = [{}] if following == "0" and not token.startswith("x-enum") else {}
        if token == "0":
            node = node[0] if isinstance(node, list) else node.setdefault(token, empty)
        else:
            node = node.setdefault(token, empty)
    node[tokens[-1]] = value
    assert get(root, pointer) == value
    found: dict[str, Json] = root
    return found


@pytest.mark.parametrize("name", ["description", "title", "summary", "externalDocs", "example"])
def test_properties_named_like_words_are_kept(name: str) -> None:
    schema = {"type": "object", "properties": {name: {"type": "string", "description": MARK}}}
    root = facts.strip(api("/a", components={"schemas": {"A": schema, name: {"title": MARK}}}))
    assert root["components"]["schemas"]["A"]["properties"] == {name: {"type": "string"}}
    assert root["components"]["schemas"][name] == {}


LONG = "x" * 61
PAYLOAD: Json = {
    "description": "d",
    "title": "t",
    "summary": ["s", LONG],
    "n": [1, 1.0, None, True],
    "edge": "y" * 60,
    "url": f"https://{LONG}",
}
SHORT: Json = {
    **PAYLOAD,
    "summary": ["s", facts.STAND_IN],
    "url": facts.STAND_IN_URL,
}


@pytest.mark.parametrize(
    "place",
    [
        "/components/schemas/A/example",
        "/components/schemas/A/default",
        "/components/examples/E/value",
        "/components/parameters/P/example",
        "/components/headers/H/example",
        "/components/parameters/P/examples/one/value",
        "/paths/~1a/get/requestBody/content/application~1json/example",
        "/paths/~1a/get/responses/200/content/application~1json/examples/one/value",
    ],
)
def test_payload_keeps_its_shape_and_its_short_strings(place: str) -> None:
    root = facts.strip(planted(place, clone(PAYLOAD)))
    assert dump(get(root, place)) == dump(SHORT)


def test_examples_of_a_schema_are_shortened() -> None:
    root = facts.strip(planted("/components/schemas/A/examples", [clone(PAYLOAD)]))
    assert dump(root["components"]["schemas"]["A"]["examples"]) == dump([SHORT])


def test_values_that_are_no_words_are_kept() -> None:
    schema = {"type": "string", "enum": [LONG], "const": LONG, "pattern": LONG}
    before = api("/a", components={"schemas": {"A": schema}}, **{"x-own": {"description": "d"}})
    after = facts.strip(clone(before))
    assert after["components"]["schemas"]["A"] == schema
    assert after["x-own"] == {"description": "d"}


def test_strip_does_not_depend_on_the_order_of_root_keys(pin: Json) -> None:
    turned = dict(reversed(clone(pin).items()))
    assert dump(facts.strip(turned)) == dump(facts.strip(pin))


def test_stripped_document_is_left_alone(pin: Json, space: workspace.Workspace) -> None:
    assert dump(facts.strip(pin)) == space.pin.read_bytes()


WORDS = ("summary", "description", "externalDocs")


def test_committed_pin_has_no_words(pin: Json) -> None:
    for site in Document(pin).sites:
        keys = WORDS + (("title",) if site.kind is Kind.SCHEMA else ())
        assert not site.value.keys() & set(keys), site.pointer
    schemes = pin["components"].get("securitySchemes", {})
    holders = [*pin["tags"], *pin["servers"], *schemes.values()]
    assert not [holder for holder in holders if holder.keys() & set(WORDS)]


def test_committed_pin_has_all_operations(pin: Json) -> None:
    keys = [operation.key for operation in Document(pin).operations]
    assert len(keys) == len(set(keys)) == 168
    assert "GET /ws" in keys


@NEEDS_ORIGINALS
def test_committed_pin_is_what_the_published_documents_give(
    tmp_path: Path, space: workspace.Workspace
) -> None:
    source = ORIGINALS / "ibkr-web-api-2.29.0-repaired.json"
    made = refresh.refresh(str(source), tmp_path, ORIGINALS / "ibkr-web-api-2.28.0.json")
    assert made.operations == 168
    assert (tmp_path / "openapi.json").read_bytes() == space.pin.read_bytes()
    assert (tmp_path / "lock.json").read_bytes() == space.lock.read_bytes()


@NEEDS_ORIGINALS
def test_no_sentence_of_the_published_document_is_in_the_pin(space: workspace.Workspace) -> None:
    source = parse((ORIGINALS / "ibkr-web-api-2.28.0.json").read_bytes(), "2.28")
    sites = Document(source).sites
    words = {site.value[key] for site in sites for key in WORDS[:2] if key in site.value}
    pin = space.pin.read_text(encoding="utf-8")
    sentences = [text for text in words if len(text) > facts.LONGEST_STRING]
    assert sentences
    assert not [text for text in sentences if dump(text).decode().strip()[1:-1] in pin]
