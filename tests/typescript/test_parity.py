"""The TypeScript client is the Python client in another language: the same names, calls, types and errors."""

import json
import re
from typing import Any

import pytest
from bezant_api import OPERATIONS
from bezant_api.core import errors, recognition

from tests.typescript.drive import registry
from tests.typescript.project import PACKAGE, ROOT, Project

SOURCE = PACKAGE / "src"


@pytest.fixture(scope="module")
def operations(project: Project) -> dict[str, Any]:
    return registry(project)


def camel(name: str) -> str:
    head, *rest = name.strip("_").split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest)


def test_operations_are_the_same(operations: dict[str, Any]) -> None:
    assert set(operations) == set(OPERATIONS)
    for ours in OPERATIONS.values():
        theirs = operations[ours.id]
        assert theirs["name"] == camel(ours.name)
        assert theirs["resource"] == camel(ours.resource)
        assert theirs["method"] == ours.method
        assert (theirs["basePath"], theirs["path"]) == (ours.base_path, ours.path)
        assert theirs["idempotency"] == ours.idempotency
        assert theirs["session"] == ours.session


def test_parameters_are_the_same(operations: dict[str, Any]) -> None:
    for ours in OPERATIONS.values():
        expected = [
            {
                "name": p.name,
                "argument": camel(p.argument),
                "location": p.location,
                "required": p.required,
                "explode": p.explode,
            }
            for p in ours.parameters
        ]
        assert operations[ours.id]["parameters"] == expected, ours.id


def _plain(fact: Any) -> Any:
    import msgspec

    found = msgspec.to_builtins(fact)
    return {camel(key): value for key, value in found.items()} if found else None


@pytest.mark.parametrize("fact", ["pacing", "warm_up"])
def test_behaviour_is_the_same(fact: str, operations: dict[str, Any]) -> None:
    ours = {key: _plain(getattr(operation, fact)) for key, operation in OPERATIONS.items()}
    assert ours == {key: operation[camel(fact)] for key, operation in operations.items()}
    assert any(ours.values())


def test_preflights_and_pages_are_the_same(operations: dict[str, Any]) -> None:
    paged = 0
    for ours in OPERATIONS.values():
        assert operations[ours.id]["preflight"] == [_plain(item) for item in ours.preflight]
        way = _plain(ours.pagination)
        if way:
            paged += 1
            way["argument"] = camel(way["argument"])
        assert operations[ours.id]["pagination"] == way
    assert paged > 2


# --- Types ---------------------------------------------------------------------------------------


def _neutral(python: str) -> str:
    """A type of the Python client as TypeScript writes it, with enums and numbers left as they are."""
    text = re.sub(r"_models\.\w+\.", "", python)
    text = re.sub(r"\bNone\b", "null", text)
    words = {"str": "string", "int": "number", "float": "number", "bool": "boolean"}
    text = re.sub(r"\b(str|int|float|bool)\b", lambda found: words[found[0]], text)
    text = text.replace("bytes", "Uint8Array").replace("Any", "JsonValue")
    while True:
        new = re.sub(r"list\[([^\[\]]+)\]", lambda f: _array(f[1]), text)
        new = re.sub(r"dict\[string, ([^\[\]]+(?:\[\])?)\]", r"{ <key>: \1 }", new)
        if new == text:
            return text.replace("<key>", "[key: string]")
        text = new


def _array(item: str) -> str:
    return f"({item})<>" if " | " in item else f"{item}<>"


def _normal(text: str) -> str:
    text = re.sub(r" \| \((string|number) & \{\}\)", r" | \1", text.replace("<>", "[]"))
    return " | ".join(sorted(set(text.split(" | "))))


def test_result_types_are_the_same(operations: dict[str, Any]) -> None:
    """What the Python modules say of each answer, and what the registry of TypeScript says."""
    compared = 0
    for ours in OPERATIONS.values():
        module = (ROOT / f"output/python/src/bezant_api/operations/{ours.resource}.py").read_text()
        block = module[module.index(f'id="{ours.id}"') :].partition("\n)\n")[0]
        responses = block[block.index("responses=(") :]
        written = re.findall(
            r"type=(?:lambda: (.*?)|(None)),\n\s*(?:is_open=True,\s*)?\)", responses, re.S
        )
        python = [re.sub(r"\s+", " ", text).rstrip(",") for text, _ in written]
        theirs = [answer["type"] for answer in operations[ours.id]["answers"]]
        assert len(python) == len(theirs), ours.id
        for mine, other in zip(python, theirs, strict=True):
            assert _normal(_neutral(_tidy(mine))) == _normal(other), (ours.id, mine, other)
            compared += 1
    assert compared > 500


