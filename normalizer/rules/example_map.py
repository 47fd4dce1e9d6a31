"""Rule: several named examples stand under `examples`."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.document import Json
from normalizer.rule import Area, Rule
from normalizer.structure import Document, Kind

_MEMBERS = frozenset(("value", "summary", "description", "externalValue"))


def find(document: Document) -> Iterator[Change]:
    """Move an `example` whose members are all Example Objects."""
    for site in document.of(Kind.MEDIA_TYPE):
        if "examples" not in site.value and _is_map(site.value.get("example")):
            yield Change(source=f"{site.pointer}/example", pointer=f"{site.pointer}/examples")


def _is_map(value: Json) -> bool:
    return isinstance(value, dict) and bool(value) and all(map(_is_example, value.values()))


def _is_example(value: Json) -> bool:
    return isinstance(value, dict) and "value" in value and value.keys() <= _MEMBERS


RULE = Rule(
    id="example-map",
    title="Move maps of examples under examples",
    why="Four payloads stand under `example` with their names around them: nobody ever checked what is inside.",
    area=Area.CONTENT,
    before={
        "paths": {
            "/a": {
                "get": {
                    "responses": {
                        "200": {"content": {"application/json": {"example": {"one": {"value": 1}}}}}
                    }
                }
            }
        }
    },
    after={
        "paths": {
            "/a": {
                "get": {
                    "responses": {
                        "200": {
                            "content": {"application/json": {"examples": {"one": {"value": 1}}}}
                        }
                    }
                }
            }
        }
    },
    find=find,
)
