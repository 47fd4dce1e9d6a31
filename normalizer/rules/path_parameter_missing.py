"""Rule: every placeholder is declared."""

from collections.abc import Iterator

from normalizer import parameters
from normalizer.change import MISSING, Change
from normalizer.rule import Area, Rule
from normalizer.structure import Document


def find(document: Document) -> Iterator[Change]:
    """Declare what is left as required strings, in the order of the template."""
    for operation in parameters.of_operations(document):
        if operation.undeclared:
            present = operation.operation.value.get("parameters", MISSING)
            added = [
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in operation.undeclared
            ]
            after = added if present is MISSING else [*present, *added]
            pointer = f"{operation.operation.pointer}/parameters"
            yield Change(pointer=pointer, before=present, after=after)


RULE = Rule(
    id="path-parameter-missing",
    title="Declare placeholders that no parameter declares",
    why="A placeholder without a parameter cannot be filled by any generated client.",
    area=Area.PARAMETERS,
    before={"paths": {"/a/{id}": {"get": {}}}},
    after={
        "paths": {
            "/a/{id}": {
                "get": {
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
                    ]
                }
            }
        }
    },
    find=find,
)