def _tidy(text: str) -> str:
    """A type that black has broken over several lines, on one."""
    return re.sub(r"^\( (.*) \)$", r"\1", re.sub(r"\[ (.*?),? \]", r"[\1]", text))


def test_every_type_has_the_same_name() -> None:
    modules = (ROOT / "output/python/src/bezant_api/models").glob("*.py")
    python = {name for path in modules for name in _exported_by_python(path.read_text())}
    typescript = {
        name
        for path in (SOURCE / "types").glob("*.ts")
        for name in re.findall(r"^export (?:interface|type) (\w+)", path.read_text(), re.M)
    }
    assert typescript == python
    assert len(python) > 400


def _exported_by_python(text: str) -> list[str]:
    found = re.search(r"__all__ = \[(.*?)\]", text, re.S)
    return re.findall(r'"(\w+)"', found[1]) if found and "_HOMES" not in text else []


# --- Errors --------------------------------------------------------------------------------------


def _classes() -> list[type[errors.BezantError]]:
    members = vars(errors).values()
    return [
        item for item in members if isinstance(item, type) and issubclass(item, errors.BezantError)
    ]


def test_the_tree_of_errors_is_the_same() -> None:
    text = (SOURCE / "core/errors.ts").read_text()
    theirs = re.findall(r"^export class (\w+) extends (\w+)", text, re.M)
    ours = [(item.__name__, _parent(item)) for item in _classes()]
    assert sorted(theirs) == sorted(ours)
    for name, body in re.findall(r"^export class (\w+) extends \w+ \{(.*?)^\}", text, re.M | re.S):
        assert f"override name{': string' if name == 'BezantError' else ''} = '{name}'" in body


def _parent(kind: type[errors.BezantError]) -> str:
    return kind.__bases__[0].__name__.replace("Exception", "Error")


_SPELLED = {
    "base_url": "baseUrl",
    "compete=True": "compete: true",
}


def test_hints_are_the_same(project: Project) -> None:
    """But for names of settings, and for what TypeScript has elsewhere."""
    script = (
        "const errors = await import('bezant-client'); const { explain } = await import('bezant-client/explain');"
        "const answer = { status: 418, headers: new Headers(), bytes: new Uint8Array() };"
        "const place = { id: 'x', method: 'GET', path: '/' };"
        "const made = Object.entries(errors).filter(([, Kind]) => Kind?.prototype instanceof errors.BezantError);"
        "console.log(JSON.stringify(Object.fromEntries(made.map(([name, Kind]) => {"
        "  const error = explain(new Kind(place, 'what', answer)); return [name, [error.hint, error.isRetryable]] }))))"
    )
    theirs = json.loads(project.node("--input-type=module", "--eval", script))
    own = {
        "DecodeError": "All that came is in its bytes.",
        "ResponseTooLarge": "Ask for less, or allow more bytes.",
    }
    for kind in _classes()[1:]:
        hint = own.get(kind.__name__, kind.hint)
        for before, after in _SPELLED.items():
            hint = hint.replace(before, after)
        assert theirs[kind.__name__] == [hint, kind.is_retryable], kind.__name__


def test_known_texts_and_statuses_are_the_same() -> None:
    known = (SOURCE / "core/explain.ts").read_text()
    theirs = re.findall(r"\[\s*/(.+?)/i,\s*errors\.(\w+),?\s*\]", known)
    ours = [(p.pattern.replace("/", r"\/"), k.__name__) for p, k in recognition._BY_TEXT]
    assert theirs == ours
    by_status = re.findall(r"(\d{3}): errors\.(\w+)", (SOURCE / "core/recognition.ts").read_text())
    assert by_status == [(str(s), k.__name__) for s, k in recognition._BY_STATUS.items()]


def test_questions_are_the_same(project: Project) -> None:
    script = "console.log(JSON.stringify((await import('bezant-client/questions')).QUESTIONS))"
    theirs = json.loads(project.node("--input-type=module", "--eval", script))
    assert theirs == {key: q._asdict() for key, q in recognition.QUESTIONS.items()}


def test_the_registry_and_the_functions_have_the_same_operations(
    operations: dict[str, Any],
) -> None:
    modules = "".join(path.read_text() for path in (SOURCE / "operations").glob("*.ts"))
    assert sorted(re.findall(r"^  id: '(\w+)',$", modules, re.M)) == sorted(operations)
