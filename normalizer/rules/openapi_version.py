"""Rule: the document says that it is OpenAPI 3.1."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.rule import Area, Rule
from normalizer.structure import Document

TARGET = "3.1.0"


def find(document: Document) -> Iterator[Change]:
    """Raise the version once the 3.0 vocabulary is gone."""
    if document.root["openapi"].startswith("3.0"):
        yield Change(pointer="/openapi", before=document.root["openapi"], after=TARGET)


RULE = Rule(
    id="openapi-version",
    title="Declare OpenAPI 3.1",
    why="Every later rule and every reader of the result thinks in JSON Schema 2020-12.",
    area=Area.VERSION,
    before={"openapi": "3.0.0", "paths": {}},
    after={"openapi": TARGET, "paths": {}},
    find=find,
)
