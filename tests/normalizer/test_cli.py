import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest

from normalizer import report
from normalizer.cli import main
from normalizer.diagnostics import Diagnostic, Severity
from normalizer.document import Json, dump
from normalizer.rules import RULES

pytestmark = pytest.mark.usefixtures("collected_garbage")


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int | str | None
    out: str
    err: str


Call: TypeAlias = Callable[..., Done]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], spec: Path) -> Call:
    """Run a command on a copy of the spec folder, in this process."""

    def run(command: str, *arguments: str | Path) -> Done:
        with pytest.raises(SystemExit) as caught:
            main([command, *map(str, arguments), "--spec", str(spec)])
        return Done(caught.value.code, *capsys.readouterr())

    return run


@pytest.fixture
def spec(tmp_path: Path, checkout: Path) -> Path:
    return Path(shutil.copytree(checkout / "spec", tmp_path / "spec"))


def module(checkout: Path, *arguments: str) -> Done:
    done = subprocess.run(
        [sys.executable, "-m", "normalizer", *arguments],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def add_overlay(spec: Path, target: str) -> Path:
    path = spec / "overlays" / "99-test.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"overlay: 1.1.0\nactions:\n  - target: {target}\n    update: {{}}\n")
    return path


def add_error(spec: Path) -> None:
    """An overlay whose result breaks an invariant: no rule gives an operation a success."""
    text = "overlay: 1.1.0\nactions:\n  - target: $.paths\n    update: {/test: {get: {}}}\n"
    path = spec / "overlays" / "99-test.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


# --- check ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_check_of_the_checkout_is_clean(checkout: Path) -> None:
    done = module(checkout, "check")
    assert (done.code, done.out) == (0, "")
    assert "what the pin gives" in done.err


def test_check_writes_nothing(call: Call, spec: Path) -> None:
    before = contents(spec)
    assert call("check", "--no-validate").code == 0
    assert contents(spec) == before


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        ("normalized/openapi.json", b"3.1.0", b"3.1.1", "normalised-stale"),
        ("normalized/openapi.json", b"{\n", b"{ ", "normalised-stale"),
        ("normalized/changes.json", b'"replace"', b'"replacE"', "normalised-stale"),
        ("upstream/openapi.json", b"2.29.0", b"2.29.1", "pin-edited"),
        ("upstream/lock.json", b'"pin_sha256": "', b'"pin_sha256": "0', "pin-edited"),
    ],
)
def test_check_names_the_file_that_was_edited(
    call: Call, spec: Path, name: str, old: bytes, new: bytes, code: str
) -> None:
    path = spec / name
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))
    done = call("check", "--no-validate")
    named = path if code != "pin-edited" else spec / "upstream" / "openapi.json"
    assert done.code == 1
    assert f"error {code}: {named}" in done.out
    assert "what the pin gives" not in done.err


def test_check_gives_the_pointer_of_the_first_difference(call: Call, spec: Path) -> None:
    path = spec / "normalized" / "openapi.json"
    path.write_bytes(path.read_bytes().replace(b"2.29.0", b"2.29.1", 1))
    assert f"{path} #/info/version" in call("check", "--no-validate").out


@pytest.mark.parametrize("name", ["openapi.json", "changes.json"])
def test_check_names_a_missing_product(call: Call, spec: Path, name: str) -> None:
    (spec / "normalized" / name).unlink()
    done = call("check", "--no-validate")
    assert done.code == 1
    assert str(spec / "normalized" / name) in done.out


def test_check_names_a_product_that_is_no_json(call: Call, spec: Path) -> None:
    path = spec / "normalized" / "openapi.json"
    path.write_bytes(b"<" + path.read_bytes()[1:])
    done = call("check", "--no-validate")
    assert done.code == 1
    assert str(path) in done.out


# --- run -----------------------------------------------------------------------------------------


def test_run_writes_the_committed_products(call: Call, spec: Path, tmp_path: Path) -> None:
    done = call("run", "--no-validate", "--out", tmp_path / "new")
    assert (done.code, done.out) == (0, "")
    assert "normalised 173 operations" in done.err
    assert contents(tmp_path / "new") == contents(spec / "normalized")


