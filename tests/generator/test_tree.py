"""The package folder: what a build writes, refuses to write, and reports."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from generator import cli
from generator.pipeline import Paths, prepare
from generator.tree import MANIFEST
from normalizer.diagnostics import BugError, FindingsError, InputError
from normalizer.document import dump
from tests.generator import workshop
from tests.generator.fragments import FRAGMENTS, TEXT, Node, content, record

EDITED = "python/src/bezant_api/version.py"


@dataclass(frozen=True)
class Checkout:
    """A small checkout: its document, its templates, its output."""

    folder: Path

    @property
    def paths(self) -> Paths:
        return Paths(
            spec=self.folder / "spec",
            templates=self.folder / "templates",
            output=self.folder / "output",
            licences=workshop.ROOT,
        )

    @property
    def options(self) -> list[str]:
        names = ("spec", "templates", "output")
        return [part for name in names for part in (f"--{name}", str(self.folder / name))]

    def use(self, source: Node) -> None:
        self.paths.document.parent.mkdir(parents=True, exist_ok=True)
        self.paths.document.write_bytes(dump(workshop.normalised(source)))

    def build(self, *options: str) -> None:
        cli.commands.main(["build", *self.options, *options], standalone_mode=False)

    def check(self) -> None:
        cli.commands.main(["check", *self.options], standalone_mode=False)

    def template(self, name: str, change: Callable[[str], str]) -> Path:
        path = self.folder / "templates" / "python" / name
        path.write_text(change(path.read_text("utf-8")), "utf-8")
        return path

    def output(self, name: str) -> Path:
        return self.folder / "output" / name

    def files(self, *parts: str) -> dict[str, bytes]:
        top = self.folder.joinpath(*parts)
        found = (path for path in top.rglob("*") if path.is_file())
        return {str(path.relative_to(top)): path.read_bytes() for path in found}


def _two_groups() -> Node:
    found = FRAGMENTS["nullable"]
    operation = {"tags": ["Gone"], "responses": {"200": content(record({"x": TEXT}))}}
    return {**found, "paths": {**found["paths"], "/gone": {"get": operation}}}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    checkout = Checkout(tmp_path_factory.mktemp("built"))
    shutil.copytree(workshop.ROOT / "templates", checkout.folder / "templates")
    checkout.use(FRAGMENTS["nullable"])
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(workshop.ROOT)
        checkout.build()
    return checkout


@pytest.fixture
def checkout(built: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    monkeypatch.chdir(workshop.ROOT)
    shutil.copytree(built.folder, tmp_path / "checkout")
    return Checkout(tmp_path / "checkout")


# --- Building ------------------------------------------------------------------------------------


def test_second_build_writes_nothing(checkout: Checkout) -> None:
    def stamps() -> dict[Path, tuple[int, int]]:
        found = [path for path in checkout.folder.rglob("*") if path.is_file()]
        return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in found}

    before = stamps()
    checkout.build()
    assert stamps() == before


def test_manifest_lists_every_file(checkout: Checkout) -> None:
    packages = prepare(checkout.paths).packages
    assert [package.name for package in packages] == ["python", "typescript"]
    for package in packages:
        names = set(checkout.files("output", package.name))
        assert names == set(package.files)
        assert package.plan.unchanged == len(names)
        assert package.plan.written == {}


def test_edited_file_is_refused(checkout: Checkout) -> None:
    checkout.output(EDITED).write_text("VERSION = 'mine'\n")
    checkout.use(FRAGMENTS["map"])
    before = checkout.files()
    with pytest.raises(FindingsError) as caught:
        checkout.build()
    assert caught.value.exit_code == 1
    assert caught.value.diagnostic.file == str(checkout.output(EDITED))
    assert checkout.files() == before


def test_an_edit_in_one_package_stops_all(checkout: Checkout) -> None:
    """The packages are written one after another: nothing of the first before the last is looked at."""
    checkout.output("typescript/src/index.ts").write_text("export const mine = 1\n")
    checkout.use(FRAGMENTS["map"])
    before = checkout.files()
    with pytest.raises(FindingsError, match="edited by hand"):
        checkout.build()
    assert checkout.files() == before


def test_force_overwrites_edited_file(checkout: Checkout) -> None:
    before = checkout.files()
    checkout.output(EDITED).write_text("VERSION = 'mine'\n")
    checkout.build("--force")
    assert checkout.files() == before


def test_missing_file_is_restored(checkout: Checkout) -> None:
    before = checkout.files()
    checkout.output(EDITED).unlink()
    checkout.build()
    assert checkout.files() == before


def test_missing_manifest_is_restored(checkout: Checkout) -> None:
    before = checkout.files()
    checkout.output(f"python/{MANIFEST}").unlink()
    checkout.build()
    assert checkout.files() == before


def test_file_that_is_no_longer_generated_goes(checkout: Checkout) -> None:
    original = checkout.files("output")
    checkout.use(_two_groups())
    checkout.build()
    grown = set(checkout.files("output")) - set(original)
    assert grown == {
        "python/src/bezant_api/models/gone.py",
        "python/src/bezant_api/operations/gone.py",
        "python/src/bezant_api/sidecar/routers/gone.py",
        "typescript/src/operations/gone.ts",
        "typescript/src/types/gone.ts",
    }
    checkout.use(FRAGMENTS["nullable"])
    checkout.build()
    assert set(checkout.files("output")) == set(original)


def test_edited_file_that_is_no_longer_generated_is_refused(checkout: Checkout) -> None:
    checkout.use(_two_groups())
    checkout.build()
    mine = checkout.output("python/src/bezant_api/models/gone.py")
    mine.write_text("# mine\n")
    checkout.use(FRAGMENTS["nullable"])
    with pytest.raises(FindingsError) as caught:
        checkout.build()
    assert caught.value.diagnostic.file == str(mine)
    assert mine.read_text() == "# mine\n"


def test_empty_folders_go(checkout: Checkout) -> None:
    core = checkout.folder / "templates" / "python" / "core"
    for path in core.glob("*.py"):
        path.unlink()
    checkout.build()
    assert not checkout.output("python/src/bezant_api/core").exists()
    assert checkout.output("python/src/bezant_api/models").is_dir()


def test_core_file_changes(checkout: Checkout) -> None:
    checkout.template("core/drift.py", lambda text: text + "# changed\n")
    python, typescript = prepare(checkout.paths).packages
    assert {path.name for path in python.plan.written} == {"drift.py", MANIFEST}
    assert typescript.plan.written == {}
    checkout.build()
    assert (
        checkout.output("python/src/bezant_api/core/drift.py").read_text().endswith("# changed\n")
    )


def test_names_of_the_lock_are_kept_until_new_ones_are_accepted(checkout: Checkout) -> None:
    key, module = "field:GetThingsResponse#a", "python/src/bezant_api/models/things.py"
    original_module = checkout.output(module).read_bytes()
    locked = json.loads(checkout.paths.lock.read_bytes())
    assert locked["python"][key] == "a"
    locked["python"][key] = "alpha"
    checkout.paths.lock.write_bytes(dump(locked))
    checkout.build()
    assert 'alpha: str | None = _field(name="a"' in checkout.output(module).read_text()
    checkout.build("--accept-names", "alpha was a mistake")
    renamed = json.loads(checkout.paths.lock.read_bytes()).pop("renamed")
    assert renamed == [
        {"symbol": key, "before": "alpha", "after": "a", "reason": "alpha was a mistake"}
    ]
    assert checkout.output(module).read_bytes() == original_module


def test_names_are_accepted_of_some_symbols_alone(checkout: Checkout) -> None:
    def locked() -> Any:
        return json.loads(checkout.paths.lock.read_bytes())

    fields = [key for key in locked()["python"] if key.startswith("field:GetThingsResponse#")]
    assert len(fields) > 1
    names = locked()
    names["python"] |= dict.fromkeys(fields, "alpha") | {fields[1]: "beta"}
    checkout.paths.lock.write_bytes(dump(names))
    checkout.build("--accept-names", "a reason", "--of", fields[0])
    assert locked()["python"][fields[0]] != "alpha"
    assert locked()["python"][fields[1]] == "beta"
    assert [entry["symbol"] for entry in locked()["renamed"]] == [fields[0]]


# --- Checking ------------------------------------------------------------------------------------


def _findings(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> str:
    before = checkout.files()
    with pytest.raises(SystemExit) as caught:
        checkout.check()
    assert caught.value.code == 1
    assert checkout.files() == before
    return capsys.readouterr().out


def test_check_is_content_after_a_build(checkout: Checkout) -> None:
    before = checkout.files()
    checkout.check()
    assert checkout.files() == before


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        (EDITED, lambda path: path.write_text("edited"), "edited by hand"),
        (EDITED, lambda path: path.unlink(), "missing"),
        (f"python/{MANIFEST}", lambda path: path.write_text("{}"), "not what the document gives"),
        ("python/src/stranger.py", lambda path: path.write_text(""), "not generated"),
        ("python/src/bezant_api/models/x.txt", lambda path: path.write_text(""), "not generated"),
    ],
)
def test_check_names_the_file(
    name: str,
    change: Callable[[Path], object],
    message: str,
    checkout: Checkout,
    capsys: pytest.CaptureFixture[str],
) -> None:
    change(checkout.output(name))
    out = _findings(checkout, capsys)
    assert f"{checkout.output(name)}: {message}" in out


def test_check_reports_what_is_no_longer_generated(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout.use(_two_groups())
    checkout.build()
    checkout.use(FRAGMENTS["nullable"])
    out = _findings(checkout, capsys)
    assert f"{checkout.output('python/src/bezant_api/models/gone.py')}: no longer generated" in out


def test_check_ignores_caches(checkout: Checkout) -> None:
    cache = checkout.output("python/src/bezant_api/__pycache__")
    cache.mkdir()
    (cache / "client.cpython-311.pyc").write_bytes(b"")
    checkout.check()


def test_check_reports_stale_names(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    checkout.paths.lock.unlink()
    assert f"{checkout.paths.lock}: " in _findings(checkout, capsys)


# --- Templates that break ------------------------------------------------------------------------


def _refused(checkout: Checkout) -> BugError:
    before = checkout.files("output")
    with pytest.raises(BugError) as caught:
        checkout.build()
    assert caught.value.exit_code == 70
    assert checkout.files("output") == before
    return caught.value


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("version.py.j2", "{{ view.nothing }}"),
        ("version.py.j2", "{{ nothing }}"),
        ("version.py.j2", "{{ view.version / 2 }}"),
        ("version.py.j2", "{{ view.version | nonsense }}"),
        ("version.py.j2", "{% if %}"),
        ("_struct.j2", "{{ struct.nothing }}"),
        ("_struct.j2", "{{ struct.name / 2 }}"),
        ("_struct.j2", "{% endfor %}"),
    ],
)
def test_broken_template_is_named_with_its_line(
    template: str, code: str, checkout: Checkout
) -> None:
    def spoil(text: str) -> str:
        lines = text.split("\n")
        return "\n".join([*lines[:1], "", code, *lines[1:]])

    path = checkout.template(template, spoil)
    diagnostic = _refused(checkout).diagnostic
    assert (diagnostic.file, diagnostic.line) == (str(path), 3)


@pytest.mark.parametrize("code", ["x = = 1", "def (:", '"""', "{{ view.spec_title }} is (text"])
def test_template_that_renders_no_python_is_named(code: str, checkout: Checkout) -> None:
    checkout.template("version.py.j2", lambda text: f"{text}{code}\n")
    error = _refused(checkout)
    assert "version.py.j2" in error.diagnostic.message
    assert error.diagnostic.file.endswith("version.py")


