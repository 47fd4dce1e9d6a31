"""Rule: a branch of a union admits something that no other does."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.document import Json
from normalizer.rule import Area, Rule
from normalizer.structure import Document


def find(document: Document) -> Iterator[Change]:
    """Remove plain integers beside plain numbers, and repeated branches."""
    for site in document.schemas:
        for keyword in ("oneOf", "anyOf"):
            listed = site.value.get(keyword, [])
            kept = [
                branch for i, branch in enumerate(listed) if not _is_subsumed(branch, i, listed)
            ]
            if len(kept) < len(listed):
                yield Change(pointer=f"{site.pointer}/{keyword}", before=listed, after=kept)


def _is_subsumed(branch: Json, index: int, listed: list[Json]) -> bool:
    if branch in listed[:index]:
        return True
    is_integer = isinstance(branch, dict) and branch.get("type") == "integer"
    plain = is_integer and branch.keys() <= {"type", "format"}
    return plain and {"type": "number"} in listed


RULE = Rule(
    id="union-subsumed",
    title="Remove branches that another branch covers",
    why="`oneOf: [number, integer]` rejects every whole number, because both branches accept it.",
    area=Area.UNIONS,
    before={
        "paths": {},
        "components": {
            "schemas": {
                "A": {"oneOf": [{"type": "number"}, {"type": "integer"}, {"type": "string"}]}
            }
        },
    },
    after={
        "paths": {},
        "components": {"schemas": {"A": {"oneOf": [{"type": "number"}, {"type": "string"}]}}},
    },
    find=find,
)