def test_run_restores_an_edited_product(call: Call, spec: Path) -> None:
    before = contents(spec)
    (spec / "normalized" / "openapi.json").write_bytes(b"edited")
    assert call("run", "--no-validate").code == 0
    assert contents(spec) == before


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"openapi": "3.0.0",', "bad.json:1:21"),
        (b"<html>", "not JSON"),
        (b'{"a": 1, "a": 2}', "#/a"),
        (b'{"swagger": "2.0"}', "no OpenAPI"),
    ],
)
def test_run_on_a_bad_source_writes_nothing(
    call: Call, tmp_path: Path, data: bytes, message: str
) -> None:
    (tmp_path / "bad.json").write_bytes(data)
    before = contents(tmp_path)
    done = call("run", "--source", tmp_path / "bad.json", "--out", tmp_path / "out")
    assert (done.code, done.out) == (3, "")
    assert message in done.err
    assert contents(tmp_path) == before
    assert not (tmp_path / "out").exists()


def test_run_on_an_absent_source_is_unusable_input(call: Call, tmp_path: Path) -> None:
    done = call("run", "--source", tmp_path / "absent.json", "--out", tmp_path / "out")
    assert done.code == 3
    assert "absent.json" in done.err


def test_run_into_a_file_is_unusable_input(call: Call, tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"old")
    done = call("run", "--no-validate", "--out", tmp_path / "out")
    assert done.code == 3
    assert "cannot write" in done.err
    assert (tmp_path / "out").read_bytes() == b"old"


def test_run_with_findings_writes_nothing(call: Call, spec: Path) -> None:
    add_error(spec)
    before = contents(spec)
    done = call("run", "--no-validate")
    assert done.code == 1
    assert "error success-response" in done.out
    assert "nothing was written" in done.err
    assert contents(spec) == before


@pytest.mark.parametrize(("strict", "code"), [([], 0), (["--strict"], 1)])
def test_warning_fails_a_strict_run_only(
    call: Call, spec: Path, tmp_path: Path, strict: list[str], code: int
) -> None:
    path = add_overlay(spec, "$.nowhere")
    done = call("run", "--no-validate", "--out", tmp_path / "out", *strict)
    assert done.code == code
    assert f"warning overlay-idle: {path} #/actions/0" in done.out
    assert (tmp_path / "out").exists(), "an explicit --out holds the result, findings or not"


def test_bad_overlay_is_unusable_input(call: Call, spec: Path) -> None:
    path = add_overlay(spec, "info")
    done = call("check", "--no-validate")
    assert (done.code, done.out) == (3, "")
    assert f"{path} #/actions/0/target" in done.err


