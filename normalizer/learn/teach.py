"""From recordings to overlay actions: first what is missing, then what does not fit.

The rules of evidence are asked again with the recordings beside the document's own examples. What
they would edit becomes an action. What they refuse, because the values are of too many kinds or
because nothing says which side is right, is a conflict that a person decides.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from normalizer import fit
from normalizer.change import Change, apply
from normalizer.diagnostics import Diagnostic
from normalizer.document import Json, clone, join
from normalizer.infer import is_data, schema_of
from normalizer.learn.actions import Action, of_change
from normalizer.learn.match import Matcher, Unmatched
from normalizer.learn.recording import Recording
from normalizer.rules import LEARNABLE
from normalizer.samples import Root
from normalizer.structure import Document, Operation
from normalizer.words import singular

_JSON: Final = "application/json"
MOST_ROUNDS: Final = 4


@dataclass(frozen=True, slots=True)
class Lesson:
    """What recordings teach about a document.

    `operations` are actions for the early stage, `shapes` for the stage of that name; `conflicts`
    are what no action can settle.
    """

    operations: tuple[Action, ...] = ()
    shapes: tuple[Action, ...] = ()
    conflicts: tuple[Diagnostic, ...] = field(default=())


def learn(
    document: Document, recordings: Sequence[Recording], settled: frozenset[str] = frozenset()
) -> Lesson:
    """What is to be added to the overlays of a document; `document` stays as it is.

    `settled` are the places that overlays have edited: recordings add to what they say.
    """
    root = clone(document.root)
    matcher = Matcher(Document(root, document.file))
    matches = [(recording, matcher.match(recording)) for recording in recordings]
    unmatched = [match for _, match in matches if isinstance(match, Unmatched)]
    operations = _new_operations([m for m in unmatched if m.operation is None])
    shapes: list[Action] = []
    for change in _new_answers([(m, m.operation) for m in unmatched if m.operation]):
        shapes += _taken(root, change)
    roots = tuple(match for _, match in matches if isinstance(match, Root))
    taught = Document(root, document.file, recorded=roots, settled=settled)
    calls = {
        match.sample.origin: _key(matcher, recording)
        for recording, match in matches
        if isinstance(match, Root)
    }
    for _ in range(MOST_ROUNDS):
        made, taught = _round(taught, calls)
        shapes += made
        if not made:
            break
    return Lesson(tuple(operations), tuple(joined(shapes)), tuple(_conflicts(taught)))


def _key(matcher: Matcher, recording: Recording) -> str:
    """The operation by its template: a recorded path may name an account."""
    operation = matcher.operation(recording.method, recording.path)
    return operation.key if operation else recording.call


def joined(actions: Sequence[Action]) -> list[Action]:
    """Updates of one object next to each other become one action, with the evidence of all."""
    made: list[Action] = []
    for action in actions:
        last = made[-1] if made else {}
        objects = isinstance(last.get("update"), dict) and isinstance(action.get("update"), dict)
        if objects and last["target"] == action["target"]:
            last["update"] = last["update"] | action["update"]
            if action["description"] not in last["description"]:
                last["description"] += f"; {action['description']}"
        else:
            made.append(dict(action))
    return made


def _round(document: Document, calls: dict[str, str]) -> tuple[list[Action], Document]:
    """Ask every learnable rule once."""
    made: list[Action] = []
    for rule in LEARNABLE:
        found = list(rule.find(document))
        for change in found:
            made += _taken(document.root, replace(change, rule=rule.id), calls)
        document = document.after(
            place for change in found for place in (change.pointer, change.source) if place
        )
    return made, document


def _taken(root: Json, change: Change, calls: dict[str, str] | None = None) -> list[Action]:
    """The actions of a change, with the evidence in words, once the change is made."""
    why = _evidence(change, calls or {})
    actions = [{"target": a["target"], "description": why, **a} for a in of_change(root, change)]
    apply(root, change)
    return actions


def _evidence(change: Change, calls: dict[str, str]) -> str:
    seen = Counter(
        call
        for origin in change.evidence
        for place, call in calls.items()
        if origin == place or origin.startswith(f"{place}/")
    )
    shown = ", ".join(f"{call} ({count})" for call, count in seen.items())
    rule = f"{change.rule}: " if change.rule else ""
    return f"{rule}seen in {shown}" if shown else f"{rule}seen in recorded answers"


# --- What is missing -----------------------------------------------------------------------------


def _new_operations(unmatched: Sequence[Unmatched]) -> list[Action]:
    groups: dict[tuple[str, str], list[Recording]] = {}
    for match in unmatched:
        key = (template_of(match.recording.path), match.recording.method.lower())
        groups.setdefault(key, []).append(match.recording)
    return [_operation(path, method, group) for (path, method), group in groups.items()]


def _operation(path: str, method: str, group: Sequence[Recording]) -> Action:
    names = [piece.split("}")[0] for piece in path.split("{")[1:]]
    value: dict[str, Any] = {"responses": {}}
    if names:
        value["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in names
        ]
    for status in dict.fromkeys(recording.status for recording in group):
        bodies = [r.body for r in group if r.status == status and r.has_body]
        value["responses"][status] = _response(status, bodies)
    return {
        "target": "$.paths",
        "description": f"answered, and not in the document: {method.upper()} {path} ({len(group)})",
        "update": {path: {method: value}},
    }


def template_of(path: str) -> str:
    """A path with its data replaced by names: `/portfolio/{accountId}/ledger`."""
    pieces = path.split("/")
    taken: list[str] = []
    for index, piece in enumerate(pieces):
        if is_data(piece) or piece.isdigit():
            name = (
                "accountId" if piece[0].isalpha() else f"{singular(pieces[index - 1]) or 'item'}Id"
            )
            while name in taken:
                name += "2"
            taken.append(name)
            pieces[index] = f"{{{name}}}"
    return "/".join(pieces)


def _response(status: str, bodies: Sequence[Json]) -> dict[str, Any]:
    response: dict[str, Any] = {"description": f"Answer with status {status}."}
    if bodies:
        response["content"] = {_JSON: {"schema": schema_of(bodies)}}
    return response


def _new_answers(unmatched: Sequence[tuple[Unmatched, Operation]]) -> Iterator[Change]:
    """Statuses and bodies that operations lack."""
    groups: dict[tuple[str, str, str], list[tuple[Unmatched, Operation]]] = {}
    for match, operation in unmatched:
        key = (match.code, operation.pointer, match.recording.status)
        groups.setdefault(key, []).append((match, operation))
    for (code, pointer, status), group in groups.items():
        bodies = [match.recording.body for match, _ in group if match.recording.has_body]
        place = join(pointer, "responses", status)
        declared = group[0][1].value["responses"].get(status, {})
        if code == "learn-status":
            yield Change(pointer=place, after=_response(status, bodies))
        elif "$ref" not in declared:
            yield from _content(place, declared, bodies)


def _content(place: str, response: dict[str, Json], bodies: Sequence[Json]) -> Iterator[Change]:
    if "content" not in response:
        yield Change(pointer=f"{place}/content", after={})
    yield Change(pointer=join(place, "content", _JSON), after={"schema": schema_of(bodies)})


# --- What still contradicts ----------------------------------------------------------------------


def contradictions(document: Document, recordings: Sequence[Recording]) -> list[Diagnostic]:
    """Everything that recordings say against a document."""
    matcher = Matcher(document)
    found: list[Diagnostic] = []
    for recording in recordings:
        match = matcher.match(recording)
        if isinstance(match, Unmatched):
            found.append(match.diagnostic)
        elif isinstance(match, Root):
            verdict = fit.judge(document, match.pointer, match.sample.value, "/body")
            found += [_contradiction(recording, misfit) for misfit in verdict.misfits]
    return found


def _contradiction(recording: Recording, misfit: fit.Misfit) -> Diagnostic:
    return Diagnostic(
        code=f"learn-{misfit.reason}",
        file=recording.file,
        pointer=misfit.at,
        message=f"{recording.call}: {misfit.summary}",
        hint="run python -m normalizer learn without --check to teach the overlays",
    )


def _conflicts(document: Document) -> Iterator[Diagnostic]:
    """Recorded values that nothing learned admits."""
    origins = tuple(f"{root.sample.origin}" for root in document.recorded)
    for misfit in fit.of_examples(document):
        if misfit.at.startswith(origins):
            file, _, pointer = misfit.at.rpartition("/body")
            yield Diagnostic(
                code="learn-conflict",
                file=file,
                pointer=f"/body{pointer}",
                message=f"no action settles this: {misfit.summary}",
                hint=f"decide it in an overlay for #{misfit.schema}",
            )
