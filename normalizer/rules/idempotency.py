"""Rule: an operation says whether it may be repeated."""

from collections.abc import Iterator
from typing import Final

from normalizer.change import Change
from normalizer.rule import Area, Rule
from normalizer.structure import Document

EXTENSION: Final = "x-bezant-idempotency"
SAFE: Final = "safe"
IDEMPOTENT: Final = "idempotent"
UNSAFE: Final = "unsafe"
KINDS: Final = (SAFE, IDEMPOTENT, UNSAFE)


def find(document: Document) -> Iterator[Change]:
    """A GET is safe; all else is unsafe until an overlay says better.

    That PUT and DELETE should be idempotent is not relied upon: a cancellation that is sent twice may meet
    another order.
    """
    for operation in document.operations:
        if EXTENSION not in operation.value:
            kind = SAFE if operation.method == "get" else UNSAFE
            yield Change(pointer=f"{operation.pointer}/{EXTENSION}", after=kind)


RULE = Rule(
    id="idempotency",
    title="Say whether a call may be repeated",
    why=(
        "After a timeout nobody knows whether an order was taken. A client that repeats calls by itself must know "
        "which ones read, which ones change nothing the second time, and which ones it must never send twice."
    ),
    area=Area.DOCUMENT,
    before={"paths": {"/a": {"get": {}, "post": {}, "delete": {EXTENSION: IDEMPOTENT}}}},
    after={
        "paths": {
            "/a": {
                "get": {EXTENSION: SAFE},
                "post": {EXTENSION: UNSAFE},
                "delete": {EXTENSION: IDEMPOTENT},
            }
        }
    },
    find=find,
)
