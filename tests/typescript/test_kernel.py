"""The kernel of the TypeScript client around a call, tested by Node's own runner."""

import re

from tests.typescript.project import Project


def test_client(project: Project) -> None:
    printed = project.node("--test", "--test-reporter=spec", "out/suite/client.test.js")
    counts = dict(re.findall(r"(tests|pass|fail|skipped|todo) (\d+)", printed))
    assert int(counts["tests"]) == int(counts["pass"]) > 25, printed
