"""Rule: a serialiser that writes null for one absent member writes it for all of them."""

from collections.abc import Iterator

from normalizer import reachability
from normalizer.change import Change
from normalizer.document import Json, join
from normalizer.evidence import nullable
from normalizer.rule import Area, Rule
from normalizer.structure import Document, type_names


def find(document: Document) -> Iterator[Change]:
    """In objects of answers that have a nullable member, make every optional member nullable."""
    for site in document.schemas:
        properties = site.value.get("properties", {})
        nullables = [name for name, member in properties.items() if admits_null(document, member)]
        if not nullables or not reachability.only_in_responses(document, site.pointer):
            continue
        required = site.value.get("required", ())
        for name, member in properties.items():
            if name not in required and not admits_null(document, member):
                place = join(site.pointer, "properties", name)
                yield from nullable(
                    place, member, (join(site.pointer, "properties", nullables[0]),)
                )


def admits_null(document: Document, schema: Json) -> bool:
    """Whether a schema says that null fits, or says nothing at all."""
    if not isinstance(schema, dict):
        return True
    schema = document.resolve(schema)
    listed = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    says_nothing = not schema.keys() & {"type", "enum", "const", "allOf", "anyOf", "oneOf"}
    return says_nothing or "null" in type_names(schema) or {"type": "null"} in listed


def _response(schema: Json) -> Json:
    content = {"application/json": {"schema": schema}}
    return {"paths": {"/a": {"get": {"responses": {"200": {"content": content}}}}}}


RULE = Rule(
    id="null-members",
    title="Admit null for the other members of objects that are sent with nulls",
    why=(
        "Absent values are left out by some of IBKR's services and written as null by others. An object seen with a "
        "null comes from the second kind, and which member is null depends on the contract, not on the schema."
    ),
    area=Area.TOLERANCE,
    before=_response(
        {
            "type": "object",
            "required": ["conid"],
            "properties": {
                "conid": {"type": "integer"},
                "sector": {"type": ["string", "null"]},
                "group": {"type": "string"},
            },
        }
    ),
    after=_response(
        {
            "type": "object",
            "required": ["conid"],
            "properties": {
                "conid": {"type": "integer"},
                "sector": {"type": ["string", "null"]},
                "group": {"type": ["string", "null"]},
            },
        }
    ),
    find=find,
)
