"""Rule: an operation is named after its method and path."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from normalizer.change import MISSING, Change
from normalizer.rule import Area, Rule
from normalizer.structure import Document, Operation, placeholders
from normalizer.words import snake, words

EXTENSION = "x-bezant-upstream-id"
_API_PREFIX = re.compile(r"^/(?:(?:gw|oauth2)/api/v1|v\d+/api)(?=/)|^/(?:gw|oauth2)/api(?=/v\d)")
"""What says nothing: the API root and its first version. Later versions stay, they tell twins apart."""
_PLACEHOLDER = re.compile(r"\{[^}]*\}")


def find(document: Document) -> Iterator[Change]:
    """Set the derived id; keep what the publisher called it."""
    names = operation_ids(document)
    for operation in document.operations:
        before = operation.value.get("operationId", MISSING)
        if before != names[operation.key]:
            yield Change(
                pointer=f"{operation.pointer}/operationId",
                before=before,
                after=names[operation.key],
            )
            if before and before is not MISSING:
                yield Change(pointer=f"{operation.pointer}/{EXTENSION}", after=before)


def operation_ids(document: Document) -> dict[str, str]:
    """Ids by `METHOD /path`: unique, and the same in every revision that has the operations.

    Twins get all their parameters, then the words of their whole path, at last a number.
    """
    names = {operation.key: _base(operation) for operation in document.operations}
    for longer in (_with_parameters, _with_whole_path):
        uses = Counter(names.values())
        for operation in document.operations:
            if uses[names[operation.key]] > 1:
                names[operation.key] = longer(operation)
    return _numbered(names)


def _with_parameters(operation: Operation) -> str:
    parameters = [snake(name) for name in placeholders(operation.path)] or ["all"]
    return "_".join([_base(operation), "for", *parameters])


def _with_whole_path(operation: Operation) -> str:
    return "_".join([operation.method, *snake_words(operation.path)])


def _numbered(names: dict[str, str]) -> dict[str, str]:
    taken: set[str] = set()
    for key in sorted(names):
        number, candidate = 2, names[key]
        while candidate in taken:
            number, candidate = number + 1, f"{names[key]}_{number}"
        taken.add(candidate)
        names[key] = candidate
    return names


def _base(operation: Operation) -> str:
    segments = _API_PREFIX.sub("", operation.path).split("/")[1:]
    literals = [_PLACEHOLDER.sub("", segment) for segment in segments]
    name = [word for literal in literals for word in snake_words(literal)]
    trailing = _trailing_parameters(segments)
    by = ["by", "_and_".join(map(snake, trailing))] if trailing else []
    unique = [word for word, _ in groupby([operation.method, *name])]
    return "_".join([*unique, *by])


def snake_words(literal: str) -> list[str]:
    """Lower-case words of a path segment; `:` and `-` separate words, digits stay attached."""
    return snake(literal).split("_") if words(literal) else []


def _trailing_parameters(segments: list[str]) -> list[str]:
    trailing: list[str] = []
    for segment in reversed(segments):
        if _PLACEHOLDER.sub("", segment):
            break
        trailing[:0] = placeholders(segment)
    return trailing


RULE = Rule(
    id="operation-id",
    title="Name operations by method and path",
    why=(
        "Published ids are missing, duplicate or rewritten (108 changed in one minor release). Method and path name "
        "every operation uniquely and have not changed in three revisions."
    ),
    area=Area.NAMES,
    before={
        "paths": {
            "/a/{x}/b": {"get": {}},
            "/gw/api/v1/userThings:bulk": {"post": {"operationId": "doIt"}},
            "/a/b": {"get": {}},
        }
    },
    after={
        "paths": {
            "/a/{x}/b": {"get": {"operationId": "get_a_b_for_x"}},
            "/gw/api/v1/userThings:bulk": {
                "post": {"operationId": "post_user_things_bulk", EXTENSION: "doIt"}
            },
            "/a/b": {"get": {"operationId": "get_a_b_for_all"}},
        }
    },
    find=find,
)
