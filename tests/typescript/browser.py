"""A page in a headless browser: it runs with the package, and what it reports comes back."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

from tests.typescript.project import TOOLS, Project, must, run

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def browser() -> str | None:
    """A browser, if there is one."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


def bundled(project: Project, page: str) -> Path:
    """A script with what it imports, in one file."""
    (project.folder / "page.js").write_text(page)
    bundle = project.folder / "page-bundle.js"
    options = ("--bundle", "--format=esm", "--log-level=warning", f"--outfile={bundle.name}")
    must(run(TOOLS / ".bin" / "esbuild", "page.js", *options, cwd=project.folder))
    return bundle


def report(project: Project, program: str, server: str, profile: Path) -> dict[str, Any]:
    """What a page reports.

    The server is a program of Node: it prints its address, ends when the page has reported, and
    prints the report last.
    """
    (project.folder / "server.mjs").write_text(server)
    with subprocess.Popen(
        ["node", "server.mjs"], cwd=project.folder, stdout=subprocess.PIPE, text=True
    ) as node:
        assert node.stdout
        address = node.stdout.readline().strip()
        flags = (*FLAGS, f"--user-data-dir={profile}")
        page = subprocess.Popen(
            [program, *flags, address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            printed, _ = node.communicate(timeout=60)
        finally:
            node.kill()
            page.terminate()
            page.wait(timeout=30)
    found: dict[str, Any] = json.loads(printed)
    return found
