"""Rule: a path placeholder has one spelling across the document."""

from collections import Counter
from collections.abc import Iterator

from normalizer.change import Change
from normalizer.document import join
from normalizer.rule import Area, Rule
from normalizer.structure import Document, Kind, placeholders


def find(document: Document) -> Iterator[Change]:
    """Respell placeholders that differ by case from the spelling used most."""
    preferred = _preferred(document)
    taken = set(document.root["paths"])
    for path in document.root["paths"]:
        respelled = path
        for name in placeholders(path):
            respelled = respelled.replace(f"{{{name}}}", f"{{{preferred[name.casefold()]}}}")
        if respelled not in taken:
            taken.add(respelled)
            yield Change(source=join("/paths", path), pointer=join("/paths", respelled))


def _preferred(document: Document) -> dict[str, str]:
    """The spelling of each name, by votes: one a template; a declared parameter breaks ties."""
    votes: Counter[str] = Counter()
    for path in document.root["paths"]:
        votes.update(dict.fromkeys(placeholders(path), 2))
    for site in document.of(Kind.PARAMETER):
        if site.value.get("in") == "path" and isinstance(site.value.get("name"), str):
            votes[site.value["name"]] += 1
    ranked = sorted(votes, key=lambda name: (votes[name], name))
    return {name.casefold(): name for name in ranked}


RULE = Rule(
    id="placeholder-spelling",
    title="Spell a path placeholder the same everywhere",
    why="`{accountid}` stands once beside 24 `{accountId}`; the wire does not see the name, users do.",
    area=Area.PATHS,
    before={
        "paths": {
            "/a/{accountId}": {"get": {}},
            "/b/{accountId}": {"get": {}},
            "/c/{accountid}": {"get": {}},
        }
    },
    after={
        "paths": {
            "/a/{accountId}": {"get": {}},
            "/b/{accountId}": {"get": {}},
            "/c/{accountId}": {"get": {}},
        }
    },
    find=find,
)
