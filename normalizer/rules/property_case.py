"""Rule: a property is spelled as it is sent."""

from collections.abc import Iterator

from normalizer import samples
from normalizer.change import Change
from normalizer.document import join
from normalizer.rule import Area, Rule
from normalizer.structure import Document, Site


def find(document: Document) -> Iterator[Change]:
    """Rename a property that no example has to the spelling that examples have."""
    for site in document.schemas:
        properties = site.value.get("properties", {})
        seen = _seen(document, site) if properties else set()
        for name in sorted(seen - properties.keys()):
            twins = [own for own in properties if own.casefold() == name.casefold()]
            if len(twins) == 1 and twins[0] not in seen:
                yield Change(
                    source=join(site.pointer, "properties", twins[0]),
                    pointer=join(site.pointer, "properties", name),
                )


def _seen(document: Document, site: Site) -> set[str]:
    values = (sample.value for sample in samples.of(document).get(site.pointer, ()))
    return {name for value in values if isinstance(value, dict) for name in value}


RULE = Rule(
    id="property-case",
    title="Spell properties as examples do",
    why="`isFt` is declared and `isFT` is sent: the field is never found.",
    area=Area.SCHEMAS,
    before={
        "paths": {},
        "components": {
            "schemas": {
                "A": {
                    "type": "object",
                    "properties": {"isFt": {"type": "boolean"}},
                    "examples": [{"isFT": True}],
                }
            }
        },
    },
    after={
        "paths": {},
        "components": {
            "schemas": {
                "A": {
                    "type": "object",
                    "properties": {"isFT": {"type": "boolean"}},
                    "examples": [{"isFT": True}],
                }
            }
        },
    },
    find=find,
)
