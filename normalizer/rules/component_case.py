"""Rule: no two components differ by case only."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from normalizer.change import Change
from normalizer.document import Json, escape, join, references
from normalizer.rule import Area, Rule
from normalizer.structure import Document, users
from normalizer.words import pascal

_SCHEMAS = "/components/schemas"


def find(document: Document) -> Iterator[Change]:
    """Prefix the lowerCamel one with the API family that uses it most, references first."""
    schemas = document.root.get("components", {}).get("schemas", {})
    renamed = {}
    for group in _collisions(schemas):
        for name in group[1:]:
            renamed[name] = f"{_family(document, name)}{pascal(name)}"
    targets = {f"#{join(_SCHEMAS, old)}": f"#{join(_SCHEMAS, new)}" for old, new in renamed.items()}
    for pointer, target in references(document.root) if targets else ():
        if target in targets:
            yield Change(pointer=f"{pointer}/$ref", before=target, after=targets[target])
    for old, new in renamed.items():
        yield Change(source=join(_SCHEMAS, old), pointer=join(_SCHEMAS, new))


def _collisions(schemas: dict[str, Json]) -> Iterator[list[str]]:
    """Groups of names that are one name in Pascal case; the one that keeps it stands first."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for name in schemas:
        groups[pascal(name).casefold()].append(name)
    for group in groups.values():
        if len(group) > 1:
            yield sorted(group, key=lambda name: (name != pascal(name), name))


def _family(document: Document, name: str) -> str:
    """First path segment, in Pascal case, of most operations that reach a component."""
    votes = Counter(op.path.split("/")[1] for op in users(document, escape(name)))
    ranked = sorted(votes, key=lambda segment: (-votes[segment], segment))
    return pascal(ranked[0]) if ranked else "Unused"


RULE = Rule(
    id="component-case",
    title="Rename components that differ by case only",
    why="ErrorResponse and errorResponse become one file on a case-insensitive disk and one class in most languages.",
    area=Area.NAMES,
    before={
        "paths": {
            "/iserver/a": {
                "get": {
                    "responses": {
                        "200": {
                            "content": {"x/json": {"schema": {"$ref": "#/components/schemas/user"}}}
                        }
                    }
                }
            }
        },
        "components": {"schemas": {"user": {"type": "string"}, "User": {"type": "object"}}},
    },
    after={
        "paths": {
            "/iserver/a": {
                "get": {
                    "responses": {
                        "200": {
                            "content": {
                                "x/json": {"schema": {"$ref": "#/components/schemas/IserverUser"}}
                            }
                        }
                    }
                }
            }
        },
        "components": {"schemas": {"IserverUser": {"type": "string"}, "User": {"type": "object"}}},
    },
    find=find,
)
