"""Rule: the values of an answer are an open list."""

from collections.abc import Iterator
from typing import Final

from normalizer import reachability, unions
from normalizer.change import Change
from normalizer.document import Json, join
from normalizer.rule import Area, Rule
from normalizer.structure import Document, Site, type_names

KNOWN_VALUES: Final = "x-extensible-enum"
"""The known values of a string that may have others; several generators read it."""


def find(document: Document) -> Iterator[Change]:
    """Keep the known values of texts that only answers carry, and admit others."""
    tags = _tags(document)
    for site in document.schemas:
        values = site.value.get("enum")
        is_text = set(type_names(site.value)) <= {"string", "null"} and "string" in type_names(
            site.value
        )
        if values and is_text and site.pointer not in tags:
            if reachability.only_in_responses(document, site.pointer):
                known = [value for value in values if value is not None]
                yield Change(pointer=f"{site.pointer}/{KNOWN_VALUES}", after=known)
                yield Change(pointer=f"{site.pointer}/enum", before=values)


def _tags(document: Document) -> set[str]:
    """Pointers of the enums that choose the branch of a union: they stay closed."""
    found: set[str] = set()
    for site in unions.of(document):
        named = site.value.get("discriminator", {}).get("propertyName")
        for branch in unions.branches(site.value):
            for name in {*unions.constants(document, branch), *([named] if named else [])}:
                found |= set(_pointers(document, branch, site, name))
    return found


def _pointers(document: Document, branch: Json, site: Site, name: str) -> Iterator[str]:
    """Where the schema of a property of a branch stands, references followed."""
    keyword = "oneOf" if branch in site.value.get("oneOf", ()) else "anyOf"
    place = f"{site.pointer}/{keyword}/{site.value[keyword].index(branch)}"
    place, schema = document.follow(place, branch)
    if isinstance(schema, dict) and name in schema.get("properties", {}):
        inner = join(place, "properties", name)
        yield document.follow(inner, schema["properties"][name])[0]


RULE = Rule(
    id="open-enum",
    title="Admit values in answers that no list knows yet",
    why=(
        "`businessType: INDEPENDENT` was sent while the list said two other values. A new value must not cost the "
        "answer; requests keep their closed lists."
    ),
    area=Area.TOLERANCE,
    before={
        "paths": {
            "/a": {
                "get": {
                    "responses": {
                        "200": {
                            "content": {
                                "application/json": {
                                    "schema": {"type": "string", "enum": ["B", "S"]}
                                }
                            }
                        }
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
                            "content": {
                                "application/json": {
                                    "schema": {"type": "string", KNOWN_VALUES: ["B", "S"]}
                                }
                            }
                        }
                    }
                }
            }
        }
    },
    find=find,
)
