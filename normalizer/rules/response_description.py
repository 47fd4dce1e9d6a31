"""Rule: a response has the description that OpenAPI requires."""

from collections.abc import Iterator
from typing import Final

from normalizer.change import MISSING, Change
from normalizer.rule import Area, Rule
from normalizer.structure import Document, Kind
from normalizer.words import words

PHRASES: Final = {
    101: "Switching Protocols",
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "No Content",
    207: "Multi-Status",
    208: "Already Reported",
    302: "Found",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    410: "Gone",
    411: "Length Required",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    423: "Locked",
    429: "Too Many Requests",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
"""Reason phrases (RFC 9110, RFC 4918); not Python's `http` module, whose words differ by version."""


def find(document: Document) -> Iterator[Change]:
    """Give each response without words the reason phrase of its status."""
    for site in document.of(Kind.RESPONSE):
        if not site.is_reference and not isinstance(site.value.get("description"), str):
            before = site.value.get("description", MISSING)
            yield Change(
                pointer=f"{site.pointer}/description", before=before, after=phrase(site.key)
            )


def phrase(key: str) -> str:
    """`200` gives `OK`, `BadRequest` gives `Bad Request`, what is unknown gives `Response`."""
    if key.isdecimal():
        return PHRASES.get(int(key), "Response")
    return " ".join(words(key)) or "Response"


RULE = Rule(
    id="response-description",
    title="Describe responses that have no words",
    why="The field is required, and the pinned document carries facts without prose.",
    area=Area.DOCUMENT,
    before={
        "paths": {"/a": {"get": {"responses": {"200": {}, "default": {"description": "Any."}}}}}
    },
    after={
        "paths": {
            "/a": {
                "get": {
                    "responses": {"200": {"description": "OK"}, "default": {"description": "Any."}}
                }
            }
        }
    },
    find=find,
)
