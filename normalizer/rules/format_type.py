"""Rule: a numeric format belongs to a number."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.rule import Area, Rule
from normalizer.structure import Document

_TYPES = {"int32": "integer", "int64": "integer", "float": "number", "double": "number"}


def find(document: Document) -> Iterator[Change]:
    """Retype strings whose format says that they are numbers."""
    for site in document.schemas:
        if site.value.get("type") == "string" and site.value.get("format") in _TYPES:
            if "enum" not in site.value:
                after = _TYPES[site.value["format"]]
                yield Change(pointer=f"{site.pointer}/type", before="string", after=after)


RULE = Rule(
    id="format-type",
    title="Make a string with a numeric format a number",
    why="`string/int32` is no type: 2.28 made exactly this change to twelve of the fifteen in 2.20.",
    area=Area.SCHEMAS,
    before={"paths": {}, "components": {"schemas": {"A": {"type": "string", "format": "int32"}}}},
    after={"paths": {}, "components": {"schemas": {"A": {"type": "integer", "format": "int32"}}}},
    find=find,
)