@pytest.mark.slow
def test_run_validates_what_it_writes(
    call: Call, spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = "{tags: 5, responses: {'200': {description: d}}}"
    text = (
        f"overlay: 1.1.0\nactions:\n  - target: $.paths\n    update: {{/t: {{get: {operation}}}}}\n"
    )
    add_overlay(spec, "$").write_text(text)
    monkeypatch.chdir(tmp_path)
    done = call("run", "--out", tmp_path / "out")
    assert done.code == 1
    assert "openapi-valid" in done.out
    assert (tmp_path / "out" / "openapi.json").exists()


# --- refresh, rules, explain ---------------------------------------------------------------------


def test_refresh_pins_a_file_and_says_what_is_next(call: Call, spec: Path) -> None:
    before = (spec / "upstream" / "openapi.json").read_bytes()
    source = spec.parent / "source.json"
    source.write_bytes(before)
    done = call("refresh", "--source", source)
    assert (done.code, done.out) == (0, "")
    assert "pinned 2.29.0: 168 operations" in done.err
    assert (spec / "upstream" / "openapi.json").read_bytes() == before


def test_refresh_of_a_bad_source_is_unusable_input(call: Call, spec: Path) -> None:
    before = contents(spec)
    (spec.parent / "bad.json").write_bytes(b"<html>")
    done = call("refresh", "--source", spec.parent / "bad.json")
    assert (done.code, done.out) == (3, "")
    assert "bad.json" in done.err
    assert contents(spec) == before


def test_rules_are_listed_in_order_with_their_counts(call: Call, spec: Path) -> None:
    done = call("rules")
    rows = [line.split(maxsplit=2) for line in done.out.splitlines()]
    assert (done.code, done.err) == (0, "")
    assert [row[1] for row in rows] == [rule.id for rule in RULES]
    changes = json.loads((spec / "normalized" / "changes.json").read_bytes())["changes"]
    by_rules = [change for change in changes if not change["rule"].startswith("overlay:")]
    assert sum(int(row[0]) for row in rows) == len(by_rules)


@pytest.mark.parametrize("rule", [RULES[0], RULES[-2]], ids=lambda rule: rule.id)
def test_explain_shows_the_example_and_the_places(call: Call, rule: Json) -> None:
    done = call("explain", rule.id)
    assert (done.code, done.err) == (0, "")
    for part in (rule.id, rule.title, rule.why, json.dumps(rule.after, indent=2)):
        assert part in done.out


def test_explain_of_an_unknown_rule_lists_the_known(call: Call) -> None:
    done = call("explain", "no-such-rule")
    assert (done.code, done.out) == (2, "")
    assert "no-such-rule" in done.err
    assert RULES[0].id in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--source", "x.json"],
        ["run", "--format", "xml"],
        ["run", "--unknown"],
        ["explain"],
        ["no-such-command"],
    ],
)
def test_wrong_usage_is_exit_2(call: Call, spec: Path, arguments: list[str]) -> None:
    before = contents(spec)
    done = call(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err
    assert contents(spec) == before


def test_help_names_commands_and_exit_codes(checkout: Path) -> None:
    done = module(checkout, "--help")
    assert (done.code, done.err) == (0, "")
    for word in ("run", "check", "refresh", "rules", "explain", "70"):
        assert word in done.out


def test_module_reports_unusable_input(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_bytes(b"{")
    source, out = str(tmp_path / "bad.json"), str(tmp_path / "out")
    done = module(checkout, "run", "--source", source, "--out", out)
    assert (done.code, done.out) == (3, "")
    assert f"{source}:1:2" in done.err
    assert "Traceback" not in done.err


# --- Formats -------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["run", "check"])
def test_json_format_is_one_document(call: Call, spec: Path, command: str) -> None:
    path = add_overlay(spec, "$.nowhere")
    done = call(command, "--no-validate", "--format", "json")
    value = json.loads(done.out)
    [found] = value["findings"]
    assert (done.code, value["schema"]) == (0, 1)
    assert (found["code"], found["severity"]) == ("overlay-idle", "warning")
    assert (found["file"], found["pointer"]) == (str(path), "/actions/0")
    assert found["message"]
    assert found["hint"]


def test_json_format_of_a_clean_check_has_no_findings(call: Call) -> None:
    assert json.loads(call("check", "--no-validate", "--format", "json").out)["findings"] == []


def test_github_format_is_an_annotation(call: Call, spec: Path) -> None:
    path = add_overlay(spec, "$.nowhere")
    done = call("check", "--no-validate", "--format", "github")
    start = f"::warning title=overlay-idle,file={path},line=1::"
    assert done.out.startswith(start)
    assert done.out.count("\n") == 1


@pytest.mark.parametrize(
    ("severity", "level"),
    [(Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "notice")],
)
def test_github_levels(severity: Severity, level: str) -> None:
    found = Diagnostic(code="c", message="m", severity=severity, file="f", line=3, pointer="/p")
    assert report.findings([found], "github") == f"::{level} title=c,file=f,line=3::m (#/p)"


@pytest.mark.parametrize(
    ("text", "escaped"),
    [("a%b", "a%25b"), ("a\nb", "a%0Ab"), ("a\rb", "a%0Db"), ("a::b", "a::b"), ("a,b", "a,b")],
)
def test_github_message_is_escaped(text: str, escaped: str) -> None:
    found = report.findings([Diagnostic(code="c", message=text)], "github")
    command, message = found[2:].split("::", 1)
    assert command.startswith("error title=c")
    assert message.replace(":%3A", "::") == f"{escaped} (#)"


@pytest.mark.parametrize(
    ("text", "escaped"), [("a,b", "a%2Cb"), ("a:b", "a%3Ab"), ("a%b", "a%25b"), ("a\nb", "a%0Ab")]
)
def test_github_properties_are_escaped(text: str, escaped: str) -> None:
    found = report.findings([Diagnostic(code="c", message="m", file=text)], "github")
    assert f"file={escaped},line=1::" in found


def test_text_format_has_place_and_hint() -> None:
    found = Diagnostic(code="c", message="m", file="f", line=2, column=3, pointer="/p", hint="h")
    assert report.findings([found]) == "error c: f:2:3 #/p: m\n  hint: h"


def test_change_log_is_readable_json(spec: Path) -> None:
    log = json.loads((spec / "normalized" / "changes.json").read_bytes())
    assert log["schema"] == 1
    assert dump(log) == (spec / "normalized" / "changes.json").read_bytes()
