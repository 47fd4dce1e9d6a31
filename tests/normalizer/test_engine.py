from collections.abc import Callable, Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalizer import engine
from normalizer.change import MISSING, Change, ChangeConflictError, apply, operation_of, replay
from normalizer.diagnostics import EXIT_BUG, BugError
from normalizer.document import Json, clone, dump, get, join, parse, same
from normalizer.rule import Area, Rule
from normalizer.structure import Document

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, width=32) | TEXT
JSON = st.recursive(
    SCALARS.filter(lambda value: value not in (float("inf"), -float("inf"))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)
ROOTS = st.dictionaries(TEXT, JSON, min_size=1, max_size=4)


def rule(find: Callable[[Document], Iterable[Change]], rounds: int = 1) -> Rule:
    return Rule(
        id="test-rule",
        title="A rule",
        why="For a test.",
        area=Area.DOCUMENT,
        before={},
        after={},
        find=find,
        rounds=rounds,
    )


def counting_to(limit: int, rounds: int) -> Rule:
    def find(document: Document) -> Iterator[Change]:
        count = document.root["n"]
        if count < limit:
            yield Change(pointer="/n", before=count, after=count + 1)

    return rule(find, rounds)


# --- The engine ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (Change(pointer="/a", before=2, after=3), "/a"),
        (Change(pointer="/a", before=True, after=3), "/a"),
        (Change(pointer="/a", before=1.0), "/a"),
        (Change(pointer="/a", after=3), "/a"),
        (Change(pointer="/b", before=1), "/b"),
        (Change(pointer="/b/c", after=1), "/b/c"),
        (Change(source="/a", pointer="/l"), "/l"),
    ],
)
def test_conflict_is_a_bug_that_names_rule_and_pointer(change: Change, pointer: str) -> None:
    document = Document({"a": 1, "l": [1]}, "a.json")
    with pytest.raises(BugError, match="test-rule") as caught:
        engine.run_rule(document, rule(lambda _: [change]))
    found = caught.value.diagnostic
    assert caught.value.exit_code == EXIT_BUG
    assert (found.code, found.file, found.pointer) == ("rule-conflict", "a.json", pointer)


@pytest.mark.parametrize("rounds", [1, 4])
def test_rule_that_never_stops_is_a_bug(rounds: int) -> None:
    with pytest.raises(BugError, match="test-rule") as caught:
        engine.run_rule(Document({"n": 0}), counting_to(1_000, rounds))
    assert caught.value.exit_code == EXIT_BUG
    found = caught.value.diagnostic
    assert (found.code, found.pointer) == ("rule-not-idempotent", "/n")
    assert f"{rounds} round" in found.message


@pytest.mark.parametrize("rounds", [1, 2, 5])
def test_rule_may_use_all_of_its_rounds(rounds: int) -> None:
    document, made = engine.run_rule(Document({"n": 0}), counting_to(rounds, rounds))
    assert document.root == {"n": rounds}
    assert [change.rule for change in made] == ["test-rule"] * rounds


def test_run_reports_idle_rules_and_changes_in_order() -> None:
    outcome = engine.run(Document({"n": 0}), [counting_to(0, 1), counting_to(2, 2)])
    assert outcome.idle == ("test-rule",)
    assert [change.after for change in outcome.changes] == [1, 2]


def test_next_rule_sees_the_sites_that_the_last_one_made() -> None:
    def count(document: Document) -> Iterator[Change]:
        if "x-schemas" not in document.root:
            yield Change(pointer="/x-schemas", after=len(document.schemas))

    def add(document: Document) -> Iterator[Change]:
        if len(document.schemas) == 0:
            yield Change(pointer="/components/schemas/A", after={})

    root: dict[str, Json] = {"paths": {}, "components": {"schemas": {}}}
    outcome = engine.run(Document(root), [rule(add), rule(count)])
    assert outcome.document.root["x-schemas"] == 1


# --- Changes -------------------------------------------------------------------------------------

CHANGES = [
    Change(rule="r", pointer="/a", after=None),
    Change(rule="r", pointer="/a", before=None),
    Change(rule="r", pointer="/a", before=1, after=1.0, evidence=("/x", "words")),
    Change(rule="r", source="/b", pointer="/a"),
    Change(rule="r", source="/b", pointer="/a", keep_source=True),
    Change(rule="r", pointer="/paths/~1a~1{b}/get/responses", before={}, after={"200": {}}),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.op)
