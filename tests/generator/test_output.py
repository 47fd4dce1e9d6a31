"""The committed product: it imports, it is what the document gives, and who depends on whom."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from generator.render import Renderer
from tests.generator import workshop
from tests.generator.workshop import ROOT, TEMPLATES

SRC: Final = ROOT / "output" / "python" / "src"
PACKAGE: Final = SRC / "bezant_api"
TYPESCRIPT: Final = ROOT / "output" / "typescript"
OPERATIONS: Final = 173
MODULES: Final = sorted(PACKAGE.rglob("*.py"))


# --- Importing -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def examined() -> dict[str, Any]:
    (found,) = workshop.drive([{"src": str(SRC)}])
    assert "error" not in found, found["error"]
    result: dict[str, Any] = found
    return result


def test_every_module_imports(examined: dict[str, Any]) -> None:
    assert examined["modules"] == len(MODULES)


def test_registry_holds_every_operation(examined: dict[str, Any]) -> None:
    document = json.loads((ROOT / "spec/normalized/openapi.json").read_bytes())
    expected = [
        (operation["operationId"], path)
        for path, item in document["paths"].items()
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    ]
    found = [(operation["id"], operation["path"]) for operation in examined["operations"]]
    assert len(found) == OPERATIONS
    assert sorted(found) == sorted(expected)


_WALK: Final = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"


def _name(path: Path, top: Path = SRC) -> str:
    parts = path.relative_to(top).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_modules_import_in_any_order() -> None:
    names = [_name(path) for path in MODULES]
    for order in (names, names[::-1]):
        done = workshop.run("-c", _WALK, *order, PYTHONPATH=str(SRC))
        assert (done.returncode, done.stderr) == (0, "")


def _loaded(statement: str) -> set[str]:
    script = f"import sys; {statement}; print(*sorted(sys.modules))"
    done = workshop.run("-c", script, PYTHONPATH=str(SRC))
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_importing_the_package_loads_no_dependency() -> None:
    assert not {"msgspec", "httpx2", "typing"} & _loaded("import bezant_api")


@pytest.mark.parametrize("module", ["models.orders", "operations.orders", "registry", "models"])
def test_modules_load_no_http_library(module: str) -> None:
    assert not {"httpx2", "pydantic_core"} & _loaded(f"import bezant_api.{module}")


def test_registry_loads_no_models() -> None:
    script = (
        "import sys, bezant_api; bezant_api.OPERATIONS['get_portfolio_accounts']; "
        "print(*(n for n in sys.modules if n.startswith('bezant_api.models.')))"
    )
    done = workshop.run("-c", script, PYTHONPATH=str(SRC))
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def _positional(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    return [argument.arg for argument in function.args.args if argument.arg not in ("self", "body")]


def test_positional_arguments_stand_in_the_order_of_the_path() -> None:
    """`cancel(account_id, order_id)` for `/account/{accountId}/order/{orderId}`."""
    from bezant_api import registry

    for operation in registry.OPERATIONS.values():
        tree = ast.parse((PACKAGE / "operations" / f"{operation.resource}.py").read_text())
        names = {p.name: p.argument for p in operation.parameters if p.location == "path"}
        expected = [names[name] for name in re.findall(r"{([^}]*)}", operation.path)]
        methods = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.name == operation.name
        ]
        assert len(methods) == 2
        assert [_positional(method) for method in methods] == [expected, expected], operation.id


# --- Checking ------------------------------------------------------------------------------------


def _check(*options: str | Path) -> subprocess.CompletedProcess[str]:
    return workshop.run("-m", "generator", "check", *options)


def test_check_is_content() -> None:
    done = _check()
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@pytest.mark.parametrize(
    "name", ["src/bezant_api/models/orders.py", "src/bezant_api/core/drift.py", "LICENSE-MIT"]
)
def test_check_names_an_edited_file(name: str, tmp_path: Path) -> None:
    output = tmp_path / "output"
    shutil.copytree(ROOT / "output", output, ignore=shutil.ignore_patterns("__pycache__"))
    path = output / "python" / name
    path.write_bytes(path.read_bytes().replace(b"e", b"E", 1))
    done = _check("--output", output)
    assert done.returncode == 1, done.stderr
    assert f"{path}: edited by hand" in done.stdout
    assert done.stdout.count("error ") == 1


def test_check_names_edited_names(tmp_path: Path) -> None:
    """A name changed in the lock is a public name changed: the modules and the lock's hash differ."""
    shutil.copytree(ROOT / "spec", tmp_path / "spec")
    lock = tmp_path / "spec" / "names.lock.json"
    text = lock.read_text()
    assert '#path:accountId": "account_id"' in text
    lock.write_text(
        text.replace('#path:accountId": "account_id"', '#path:accountId": "account_ix"', 1)
    )
    done = _check("--spec", tmp_path / "spec")
    assert done.returncode == 1, done.stderr
    assert "output/python/src/bezant_api/operations/" in done.stdout


