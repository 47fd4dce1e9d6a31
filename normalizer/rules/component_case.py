"""Rule: no two components differ by case only."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from normalizer.change import Change
from normalizer.document import Json, escape, join
from normalizer.reachability import users
from normalizer.rule import Area, Rule
from normalizer.structure import Document, Site
from normalizer.words import pascal

_SCHEMAS = "/components/schemas"


def find(document: Document) -> Iterator[Change]:
    """Prefix the lowerCamel one with the API family that uses it most, references first."""
    schemas = document.root.get("components", {}).get("schemas", {})
    renamed: dict[str, str] = {}
    taken = {pascal(name).casefold() for name in schemas}
    for group in _collisions(schemas):
        for name in group[1:]:
            renamed[name] = free_name(f"{_family(document, name)}{pascal(name)}", taken)
    targets = {f"#{join(_SCHEMAS, old)}": f"#{join(_SCHEMAS, new)}" for old, new in renamed.items()}
    for site in document.sites if targets else ():
        yield from _redirect(site, targets)
    for old, new in renamed.items():
        yield Change(source=join(_SCHEMAS, old), pointer=join(_SCHEMAS, new))


def _redirect(site: Site, targets: dict[str, str]) -> Iterator[Change]:
    if site.is_reference and site.value["$ref"] in targets:
        target = site.value["$ref"]
        yield Change(pointer=f"{site.pointer}/$ref", before=target, after=targets[target])
    discriminator = site.value.get("discriminator")
    mapping = discriminator.get("mapping", {}) if isinstance(discriminator, dict) else {}
    for value, target in mapping.items():
        if target in targets:
            pointer = join(site.pointer, "discriminator", "mapping", value)
            yield Change(pointer=pointer, before=target, after=targets[target])


def free_name(name: str, taken: set[str]) -> str:
    """A name that no component has whatever its case, numbered if need be; takes it."""
    number, candidate = 2, name
    while candidate.casefold() in taken:
        number, candidate = number + 1, f"{name}{number}"
    taken.add(candidate.casefold())
    return candidate


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
    return pascal(ranked[0] if ranked else "") or "Other"


RULE = Rule(
    id="component-case",
    title="Rename components that differ by case only",
    why=(
        "ErrorResponse and errorResponse become one file on a case-insensitive disk and one class in most "
        "languages."
    ),
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
