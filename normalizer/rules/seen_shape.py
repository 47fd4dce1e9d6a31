"""Rule: one object, or a list of them, as it is sent."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.evidence import Evidence, admit_shapes
from normalizer.rule import Area, Rule
from normalizer.structure import Document


def find(document: Document) -> Iterator[Change]:
    """Weigh the document's own examples."""
    yield from admit_shapes(Evidence(document))


RULE = Rule(
    id="seen-shape",
    title="Admit a list where examples show one, at that use",
    why=(
        "An operation answers with a list of what its schema declares once, or the other way round; other "
        "users of the component are right."
    ),
    area=Area.EVIDENCE,
    before={
        "paths": {
            "/a": {
                "get": {
                    "responses": {
                        "200": {
                            "content": {
                                "application/json": {
                                    "schema": {"$ref": "#/components/schemas/A"},
                                    "examples": {"e0": {"value": [{"a": 1}]}},
                                }
                            }
                        }
                    }
                }
            }
        },
        "components": {"schemas": {"A": {"type": "object", "properties": {"a": {}}}}},
    },
    after={
        "paths": {
            "/a": {
                "get": {
                    "responses": {
                        "200": {
                            "content": {
                                "application/json": {
                                    "schema": {
                                        "type": "array",
                                        "items": {"$ref": "#/components/schemas/A"},
                                    },
                                    "examples": {"e0": {"value": [{"a": 1}]}},
                                }
                            }
                        }
                    }
                }
            }
        },
        "components": {"schemas": {"A": {"type": "object", "properties": {"a": {}}}}},
    },
    find=find,
)
