"""Calls every operation of the client against a loopback server and judges what arrives there.

Needs the standard library and `bezant_api` only, so that it also runs in an empty environment. What
a request must look like is worked out here from the normalised document, not from the client:

    python drive.py spec/normalized/openapi.json
"""

import asyncio
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

METHODS = ("get", "put", "post", "delete", "patch")


# --- What the document says ----------------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    """One operation with arguments made from the document, and the answer that it declares."""

    id: str
    method: str
    target_path: str
    path: dict[str, Any]
    query: dict[str, Any]
    headers: dict[str, Any]
    body: Any
    body_type: str
    status: int
    content_type: str
    answer: Any
    exploded: frozenset[str]

    @property
    def key(self) -> str:
        return f"{self.method} {self.target_path}"


class Document:
    """The normalised document, read on its own account."""

    def __init__(self, path: Path) -> None:
        self.root = json.loads(path.read_text("utf-8"))

    def resolve(self, node: Any) -> Any:
        while isinstance(node, dict) and "$ref" in node:
            target = self.root
            for token in node["$ref"].split("/")[1:]:
                target = target[unquote(token).replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def calls(self) -> Iterator[Call]:
        for path, item in self.root["paths"].items():
            for method in METHODS:
                if method in item:
                    yield self._call(path, method, item[method])

    def _call(self, path: str, method: str, operation: Any) -> Call:
        places: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
        exploded = set()
        for entry in operation.get("parameters", ()):
            parameter = self.resolve(entry)
            value = self.argument(parameter)
            places[parameter["in"]][parameter["name"]] = value
            if parameter.get("explode", parameter["in"] == "query"):
                exploded.add(parameter["name"])
        body_type, body = self._body(operation)
        status, content_type, answer = self._answer(operation)
        return Call(
            id=operation["operationId"],
            method=method.upper(),
            target_path=operation["x-bezant-base-path"] + path,
            path=places["path"],
            query=places["query"],
            headers=places["header"],
            body=body,
            body_type=body_type,
            status=status,
            content_type=content_type,
            answer=answer,
            exploded=frozenset(exploded),
        )

    def argument(self, parameter: Any) -> Any:
        if "example" in parameter:
            return parameter["example"]
        schema = parameter.get("schema", {})
        return self.sample(schema, parameter["name"])

    def _body(self, operation: Any) -> tuple[str, Any]:
        body = self.resolve(operation.get("requestBody"))
        if body is None:
            return "", None
        content_type, media = next(iter(body["content"].items()))
        return content_type, self.example(media)

    def _answer(self, operation: Any) -> tuple[int, str, Any]:
        status = min(code for code in operation["responses"] if code.startswith("2"))
        content = self.resolve(operation["responses"][status]).get("content", {})
        if not content:
            return int(status), "", None
        content_type, media = next(iter(content.items()))
        return int(status), content_type, self.example(media)

    def example(self, media: Any) -> Any:
        if "example" in media:
            return media["example"]
        for entry in media.get("examples", {}).values():
            return self.resolve(entry)["value"]
        return self.sample(media["schema"], "value")

    def sample(self, schema: Any, name: str, depth: int = 0) -> Any:
        """A value of a schema: its own example, else a small one of its type."""
        schema = self.resolve(schema)
        if schema.get("examples"):
            return schema["examples"][0]
        if schema.get("enum"):
            return schema["enum"][0]
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                return self.sample(schema[keyword][0], name, depth)
        return self._sample_type(schema, name, depth)

    def _sample_type(self, schema: Any, name: str, depth: int) -> Any:
        kind = schema.get("type", "object" if "allOf" in schema else "string")
        kind = kind[0] if isinstance(kind, list) else kind
        if kind == "object":
            return self._sample_object(schema, depth)
        if kind == "array":
            return [self.sample(schema["items"], name, depth + 1)] if depth < 6 else []
        scalars = {"integer": 7, "number": 1.25, "boolean": True, "null": None}
        return scalars.get(kind, f"{name} & co/ü?")

    def _sample_object(self, schema: Any, depth: int) -> Any:
        value: dict[str, Any] = {}
        for part in schema.get("allOf", ()):
            value |= self._sample_object(self.resolve(part), depth)
        for name, inner in schema.get("properties", {}).items():
            if depth < 6:
                value[name] = self.sample(inner, name, depth + 1)
        return value


# --- What arrives --------------------------------------------------------------------------------


@dataclass
class Arrived:
    """One request as the server read it from the socket."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Loopback:
    """A server on the loopback interface: it answers what it is told and remembers what came."""

    url: str = ""
    status: int = 200
    content_type: str = ""
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    arrived: list[Arrived] = field(default_factory=list)

    def will_answer(self, status: int, content_type: str, body: bytes, **headers: str) -> None:
        self.status, self.content_type, self.body, self.headers = (
            status,
            content_type,
            body,
            headers,
        )


@contextmanager
def loopback() -> Iterator[Loopback]:
    state = Loopback()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            # What to answer is read once: the client may go on before this method is through.
            told = Loopback("", state.status, state.content_type, state.body, dict(state.headers))
            length = int(self.headers.get("Content-Length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.arrived.append(Arrived(self.command, self.path, headers, self.rfile.read(length)))
            self.send_response(told.status)
            if told.content_type:
                self.send_header("Content-Type", told.content_type)
            for name, value in told.headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# --- Calling and judging -------------------------------------------------------------------------


def prepare(server: Loopback, call: Call) -> None:
    body = b"" if call.answer is None and not call.content_type else _answer_bytes(call)
    server.will_answer(call.status, call.content_type, body)


def _answer_bytes(call: Call) -> bytes:
    if "json" in call.content_type:
        return json.dumps(call.answer).encode()
    return str(call.answer).encode()


def arguments(call: Call, operation: Any) -> dict[str, Any]:
    """Keyword arguments of the client's method, from wire names."""
    places = {"path": call.path, "query": call.query, "header": call.headers}
    given = {p.argument: places[p.location][p.name] for p in operation.parameters}
    return given | ({"body": call.body} if call.body_type else {})


def judge(call: Call, arrived: Arrived, result: Any, operation: Any) -> Iterator[str]:
    """What is wrong with one call; nothing when request and result are as the document says."""
    parts = urlsplit(arrived.target)
    expected_path = call.target_path
    for name, value in call.path.items():
        expected_path = expected_path.replace(f"{{{name}}}", quote(text(value), safe=""))
    if (arrived.method, parts.path) != (call.method, expected_path):
        yield f"request line {arrived.method} {parts.path}, expected {call.method} {expected_path}"
    query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    if query != list(expected_query(call)):
        yield f"query {query}, expected {list(expected_query(call))}"
    for name, value in call.headers.items():
        if arrived.headers.get(name.lower()) != text(value):
            yield f"header {name} is {arrived.headers.get(name.lower())!r}"
    yield from _judge_body(call, arrived)
    yield from _judge_result(call, result, operation)


def expected_query(call: Call) -> Iterator[tuple[str, str]]:
    for name, value in call.query.items():
        if isinstance(value, list) and name not in call.exploded:
            yield name, ",".join(map(text, value))
        elif isinstance(value, list):
            yield from ((name, text(item)) for item in value)
        elif isinstance(value, dict):
            yield from ((key, text(item)) for key, item in value.items())
        else:
            yield name, text(value)


def text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _judge_body(call: Call, arrived: Arrived) -> Iterator[str]:
    if not call.body_type:
        if arrived.body:
            yield f"an unexpected body {arrived.body!r}"
        if call.method in ("POST", "PUT", "PATCH") and arrived.headers.get("content-length") != "0":
            yield "a request without a body must say Content-Length: 0"
        return
    if arrived.headers.get("content-type") != call.body_type:
        yield f"content type {arrived.headers.get('content-type')!r}, expected {call.body_type!r}"
    if "json" in call.body_type:
        if json.loads(arrived.body) != call.body:
            yield f"body {arrived.body!r}"
    elif "form" in call.body_type:
        if dict(parse_qsl(arrived.body.decode())) != {k: text(v) for k, v in call.body.items()}:
            yield f"form {arrived.body!r}"
    elif arrived.body != str(call.body).encode():
        yield f"body {arrived.body!r}"


def _judge_result(call: Call, result: Any, operation: Any) -> Iterator[str]:
    if not call.content_type:
        if result is not None:
            yield f"result {result!r} of an empty answer"
    elif "json" in call.content_type:
        yield from (f"result lost {place}" for place in lost(result, call.answer, ""))
    elif result not in (str(call.answer), str(call.answer).encode()):
        yield f"result {result!r}"


def lost(result: Any, sent: Any, place: str) -> Iterator[str]:
    """Places of a payload that the decoded value does not carry; undeclared keys are not judged."""
    if hasattr(result, "__struct_fields__"):
        pairs = zip(result.__struct_fields__, result.__struct_encode_fields__, strict=True)
        for attribute, name in pairs:
            if isinstance(sent, dict) and name in sent:
                yield from lost(getattr(result, attribute), sent[name], f"{place}/{name}")
    elif isinstance(sent, dict) and isinstance(result, dict):
        for name, value in sent.items():
            yield from lost(result.get(name), value, f"{place}/{name}")
    elif isinstance(sent, list) and isinstance(result, list) and len(sent) == len(result):
        for index, (mine, theirs) in enumerate(zip(result, sent, strict=True)):
            yield from lost(mine, theirs, f"{place}/{index}")
    elif result != sent and text(result) != text(sent) and not _same_number(result, sent):
        yield f"{place}: {result!r} is not {sent!r}"


def _same_number(result: Any, sent: Any) -> bool:
    try:
        return float(result) == float(sent)
    except (TypeError, ValueError):
        return False


def refused(call: Call, error: Any) -> Any:
    """The typed answer inside an error; only an answer that says so may be one."""
    says_no = isinstance(call.answer, dict) and (
        bool(call.answer.get("error")) or call.answer.get("success") is False
    )
    return error.body if says_no else f"raised {error!r}"


def run_sync(document: Document) -> Iterator[tuple[Call, list[str]]]:
    from bezant_api import OPERATIONS, ApiError, Client

    with loopback() as server, Client(server.url) as client:
        for call in document.calls():
            operation = OPERATIONS[call.id]
            prepare(server, call)
            method = getattr(getattr(client, operation.resource), operation.name)
            try:
                result = method(**arguments(call, operation))
            except ApiError as error:
                result = refused(call, error)
            yield call, list(judge(call, server.arrived.pop(), result, operation))


async def run_async(document: Document) -> list[tuple[Call, list[str]]]:
    from bezant_api import OPERATIONS, ApiError, AsyncClient

    judged = []
    with loopback() as server:
        async with AsyncClient(server.url) as client:
            for call in document.calls():
                operation = OPERATIONS[call.id]
                prepare(server, call)
                method = getattr(getattr(client, operation.resource), operation.name)
                try:
                    result = await method(**arguments(call, operation))
                except ApiError as error:
                    result = refused(call, error)
                problems = list(judge(call, server.arrived.pop(), result, operation))
                judged.append((call, problems))
    return judged


def main(path: str) -> int:
    document = Document(Path(path))
    judged = [*run_sync(document), *asyncio.run(run_async(document))]
    problems = [(call, problem) for call, found in judged for problem in found]
    for call, problem in problems:
        print(f"{call.id} ({call.key}): {problem}")
    print(f"{len(judged)} calls, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
