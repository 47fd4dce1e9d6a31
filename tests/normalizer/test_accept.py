"""The document against what was really sent: examples, recorded answers, and damages that must be noticed."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from normalizer import fit, pipeline, workspace
from normalizer.learn import recording, teach
from normalizer.structure import Document
from tests.conftest import SHARED

NEEDS_SHARED = pytest.mark.skipif(
    not SHARED.is_dir(), reason=f"needs recordings and published documents in {SHARED}"
)
OLDER = SHARED / "upstream" / "ibkr-web-api-2.28.0.json"
LEAST_STRICTNESS = 0.9


@pytest.fixture(scope="module")
def older(space: workspace.Workspace) -> pipeline.Result:
    return workspace.normalise(OLDER, space)


def measured(tool: str, document: Path) -> str:
    done = subprocess.run(
        [sys.executable, f"{tool}.py", str(document)],
        cwd=SHARED / "accept",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    return done.stdout


def test_no_example_of_the_pin_breaks_its_schema(result: pipeline.Result) -> None:
    assert fit.of_examples(Document(result.document.root)) == []


@NEEDS_SHARED
def test_no_example_of_the_older_revision_breaks_its_schema(older: pipeline.Result) -> None:
    assert fit.of_examples(Document(older.document.root)) == []
    assert older.findings
    assert all(str(finding.severity) == "warning" for finding in older.findings)


@NEEDS_SHARED
def test_every_recorded_answer_has_its_place_and_fits(result: pipeline.Result) -> None:
    recordings = recording.load_folder(SHARED / "recordings")
    assert len(recordings) >= 60
    assert teach.contradictions(result.document, recordings) == []


@NEEDS_SHARED
@pytest.mark.parametrize(
    ("tool", "figures", "wanted"),
    [
        ("examples", r"examples: (\d+) of (\d+)", lambda broken, all_: broken == 0 < all_),
        ("reality", r"(\d+) of (\d+) fit", lambda fitting, all_: fitting == all_ > 0),
        (
            "strictness",
            r"(\d+) of (\d+) structural",
            lambda rejected, all_: rejected >= LEAST_STRICTNESS * all_ > 0,
        ),
    ],
)
def test_other_measures_say_the_same(
    checkout: Path, tool: str, figures: str, wanted: object
) -> None:
    printed = measured(tool, checkout / "spec" / "normalized" / "openapi.json")
    found = re.search(figures, printed)
    assert found, printed
    assert callable(wanted)
    assert wanted(*map(int, found.groups())), printed


@NEEDS_SHARED
def test_a_contradiction_would_be_noticed(result: pipeline.Result, tmp_path: Path) -> None:
    row = {"method": "GET", "path": "/iserver/accounts", "status": 200, "body": {"accounts": 5}}
    (tmp_path / "one.json").write_text(json.dumps(row))
    [found] = teach.contradictions(result.document, recording.load_folder(tmp_path))
    assert (found.code, found.pointer) == ("learn-type", "/body/accounts")
