"""Rule: an exclusive bound is a number."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.document import Json
from normalizer.rule import Area, Rule
from normalizer.structure import Document

_BOUNDS = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}


def find(document: Document) -> Iterator[Change]:
    """Fold `minimum: n, exclusiveMinimum: true` into `exclusiveMinimum: n`."""
    for site in document.schemas:
        for flag, bound in _BOUNDS.items():
            if isinstance(site.value.get(flag), bool):
                yield from _fold(site.pointer, site.value, flag, bound)


def _fold(pointer: str, schema: dict[str, Json], flag: str, bound: str) -> Iterator[Change]:
    if schema[flag] and bound in schema:
        yield Change(pointer=f"{pointer}/{flag}", before=True, after=schema[bound])
        yield Change(pointer=f"{pointer}/{bound}", before=schema[bound])
    else:
        yield Change(pointer=f"{pointer}/{flag}", before=schema[flag])


RULE = Rule(
    id="exclusive-bounds",
    title="Turn boolean exclusive bounds into numbers",
    why=(
        "In 3.0 the keyword is a flag beside the bound, in 3.1 it is the bound; a flag without a bound says "
        "nothing."
    ),
    area=Area.VERSION,
    before={
        "paths": {},
        "components": {
            "schemas": {
                "A": {"minimum": 0, "exclusiveMinimum": True},
                "B": {"exclusiveMaximum": True},
            }
        },
    },
    after={"paths": {}, "components": {"schemas": {"A": {"exclusiveMinimum": 0}, "B": {}}}},
    find=find,
)