def test_check_names_a_reformatted_lock(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "spec", tmp_path / "spec")
    lock = tmp_path / "spec" / "names.lock.json"
    lock.write_bytes(lock.read_bytes() + b" ")
    done = _check("--spec", tmp_path / "spec")
    assert done.returncode == 1, done.stderr
    assert f"{lock}: " in done.stdout
    assert done.stdout.count("error ") == 1


# --- Determinism ---------------------------------------------------------------------------------

_DIGEST: Final = """
import hashlib, json
from pathlib import Path
from generator.build import build
from generator.emit.protocol import Named
from generator.emit.python import PythonEmitter
from generator.format import format_all
from generator.naming import NameLock
root = json.loads(Path("spec/normalized/openapi.json").read_bytes())
api, _ = build(root, "openapi.json")
emission = PythonEmitter(Path("templates/python"), Path(".")).emit(Named.of(api, NameLock()))
small = [artifact for artifact in emission.artifacts if len(artifact.text) < LIMIT]
texts = format_all(small, {})
raw = sorted((str(artifact.path), artifact.text) for artifact in emission.artifacts)
print(hashlib.sha256(json.dumps([raw, sorted(texts.items())]).encode()).hexdigest())
"""


def _digest(python: str, seed: int, limit: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-c", _DIGEST.replace("LIMIT", str(limit))],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def _both_seeds(python: str, limit: int) -> list[str]:
    done = [_digest(python, seed, limit) for seed in (0, 1)]
    assert [item.returncode for item in done] == [0, 0], done[0].stderr + done[1].stderr
    return [item.stdout for item in done]


def test_every_hash_seed_gives_the_same_bytes() -> None:
    """All files as rendered; formatted, those that are formatted quickly."""
    first, second = _both_seeds(sys.executable, limit=20_000)
    assert first == second


@pytest.mark.slow
def test_every_hash_seed_gives_the_same_formatted_bytes() -> None:
    first, second = _both_seeds(sys.executable, limit=10**9)
    assert first == second


def _newer() -> Iterator[str]:
    for minor in range(sys.version_info.minor + 1, sys.version_info.minor + 6):
        python = shutil.which(f"python3.{minor}")
        probe = [python or "", "-c", "import black, click, jinja2, msgspec"]
        if python and subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            yield python


def test_newer_interpreters_give_the_same_bytes() -> None:
    pythons = list(_newer())
    if not pythons:
        pytest.skip("no newer python3.X on PATH has black, click, jinja2 and msgspec")
    expected = _digest(sys.executable, 0, 20_000).stdout
    assert expected
    assert {_digest(python, 0, 20_000).stdout for python in pythons} == {expected}


# --- Directions of dependency --------------------------------------------------------------------


def _imports(path: Path, top: Path) -> Iterator[str]:
    """Absolute names of all modules that a module imports, lazily or not."""
    package = _name(path, top).split(".")
    package = package if path.name == "__init__.py" else package[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _all_imports(folder: Path, top: Path) -> set[str]:
    return {name for path in folder.rglob("*.py") for name in _imports(path, top)}


def _of(names: set[str], package: str) -> set[str]:
    return {name for name in names if name.partition(".")[0] == package}


def test_generator_knows_two_modules_of_the_normaliser() -> None:
    found = _of(_all_imports(ROOT / "generator", ROOT), "normalizer")
    assert found
    assert {".".join(name.split(".")[:2]) for name in found} == {
        "normalizer.document",
        "normalizer.diagnostics",
    }


@pytest.mark.parametrize(
    ("folder", "stranger"),
    [
        ("normalizer", "generator"),
        ("normalizer", "bezant_api"),
        ("normalizer", "bezant"),
        ("generator", "bezant_api"),
        ("generator", "bezant"),
    ],
)
def test_nobody_imports_upwards(folder: str, stranger: str) -> None:
    found = _all_imports(ROOT / folder, ROOT)
    assert found
    assert _of(found, stranger) == set()


@pytest.mark.parametrize(
    ("part", "strangers"),
    [
        (
            "ir",
            {"build", "naming", "usage", "lower", "emit", "render", "format", "tree", "pipeline"},
        ),
        ("build", {"naming", "usage", "lower", "emit", "render", "format", "tree", "pipeline"}),
        ("naming", {"build", "usage", "lower", "emit", "render", "format", "tree", "pipeline"}),
        ("lower", {"build", "emit", "render", "format", "tree", "pipeline"}),
        ("emit", {"build", "format", "tree", "pipeline"}),
    ],
)
def test_stages_of_the_generator_know_no_later_stage(part: str, strangers: set[str]) -> None:
    found = _of(_all_imports(ROOT / "generator" / part, ROOT), "generator")
    assert found
    assert {name.split(".")[1] for name in found} & strangers == set()


_BORROWED: Final = {
    "pydantic_core": "interop.py",  # only when pydantic asks
    "opentelemetry": "middleware.py",  # only where its API is installed
    "anyio": "client.py",  # what httpx2 runs on
}
_SIDECAR: Final = {"fastapi", "fastapi_offline", "httpcore2", "pydantic", "starlette"}
"""What comes with the extra of the sidecar, and is used by nothing else."""
_CLIENT: Final = [path for path in MODULES if "sidecar" not in path.relative_to(PACKAGE).parts]


def test_product_imports_only_its_dependencies() -> None:
    found = {name.partition(".")[0] for name in _all_imports(PACKAGE, SRC)}
    strangers = found - sys.stdlib_module_names - {"bezant_api", "__future__"}
    assert strangers == {"msgspec", "httpx2", *_BORROWED, *_SIDECAR}


def test_the_client_needs_nothing_of_the_sidecar() -> None:
    assert len(_CLIENT) < len(MODULES)
    for path in _CLIENT:
        found = {name.partition(".")[0] for name in _imports(path, SRC)}
        assert found & _SIDECAR == set(), path


@pytest.mark.parametrize("library", ["opentelemetry", "anyio"])
def test_borrowed_libraries_are_imported_inside_functions(library: str) -> None:
    users = [path for path in _CLIENT if _of(set(_imports(path, SRC)), library)]
    assert [path.name for path in users] == [_BORROWED[library]]
    for node in ast.parse(users[0].read_text()).body:
        named = getattr(node, "names", ())
        modules = [getattr(node, "module", None) or "", *(alias.name for alias in named)]
        assert not any(name.partition(".")[0] == library for name in modules)


def test_pydantic_is_imported_by_one_module_that_is_imported_lazily() -> None:
    users = [path.name for path in MODULES if _of(set(_imports(path, SRC)), "pydantic_core")]
    assert users == [_BORROWED["pydantic_core"]]
    for path in MODULES:
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ImportFrom):
                assert "interop" not in (node.module or "")


def test_http_library_is_imported_by_the_transport_alone() -> None:
    users = [path.name for path in MODULES if _of(set(_imports(path, SRC)), "httpx2")]
    assert users == ["transport.py"]


def test_kernel_imports_nothing_generated() -> None:
    found = _all_imports(TEMPLATES / "core", TEMPLATES)
    assert _of(found, "core")
    strangers = {name.partition(".")[0] for name in found} - sys.stdlib_module_names
    assert strangers == {"core", "msgspec", "httpx2", *_BORROWED}
    own = {path.stem for path in (TEMPLATES / "core").glob("*.py")}
    assert {name.split(".")[1] for name in _of(found, "core")} <= own


@pytest.mark.parametrize(
    ("kernel", "copy"), [("python", PACKAGE / "core"), ("typescript", TYPESCRIPT / "src" / "core")]
)
def test_kernel_is_copied_as_it_is(kernel: str, copy: Path) -> None:
    sources = sorted((ROOT / "templates" / kernel / "core").glob("*.[pt][ys]"))
    assert len(sources) > 15
    for path in sources:
        assert (copy / path.name).read_bytes() == path.read_bytes(), path.name


# --- Templates -----------------------------------------------------------------------------------

_TEMPLATES: Final = sorted((ROOT / "templates").glob("*/*.j2"))
_MAX_LINES: Final = 70
_BUILT_IN: Final = frozenset(("join", "map", "indent", "length"))


def _template_id(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _registered() -> set[str]:
    import jinja2

    filters: dict[str, Any] = Renderer(TEMPLATES)._environment.filters
    return set(filters) - set(jinja2.Environment().filters)


def _filters(path: Path) -> set[str]:
    import jinja2
    from jinja2 import nodes

    tree = jinja2.Environment(trim_blocks=True, lstrip_blocks=True).parse(path.read_text("utf-8"))
    used = list(tree.find_all(nodes.Filter))
    mapped = [node.args[0] for node in used if node.name == "map" and node.args]
    constants = [node.value for node in mapped if isinstance(node, nodes.Const)]
    return {*(node.name for node in used), *map(str, constants)}


@pytest.mark.parametrize("path", _TEMPLATES, ids=_template_id)
def test_templates_stay_small_and_say_their_context(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    assert len(lines) <= _MAX_LINES
    assert re.fullmatch(r"\{# context: .+ #\}", lines[0])


@pytest.mark.parametrize("path", _TEMPLATES, ids=_template_id)
def test_templates_use_few_filters(path: Path) -> None:
    assert _filters(path) <= _registered() | _BUILT_IN


def test_registered_filters_are_those_that_escape() -> None:
    python, typescript = {"pystr", "pyvalue", "docstring"}, {"tsstr", "tsvalue", "tsname", "jsdoc"}
    assert _registered() == {*python, *typescript, "mdtext"}
    assert set().union(*map(_filters, _TEMPLATES)) >= _registered()
