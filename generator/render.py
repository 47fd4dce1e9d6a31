"""Templates: the Jinja environment and the only filters through which text enters code.

Text of a document is data. It reaches Python only as a literal (`pystr`, `pyvalue`) or as a
docstring (`docstring`), TypeScript only as a literal (`tsstr`, `tsvalue`), a property (`tsname`) or a
comment (`jsdoc`), all escaped so that no text can end them.
"""

import json
import re
import textwrap
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import jinja2
from jinja2.bccache import Bucket

from normalizer.diagnostics import BugError, Diagnostic

DOC_WIDTH: Final = 92
CACHE: Final = Path(".cache/jinja")
_CONTROL: Final = re.compile(r"[^\n\x20-\x7e]")


class Renderer:
    """Renders the templates of one folder; any error in one is a `BugError` that names it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(folder),
            undefined=jinja2.StrictUndefined,
            autoescape=False,  # noqa: S701  # the output is Python; the filters escape
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            bytecode_cache=_TemplateCache(str(CACHE)),
        )
        self._environment.filters.update(
            pystr=python_string,
            pyvalue=python_value,
            docstring=docstring,
            mdtext=markdown_text,
            tsstr=typescript_string,
            tsvalue=typescript_value,
            tsname=typescript_name,
            jsdoc=jsdoc,
        )

    def render(self, template: str, **context: Any) -> str:
        """Render one template."""
        try:
            return self._environment.get_template(template).render(**context)
        except Exception as error:
            raise self._broken(template, error) from error

    def _broken(self, template: str, error: Exception) -> BugError:
        file, line = _place(error)
        return BugError(
            Diagnostic(
                code="template",
                file=str(self._folder / (file or template)),
                line=line,
                column=1 if line else 0,
                message=f"{type(error).__name__}: {error}",
                hint="nothing was written; correct the template or its view model",
            )
        )


class _TemplateCache(jinja2.FileSystemBytecodeCache):
    """Compiled templates, by the hash of their source: compiling them all takes 100 ms.

    A cache that cannot be written costs that time and nothing else.
    """

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template, if there is room."""
        with suppress(OSError):
            CACHE.mkdir(parents=True, exist_ok=True)
            super().dump_bytecode(bucket)


def _place(error: Exception) -> tuple[str, int]:
    """Template and line of an error: Jinja maps compiled code to them, innermost last."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        return error.name or "", error.lineno
    file, line, trace = "", 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.endswith(".j2"):
            file, line = Path(trace.tb_frame.f_code.co_filename).name, trace.tb_lineno
        trace = trace.tb_next
    return file, line


def python_string(text: str) -> str:
    """A Python string literal in double quotes, ASCII only."""
    body = text.encode("unicode_escape").decode("ascii").replace('"', '\\"')
    return f'"{body}"'


def python_value(value: str | float | bool | None) -> str:
    """A Python literal of a JSON scalar."""
    return python_string(value) if isinstance(value, str) else repr(value)


def docstring(text: str) -> str:
    """A docstring, wrapped; the text cannot end it, escape from it, or hide characters in it."""
    safe = _CONTROL.sub(_escape, text.replace("\\", "\\\\").replace("\r\n", "\n"))
    lines = _wrapped(safe.replace('"""', '\\"\\"\\"'))
    body = "\n".join(lines).strip() or "No description."
    if re.search(r'(?<!\\)(?:\\\\)*"$', body):
        body = f'{body[:-1]}\\"'
    return f'"""{body}\n"""' if "\n" in body else f'"""{body}"""'


def _wrapped(text: str) -> list[str]:
    """Lines of at most `DOC_WIDTH` characters; indented lines keep their indent."""
    lines: list[str] = []
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        wrapped = textwrap.wrap(
            line,
            DOC_WIDTH,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        lines += wrapped or [""]
    return lines


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


def markdown_text(text: str) -> str:
    """Text that Markdown shows as it is: letters, digits and harmless signs."""
    return re.sub(r"[^A-Za-z0-9 .,_-]", "", text)


def typescript_string(text: str) -> str:
    """A TypeScript string literal in single quotes, ASCII only."""
    body = json.dumps(text)[1:-1].replace('\\"', '"').replace("'", "\\'").replace("\x7f", "\\x7f")
    return f"'{body}'"


def typescript_value(value: str | float | bool | None) -> str:
    """A TypeScript literal of a JSON scalar."""
    return typescript_string(value) if isinstance(value, str) else json.dumps(value)


def typescript_name(name: str) -> str:
    """The name of a property, in quotes where it is no identifier."""
    return name if re.fullmatch(r"[A-Za-z_$][A-Za-z0-9_$]*", name) else typescript_string(name)


def jsdoc(text: str) -> str:
    """A JSDoc comment, wrapped; the text cannot end it, or hide characters in it."""
    safe = _CONTROL.sub(_escape, text.replace("\r\n", "\n")).replace("*/", "* /")
    lines = _wrapped(safe.strip() or "No description.")
    if len(lines) == 1:
        return f"/** {lines[0]} */"
    return "\n".join(["/**", *(f" * {line}".rstrip() for line in lines), " */"])
