"""Rule: an example keeps the bounds beside it."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.document import get, split
from normalizer.evidence import Evidence
from normalizer.fit import Reason
from normalizer.rule import Area, Rule
from normalizer.structure import Document


def find(document: Document) -> Iterator[Change]:
    """Drop examples of a schema that violate a bound of it, the last first."""
    evidence = Evidence(document)
    outside = [misfit.at for misfit in evidence.misfits if misfit.reason is Reason.BOUND]
    for place in reversed(outside):
        if split(place)[-2:-1] == ["examples"] and split(place)[-1].isdecimal():
            yield Change(pointer=place, before=get(document.root, place))


RULE = Rule(
    id="example-bound",
    title="Drop examples that violate their own bounds",
    why="One reference id is shown as a negative number beside `minimum: 0`; three others of its name are not.",
    area=Area.EVIDENCE,
    before={
        "paths": {},
        "components": {"schemas": {"A": {"type": "number", "minimum": 0, "examples": [-3, 1]}}},
    },
    after={
        "paths": {},
        "components": {"schemas": {"A": {"type": "number", "minimum": 0, "examples": [1]}}},
    },
    find=find,
)
