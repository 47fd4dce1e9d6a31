"""Rule: `components` has the sections of the specification."""

from collections.abc import Iterator
from typing import Final

from normalizer.change import Change
from normalizer.document import join
from normalizer.rule import Area, Rule
from normalizer.structure import Document

SECTIONS: Final = frozenset(
    [
        "schemas",
        "responses",
        "parameters",
        "examples",
        "requestBodies",
        "headers",
        "securitySchemes",
        "links",
        "callbacks",
        "pathItems",
    ]
)


def find(document: Document) -> Iterator[Change]:
    """Remove empty unknown sections; keep others as extensions."""
    components = document.root.get("components", {})
    for name, value in components.items():
        if name in SECTIONS or name.startswith("x-"):
            continue
        source = join("/components", name)
        if value:
            yield Change(source=source, pointer=join("/components", f"x-{name}"))
        else:
            yield Change(pointer=source, before=value)


RULE = Rule(
    id="component-sections",
    title="Remove unknown sections of components",
    why="`components.extensions` exists in no version of OpenAPI: validators reject the whole document.",
    area=Area.DOCUMENT,
    before={"paths": {}, "components": {"extensions": {}, "extras": {"a": 1}}},
    after={"paths": {}, "components": {"x-extras": {"a": 1}}},
    find=find,
)