def test_record_and_from_record_are_inverse(change: Change) -> None:
    again = Change.from_record(parse(dump(change.record()), "changes.json"))
    assert again == change
    assert same(again.record(), change.record())


def test_ops_are_those_of_json_patch() -> None:
    assert [change.op for change in CHANGES] == [
        "add",
        "remove",
        "replace",
        "move",
        "copy",
        "replace",
    ]


@pytest.mark.parametrize(
    ("pointer", "operation"),
    [
        ("/paths/~1a~1{b}/get", "GET /a/{b}"),
        ("/paths/~1a/post/responses/200", "POST /a"),
        ("/paths/~1a", ""),
        ("/paths/~1a/parameters/0", ""),
        ("/components/schemas/get", ""),
        ("", ""),
    ],
)
def test_operation_of_a_pointer(pointer: str, operation: str) -> None:
    assert operation_of(pointer) == operation


def test_applied_value_is_a_copy() -> None:
    value: Json = {"x": [1]}
    root: Json = {"a": value}
    apply(root, Change(source="/a", pointer="/b", keep_source=True))
    apply(root, Change(pointer="/c", after=value))
    value["x"].append(2)
    assert root["b"] == root["c"] == {"x": [1]}


@pytest.mark.parametrize(
    "change",
    [
        Change(source="/none", pointer="/b"),
        Change(source="/none", pointer="/b", keep_source=True),
        Change(source="/l/9", pointer="/b"),
        Change(pointer="/l/-", after=1),
        Change(pointer="/l/5", after=1),
        Change(pointer="/l/x", after=1),
        Change(pointer="", after=1),
        Change(pointer="", before={"l": []}, after=1),
    ],
    ids=lambda change: f"{change.op} {change.source} {change.pointer}",
)
def test_place_that_cannot_be_edited_is_a_conflict(change: Change) -> None:
    root: Json = {"l": []}
    with pytest.raises(ChangeConflictError):
        apply(root, change)
    assert root == {"l": []}


def places(node: Json, pointer: str = "") -> Iterator[str]:
    """Every pointer below a value, without its own."""
    rows = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in rows:
        child = join(pointer, key)
        yield child
        if isinstance(value, dict | list):
            yield from places(value, child)


def free_places(node: Json, key: str) -> list[str]:
    """Where a value can be added: a new key of each object, the end of each array."""
    holders = ["", *places(node)]
    free = []
    for pointer in holders:
        value = get(node, pointer)
        if isinstance(value, dict) and key not in value:
            free.append(join(pointer, key))
        elif isinstance(value, list):
            free.append(join(pointer, len(value)))
    return free


@st.composite
def valid_changes(draw: st.DrawFn, root: Json) -> Change:
    taken = list(places(root))
    op = draw(st.sampled_from(["add", "remove", "replace", "move", "copy"] if taken else ["add"]))
    key = draw(TEXT.filter(lambda text: text not in root))
    if op == "add":
        return Change(pointer=draw(st.sampled_from(free_places(root, key))), after=draw(JSON))
    place = draw(st.sampled_from(taken))
    before = clone(get(root, place))
    if op == "copy":
        target = draw(st.sampled_from(free_places(root, key)))
        return Change(source=place, pointer=target, keep_source=True)
    if op == "move":
        return Change(source=place, pointer=join("", key))
    after = draw(JSON) if op == "replace" else MISSING
    return Change(pointer=place, before=before, after=after)


@given(st.data(), ROOTS)
def test_recorded_changes_replay_to_the_same_document(data: st.DataObject, root: Json) -> None:
    edited, changes = clone(root), []
    for _ in range(data.draw(st.integers(1, 6))):
        changes.append(data.draw(valid_changes(edited)))
        apply(edited, changes[-1])
    log = parse(dump([change.record() for change in changes]), "changes.json")
    replayed = clone(root)
    replay(replayed, map(Change.from_record, log))
    assert dump(replayed) == dump(edited)


@given(st.data(), ROOTS)
def test_change_whose_before_differs_is_a_conflict(data: st.DataObject, root: Json) -> None:
    place = data.draw(st.sampled_from(list(places(root))))
    wrong = data.draw(JSON.filter(lambda value: not same(value, get(root, place))))
    before = data.draw(st.sampled_from([wrong, MISSING]))
    after = data.draw(JSON)
    kept = clone(root)
    with pytest.raises(ChangeConflictError) as caught:
        apply(root, Change(pointer=place, before=before, after=after))
    assert caught.value.pointer == place
    assert same(root, kept)
