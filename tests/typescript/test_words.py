"""The programs in the documentation compile."""

import re

from tests.typescript.project import PACKAGE, ROOT, Project

PAGES = (ROOT / "docs" / "typescript-client.md", ROOT / "README.md", PACKAGE / "README.md")
_AROUND = """
import type { HttpRequest, Middleware } from 'bezant-client'
import type { Client } from 'bezant-client'
import { createClient } from 'bezant-client'
declare function signatureOf(request: HttpRequest): Promise<string>
declare const client: Client
"""


def test_programs_compile(project: Project) -> None:
    blocks = [
        block
        for page in PAGES
        for block in re.findall(r"```ts\n(.*?)```", page.read_text("utf-8"), re.S)
    ]
    assert len(blocks) > 5
    files = []
    for index, block in enumerate(blocks):
        around = [line for line in _AROUND.splitlines() if not _has(block, line)]
        file = project.folder / f"words-{index}.ts"
        file.write_text("\n".join([*around, block, "export {}\n"]))
        files.append(file)
    assert project.check("words", files, "tsc-7", noEmit=True) == ""


def _has(block: str, line: str) -> bool:
    """Whether a program brings by itself what a line would bring."""
    if "const client" in line:
        return "const client =" in block
    return (
        "{ createClient }" in line and re.search(r"import \{[^}]*createClient", block) is not None
    )
