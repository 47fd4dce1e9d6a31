"""The pages about rules and defects are what the rules and the pin give."""

import re
from pathlib import Path

import pytest

from normalizer import pages, pipeline
from normalizer.cli import main
from normalizer.rules import RULES

pytestmark = pytest.mark.usefixtures("collected_garbage")


@pytest.fixture(scope="module")
def made(result: pipeline.Result) -> dict[Path, bytes]:
    return pages.of(result, RULES)


def test_committed_pages_are_fresh(made: dict[Path, bytes], checkout: Path) -> None:
    assert {p: (checkout / p).read_bytes() for p in made} == made
    assert pages.stale(made) == []


def test_the_command_agrees(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["report", "--check"])
    assert caught.value.code == 0
    assert "are what the rules and the pin give" in capsys.readouterr().err


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_text("old\n")])
def test_a_missing_or_stale_page_is_named_and_written_again(
    made: dict[Path, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: object
) -> None:
    monkeypatch.chdir(tmp_path)
    for page in made:
        page.parent.mkdir(exist_ok=True)
    pages.write(made)
    assert pages.stale(made) == []
    assert callable(spoil)
    spoil(pages.RULES)
    [found] = pages.stale(made)
    assert (found.file, found.hint) == (str(pages.RULES), "run: make generate")
    pages.write(made)
    assert pages.stale(made) == []


def test_every_rule_has_its_section(made: dict[Path, bytes]) -> None:
    sections = re.findall(r"^## (.*)$", made[pages.RULES].decode(), re.MULTILINE)
    assert sections == [rule.id for rule in RULES]


def test_every_defect_shows_a_reproduction_and_places(made: dict[Path, bytes]) -> None:
    _, *sections = re.split(r"^### ", made[pages.VENDOR].decode(), flags=re.MULTILINE)
    known = {rule.id: rule for rule in RULES}
    assert len(sections) > 30
    for section in sections:
        rule = known[section.splitlines()[0]]
        assert rule.why in section
        assert re.search(r"^- `#/", section, re.MULTILINE), rule.id
        assert section.count("```json") == 2, rule.id
