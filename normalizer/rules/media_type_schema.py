"""Rule: a media type has a schema."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.document import Json
from normalizer.rule import Area, Rule
from normalizer.structure import Document, Kind


def find(document: Document) -> Iterator[Change]:
    """Say what can be said from the media type alone."""
    for site in document.of(Kind.MEDIA_TYPE):
        if "schema" not in site.value:
            yield Change(pointer=f"{site.pointer}/schema", after=schema_for(site.key))


def schema_for(media_type: str) -> dict[str, Json]:
    """Any value for JSON, a string for text, bytes for the rest."""
    essence = media_type.partition(";")[0].strip().lower()
    if essence.endswith(("/json", "+json")) or "*" in essence:
        return {}
    if essence.startswith("text/"):
        return {"type": "string"}
    return {"type": "string", "contentMediaType": essence}


RULE = Rule(
    id="media-type-schema",
    title="Give every media type a schema",
    why="A text/html error of 2.20 has an example and no schema: generators crash on the missing key.",
    area=Area.CONTENT,
    before={"paths": {"/a": {"get": {"responses": {"404": {"content": {"text/html": {}}}}}}}},
    after={
        "paths": {
            "/a": {
                "get": {
                    "responses": {"404": {"content": {"text/html": {"schema": {"type": "string"}}}}}
                }
            }
        }
    },
    find=find,
)
