"""Rule: an example has the shape of its schema."""

from collections.abc import Iterator

from normalizer import fit
from normalizer.change import Change
from normalizer.document import Json
from normalizer.evidence import Evidence
from normalizer.fit import Misfit, Reason
from normalizer.rule import Area, Rule
from normalizer.structure import Document, type_names


def find(document: Document) -> Iterator[Change]:
    """Put one element into a list, or take it out of one, where the example is the wrong side."""
    evidence = Evidence(document)
    for use, misfits in evidence.by_use(Reason.TYPE):
        schema = document.resolve(evidence.at(use))
        lists = [value for value in evidence.seen(use) if isinstance(value, list)]
        for misfit in misfits:
            if _is_joined(schema, misfit):
                yield _replace(misfit, _split(schema, misfit.value))
            elif _lacks_list(document, schema, misfit, shown=bool(lists)):
                yield _replace(misfit, [misfit.value])
            elif _has_list_too_many(document, schema, misfit):
                yield _replace(misfit, misfit.value[0])


def _is_joined(schema: Json, misfit: Misfit) -> bool:
    """A parameter that is a list, with an example that joins its elements by commas."""
    is_parameter = "/parameters/" in misfit.at and "/responses/" not in misfit.at
    return is_parameter and "array" in type_names(schema) and not isinstance(misfit.value, dict)


def _split(schema: Json, value: Json) -> list[Json]:
    elements = value.split(",") if isinstance(value, str) else [value]
    if "integer" not in type_names(schema.get("items", {})):
        return elements
    return [int(e) if isinstance(e, str) and e.isdecimal() else e for e in elements]


def _replace(misfit: Misfit, after: Json) -> Change:
    return Change(pointer=misfit.at, before=misfit.value, after=after)


def _lacks_list(document: Document, schema: Json, misfit: Misfit, *, shown: bool) -> bool:
    """The schema wants a list, and the value is one element of it.

    Another example there shows a list, or the example is of a request or of the schema itself: what
    people wrote by hand. The example of a response may be the truth.
    """
    by_hand = "/requestBody/" in misfit.at or "/responses/" not in misfit.at
    if "array" not in type_names(schema) or not (shown or by_hand):
        return False
    wrong = fit.judge(document, misfit.schema, [misfit.value], "").misfits
    return not any(other.at == "/0" and other.reason is Reason.TYPE for other in wrong)


def _has_list_too_many(document: Document, schema: Json, misfit: Misfit) -> bool:
    """A list of one under a union that admits no list and would admit the one."""
    value = misfit.value
    if not isinstance(value, list) or len(value) != 1 or not schema.keys() & {"anyOf", "oneOf"}:
        return False
    wrong = fit.judge(document, misfit.schema, value[0], "").misfits
    return not any(other.at == "" and other.reason is Reason.TYPE for other in wrong)


RULE = Rule(
    id="example-list",
    title="Put single elements of examples into lists",
    why="Three examples show one element where the schema, and another example, have a list.",
    area=Area.EVIDENCE,
    before={
        "paths": {},
        "components": {
            "schemas": {"A": {"type": "array", "items": {"type": "string"}, "examples": ["x"]}}
        },
    },
    after={
        "paths": {},
        "components": {
            "schemas": {"A": {"type": "array", "items": {"type": "string"}, "examples": [["x"]]}}
        },
    },
    find=find,
)
