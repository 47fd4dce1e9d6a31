"""Rule: what is required is declared."""

from collections.abc import Iterator

from normalizer import samples
from normalizer.change import MISSING, Change
from normalizer.document import Json
from normalizer.rule import Area, Rule
from normalizer.structure import Document, Site


def find(document: Document) -> Iterator[Change]:
    """Correct a required name to the declared one that differs by case; drop what nothing declares."""
    parents = _composed(document)
    for site in document.schemas:
        required = site.value.get("required")
        if not isinstance(required, list) or site.pointer in parents:
            continue
        declared = samples.declared(document, site.value)
        if declared and not set(required) <= declared:
            after = [
                name for name in (_spelled(n, declared, document, site) for n in required) if name
            ]
            yield Change(
                pointer=f"{site.pointer}/required", before=required, after=after or MISSING
            )


def _composed(document: Document) -> set[str]:
    """Schemas whose properties may be declared beside them: parts of an allOf or of a union."""
    return {
        f"{site.pointer}/{keyword}/{index}"
        for site in document.schemas
        for keyword in ("allOf", "anyOf", "oneOf")
        for index in range(len(site.value.get(keyword, ())))
    }


def _spelled(name: str, declared: set[str], document: Document, site: Site) -> str:
    twins = [own for own in declared if own.casefold() == name.casefold()]
    if name in declared or _is_shown(name, document, site):
        return name
    return twins[0] if len(twins) == 1 else ""


def _is_shown(name: str, document: Document, site: Site) -> bool:
    seen: list[Json] = [sample.value for sample in samples.of(document).get(site.pointer, ())]
    return any(isinstance(value, dict) and name in value for value in seen)


RULE = Rule(
    id="required-declared",
    title="Require only what is declared",
    why="`required: [reqId]` beside the property `reqID` rejects every valid request.",
    area=Area.SCHEMAS,
    before={
        "paths": {},
        "components": {
            "schemas": {
                "A": {
                    "type": "object",
                    "properties": {"reqID": {"type": "string"}},
                    "required": ["reqId", "gone"],
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
                    "properties": {"reqID": {"type": "string"}},
                    "required": ["reqID"],
                }
            }
        },
    },
    find=find,
)
