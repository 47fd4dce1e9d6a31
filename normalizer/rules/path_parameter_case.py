"""Rule: a path parameter is spelled like its placeholder."""

from collections.abc import Iterator

from normalizer import parameters
from normalizer.change import Change
from normalizer.rule import Area, Rule
from normalizer.structure import Document


def find(document: Document) -> Iterator[Change]:
    """Rename parameters that differ from an undeclared placeholder by case only."""
    for operation in parameters.of_operations(document):
        wanted = {name.casefold(): name for name in operation.undeclared}
        for entry in operation.stray:
            name = wanted.pop(entry.name.casefold(), "")
            if name:
                after = entry.value | {"name": name}
                yield Change(pointer=entry.pointer, before=entry.entry, after=after)


RULE = Rule(
    id="path-parameter-case",
    title="Spell a path parameter like its placeholder",
    why="`notificationId` does not declare `{notificationID}`: validators reject both halves.",
    area=Area.PARAMETERS,
    before={
        "paths": {
            "/a/{itemID}": {
                "get": {"parameters": [{"name": "itemId", "in": "path", "required": True}]}
            }
        }
    },
    after={
        "paths": {
            "/a/{itemID}": {
                "get": {"parameters": [{"name": "itemID", "in": "path", "required": True}]}
            }
        }
    },
    find=find,
)
