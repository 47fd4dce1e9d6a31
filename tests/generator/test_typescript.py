"""Decisions of the TypeScript emitter that the compiler cannot judge."""

import pytest

from generator.lower.typescript_models import camel, kebab
from normalizer.diagnostics import BugError
from tests.generator import workshop
from tests.generator.fragments import TEXT, Node, asks, body, parameter, record


def _made(source: Node) -> dict[str, str]:
    return workshop.make_typescript(workshop.normalised(source))


@pytest.mark.parametrize(
    ("python", "typescript"),
    [
        ("account_id", "accountId"),
        ("import_", "import"),
        ("w8_ben", "w8Ben"),
        ("x", "x"),
        ("positions2", "positions2"),
    ],
)
def test_camel(python: str, typescript: str) -> None:
    assert camel(python) == typescript


def test_kebab_keeps_the_module_of_what_is_shared() -> None:
    names = [kebab(name) for name in ("market_data", "shared_", "orders")]
    assert names == ["market-data", "shared-group", "orders"]


def test_a_parameter_called_body_leaves_the_body_its_name() -> None:
    source = asks("/things", parameter("body", "query", TEXT))
    source["paths"]["/things"] = {"post": source["paths"]["/things"].pop("get")}
    source["paths"]["/things"]["post"]["requestBody"] = body(record({"x": TEXT}))
    module = _made(source)["src/operations/things.ts"]
    assert "body_: 'body'," in module
    assert "  body: Things" in module
    assert "required: ['body']," in module


def test_a_reserved_word_is_exported_under_its_name() -> None:
    module = (workshop.ROOT / "output/typescript/src/operations/alerts.ts").read_text()
    assert "\nfunction delete_(" in module
    assert module.endswith("export { delete_ as delete }\n")


@pytest.mark.parametrize("tag", ["Registry", "Channels", "Stream"])
def test_a_group_cannot_take_the_name_of_another_entry_point(tag: str) -> None:
    source = asks("/things")
    source["paths"]["/things"]["get"]["tags"] = [tag]
    with pytest.raises(BugError, match=rf"the group {tag.lower()} has the name"):
        _made(source)


def test_every_entry_point_is_a_file_of_the_package() -> None:
    import json

    texts = _made(asks("/things"))
    exports = json.loads(texts["package.json"])["exports"]
    modules = [entry["default"] for name, entry in exports.items() if name != "./package.json"]
    assert {f"src/{m.removeprefix('./dist/').removesuffix('.js')}.ts" for m in modules} <= set(
        texts
    )
    assert "./things" in exports
