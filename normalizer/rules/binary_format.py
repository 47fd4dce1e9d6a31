"""Rule: binary content is told by media type and encoding."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.rule import Area, Rule
from normalizer.structure import Document

_KEYWORDS = {
    "binary": ("contentMediaType", "application/octet-stream"),
    "byte": ("contentEncoding", "base64"),
}


def find(document: Document) -> Iterator[Change]:
    """Replace the formats that 3.1 dropped by the keywords of JSON Schema."""
    for site in document.schemas:
        name = site.value.get("format")
        if name in _KEYWORDS and site.value.get("type") in ("string", ["string", "null"]):
            keyword, value = _KEYWORDS[name]
            if keyword not in site.value:
                yield Change(pointer=f"{site.pointer}/{keyword}", after=value)
            yield Change(pointer=f"{site.pointer}/format", before=name)


RULE = Rule(
    id="binary-format",
    title="Turn the formats binary and byte into content keywords",
    why="3.1 has no such formats: raw bytes are contentMediaType, base64 text is contentEncoding.",
    area=Area.VERSION,
    before={"paths": {}, "components": {"schemas": {"A": {"type": "string", "format": "byte"}}}},
    after={
        "paths": {},
        "components": {"schemas": {"A": {"type": "string", "contentEncoding": "base64"}}},
    },
    find=find,
)
