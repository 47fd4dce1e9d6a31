"""Rule: a trading call that fails has the body that is sent."""

from collections.abc import Iterator
from typing import Final

from normalizer.change import Change
from normalizer.document import Json, clone, join
from normalizer.rule import Area, Rule
from normalizer.rules import base_path
from normalizer.structure import TRADING_BASE, Document

SCHEMA: Final = "TradingError"
PROBLEM: Final = "application/problem+json"
_MEDIA: Final = "application/json"
_BODY: Final[Json] = {
    "type": "object",
    "properties": {"error": {"type": "string"}, "statusCode": {"type": "integer"}},
}
_REFERENCE: Final[Json] = {"$ref": f"#/components/schemas/{SCHEMA}"}


def find(document: Document) -> Iterator[Change]:
    """Add 429 and the default error to trading calls that have answers, and their body where a problem stands alone."""
    uses = list(_uses(document))
    names = dict.fromkeys(name for _, name, _ in uses)
    if not names:
        return
    yield from _sections(document)
    if SCHEMA not in document.root.get("components", {}).get("schemas", {}):
        yield Change(pointer=f"/components/schemas/{SCHEMA}", after=clone(_BODY))
    bodies = {name: body for _, name, body in uses}
    existing = document.root.get("components", {}).get("responses", {})
    for name in names:
        if name not in existing:
            yield Change(pointer=join("/components/responses", name), after=bodies[name])
    for change, _, _ in uses:
        yield change


def _uses(document: Document) -> Iterator[tuple[Change, str, Json]]:
    """The edits of operations, each with the name and the content of the response it refers to."""
    for operation in document.operations:
        if operation.value.get(base_path.EXTENSION) != TRADING_BASE:
            continue
        responses = operation.value.get("responses")
        if not responses:
            continue
        base = f"{operation.pointer}/responses"
        for status, name in (("429", "RateLimited"), ("default", "TradingFailure")):
            if status not in responses:
                body = _response("Too many requests." if status == "429" else "The call failed.")
                yield Change(pointer=f"{base}/{status}", after=_to(name)), name, body
        for status, response in responses.items():
            content = document.resolve(response).get("content", {})
            if status[0] in "45" and list(content) == [PROBLEM]:
                name = f"Trading{_name(response, status)}"
                body = clone(document.resolve(response))
                body["content"] = {_MEDIA: {"schema": clone(_REFERENCE)}, **body["content"]}
                after = _to(name)
                yield Change(pointer=f"{base}/{status}", before=response, after=after), name, body


def _name(response: dict[str, Json], status: str) -> str:
    return str(response["$ref"]).rsplit("/", 1)[-1] if "$ref" in response else f"Status{status}"


def _to(name: str) -> Json:
    return {"$ref": f"#/components/responses/{name}"}


def _response(words: str) -> Json:
    return {"description": words, "content": {_MEDIA: {"schema": clone(_REFERENCE)}}}


def _sections(document: Document) -> Iterator[Change]:
    if "components" not in document.root:
        yield Change(pointer="/components", after={})
    for section in ("schemas", "responses"):
        if section not in document.root.get("components", {}):
            yield Change(pointer=f"/components/{section}", after={})


RULE = Rule(
    id="error-response",
    title="Declare how trading calls fail",
    why=(
        "Every trading call is paced and none declares 429; 401 is declared as a problem document of the management "
        "API, while the trading API sends `{error, statusCode}`."
    ),
    area=Area.CONTENT,
    before={
        "paths": {
            "/a": {
                "get": {
                    "x-bezant-base-path": TRADING_BASE,
                    "responses": {"200": {"description": "OK"}},
                }
            }
        }
    },
    after={
        "paths": {
            "/a": {
                "get": {
                    "x-bezant-base-path": TRADING_BASE,
                    "responses": {
                        "200": {"description": "OK"},
                        "429": _to("RateLimited"),
                        "default": _to("TradingFailure"),
                    },
                }
            }
        },
        "components": {
            "schemas": {SCHEMA: _BODY},
            "responses": {
                "RateLimited": _response("Too many requests."),
                "TradingFailure": _response("The call failed."),
            },
        },
    },
    find=find,
)