def test_missing_template_is_named(checkout: Checkout) -> None:
    (checkout.folder / "templates" / "python" / "version.py.j2").unlink()
    assert _refused(checkout).diagnostic.file.endswith("version.py.j2")


# --- A disk that refuses -------------------------------------------------------------------------

_LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
from generator.cli import main
main(sys.argv[1:])
"""


def test_full_disk_leaves_every_old_byte(checkout: Checkout) -> None:
    checkout.use(_two_groups())
    before = checkout.files()
    done = workshop.run("-c", _LIMITED, "build", *checkout.options, PYTHONPATH=".")
    assert done.returncode == InputError.exit_code, done.stderr
    assert "cannot write" in done.stderr
    assert "Traceback" not in done.stderr
    assert checkout.files() == before


def test_file_in_the_place_of_a_folder_is_an_input_error(checkout: Checkout) -> None:
    shutil.rmtree(checkout.output("python/src/bezant_api/models"))
    checkout.output("python/src/bezant_api/models").write_text("in the way")
    before = checkout.files()
    with pytest.raises(InputError) as caught:
        checkout.build()
    assert "models" in caught.value.diagnostic.file
    assert checkout.files() == before


def test_folder_in_the_place_of_a_file_is_an_input_error(checkout: Checkout) -> None:
    checkout.output(EDITED).unlink()
    checkout.output(EDITED).mkdir()
    before = checkout.files()
    with pytest.raises(InputError) as caught:
        checkout.build()
    assert caught.value.diagnostic.file == str(checkout.output(EDITED))
    assert checkout.files() == before


# --- Exit codes ----------------------------------------------------------------------------------


def _command(checkout: Checkout, command: str) -> tuple[int, str]:
    done = workshop.run("-m", "generator", command, *checkout.options)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def test_exit_codes(checkout: Checkout) -> None:
    assert _command(checkout, "check")[0] == 0
    checkout.output(EDITED).write_text("edited")
    code, said = _command(checkout, "build")
    assert (code, str(checkout.output(EDITED)) in said) == (1, True)
    path = checkout.template("version.py.j2", lambda text: text + "{{ nothing }}")
    code, said = _command(checkout, "build")
    assert (code, str(path) in said) == (70, True)
    checkout.paths.document.write_text("<html>")
    code, said = _command(checkout, "build")
    assert (code, str(checkout.paths.document) in said) == (3, True)
    assert _command(checkout, "nonsense")[0] == 2


def test_list_prints_every_file(checkout: Checkout) -> None:
    code, said = _command(checkout, "list")
    assert code == 0
    names = sorted(str(checkout.output(name)) for name in checkout.files("output"))
    assert said.split() == names
