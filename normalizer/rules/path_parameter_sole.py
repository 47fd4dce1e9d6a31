"""Rule: the only stray path parameter declares the only undeclared placeholder."""

from collections.abc import Iterator

from normalizer import parameters
from normalizer.change import Change
from normalizer.rule import Area, Rule
from normalizer.structure import Document


def find(document: Document) -> Iterator[Change]:
    """Rename where one parameter and one placeholder are left over on either side."""
    for operation in parameters.of_operations(document):
        if len(operation.undeclared) == len(operation.stray) == 1:
            stray = operation.stray[0]
            after = stray.value | {"name": operation.undeclared[0]}
            yield Change(pointer=stray.pointer, before=stray.entry, after=after)


RULE = Rule(
    id="path-parameter-sole",
    title="Give the one stray path parameter the one undeclared name",
    why="`{enumerationType}` is declared as `type`: what is left over on both sides belongs together.",
    area=Area.PARAMETERS,
    before={
        "paths": {
            "/a/{kind}": {"get": {"parameters": [{"name": "type", "in": "path", "required": True}]}}
        }
    },
    after={
        "paths": {
            "/a/{kind}": {"get": {"parameters": [{"name": "kind", "in": "path", "required": True}]}}
        }
    },
    find=find,
)
