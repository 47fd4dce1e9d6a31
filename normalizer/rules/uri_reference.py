"""Rule: what is shown without a scheme is a URI reference."""

import re
from collections.abc import Iterator
from typing import Final

from normalizer import samples
from normalizer.change import Change
from normalizer.rule import Area, Rule
from normalizer.structure import Document

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def find(document: Document) -> Iterator[Change]:
    """Relax `uri` to `uri-reference` where an example has no scheme."""
    for site in document.schemas:
        if site.value.get("format") != "uri":
            continue
        seen = [
            sample.origin
            for sample in samples.of(document).get(site.pointer, ())
            if isinstance(sample.value, str) and not _SCHEME.match(sample.value)
        ]
        if seen:
            place = f"{site.pointer}/format"
            yield Change(
                pointer=place, before="uri", after="uri-reference", evidence=tuple(seen[:3])
            )


RULE = Rule(
    id="uri-reference",
    title="Let URIs be relative where they are",
    why=(
        "The problem types of RFC 9457 are URI references, and IBKR sends `/simple`: an absolute URI it is "
        "not."
    ),
    area=Area.SCHEMAS,
    before={
        "paths": {},
        "components": {
            "schemas": {"A": {"type": "string", "format": "uri", "examples": ["/simple"]}}
        },
    },
    after={
        "paths": {},
        "components": {
            "schemas": {"A": {"type": "string", "format": "uri-reference", "examples": ["/simple"]}}
        },
    },
    find=find,
)
