"""Rule: what the examples show with a fraction is not an integer."""

from collections.abc import Iterator

from normalizer import samples
from normalizer.change import Change
from normalizer.document import Json
from normalizer.rule import Area, Rule
from normalizer.structure import Document, Site, type_names


def find(document: Document) -> Iterator[Change]:
    """Widen exactly the schemas that hold a fraction, never others of the same name."""
    for site in document.schemas:
        fractions = [
            s for s in samples.of(document).get(site.pointer, ()) if _has_fraction(s.value)
        ]
        if (
            fractions
            and "integer" in type_names(site.value)
            and "number" not in type_names(site.value)
        ):
            yield from _widen(site, tuple(sample.origin for sample in fractions[:3]))


def _widen(site: Site, evidence: tuple[str, ...]) -> Iterator[Change]:
    before = site.value["type"]
    widened = ["number" if kind == "integer" else kind for kind in type_names(site.value)]
    after = widened if isinstance(before, list) else "number"
    yield Change(pointer=f"{site.pointer}/type", before=before, after=after, evidence=evidence)
    if "format" in site.value:
        yield Change(pointer=f"{site.pointer}/format", before=site.value["format"])


def _has_fraction(value: Json) -> bool:
    """`1234.0` counts: whoever writes it serialises a float, and will send `1234.5` next time."""
    return isinstance(value, float)


RULE = Rule(
    id="integer-fraction",
    title="Widen integers whose examples have a fraction",
    why="Balances and strikes are declared int32 while the document's own examples show 1234.56: a decoder crashes.",
    area=Area.SCHEMAS,
    before={
        "paths": {},
        "components": {"schemas": {"A": {"type": "integer", "format": "int32", "examples": [1.5]}}},
    },
    after={"paths": {}, "components": {"schemas": {"A": {"type": "number", "examples": [1.5]}}}},
    find=find,
)
