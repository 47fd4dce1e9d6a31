"""Rule: a JWT body is a token; its claims are described beside it."""

from collections.abc import Iterator

from normalizer.change import Change
from normalizer.rule import Area, Rule
from normalizer.structure import SIGNED_PAYLOAD, Document, Kind, Site

_TOKEN = {"type": "string", "format": "jwt"}
_CLAIMS = ("schema", "example", "examples")


def find(document: Document) -> Iterator[Change]:
    """Keep the media type, make the schema a string, keep the object as the signed payload."""
    for site in document.of(Kind.MEDIA_TYPE):
        if "jwt" in site.key.lower() and not _is_token(document, site):
            claims = {key: site.value[key] for key in _CLAIMS if key in site.value}
            yield Change(pointer=f"{site.pointer}/{SIGNED_PAYLOAD}", after=claims)
            for key in [key for key in claims if key != "schema"]:
                yield Change(pointer=f"{site.pointer}/{key}", before=claims[key])
            yield Change(
                pointer=f"{site.pointer}/schema", before=claims["schema"], after=dict(_TOKEN)
            )


def _is_token(document: Document, site: Site) -> bool:
    schema = site.value["schema"]
    return isinstance(schema, dict) and document.resolve(schema).get("type") == "string"


RULE = Rule(
    id="jwt-body",
    title="Describe application/jwt bodies as tokens",
    why=(
        "Six operations declare an object for a signed token: a client would post plain JSON where a JWT is "
        "due."
    ),
    area=Area.CONTENT,
    before={
        "paths": {
            "/a": {
                "post": {
                    "requestBody": {"content": {"application/jwt": {"schema": {"type": "object"}}}}
                }
            }
        }
    },
    after={
        "paths": {
            "/a": {
                "post": {
                    "requestBody": {
                        "content": {
                            "application/jwt": {
                                "schema": _TOKEN,
                                SIGNED_PAYLOAD: {"schema": {"type": "object"}},
                            }
                        }
                    }
                }
            }
        }
    },
    find=find,
)
