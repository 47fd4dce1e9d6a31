"""Where the values of a JSON text stand: used only to print a place, never to parse.

A second, slower scan of a text that Python's parser has accepted.
"""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]  # typeshed leaves it out

_SPACE = re.compile(r"[ \t\n\r]*")
_SCALAR = re.compile(r"[^\s,\]}]+")


@dataclass(frozen=True, slots=True)
class Token:
    """One value of a text: its pointer, its offset, the text of a number or a constant.

    `repeated` when its key occurred before in the same object, `is_half_pair` when it is a string
    with half of a UTF-16 surrogate pair.
    """

    pointer: str
    offset: int
    text: str = ""
    repeated: bool = False
    is_half_pair: bool = False


def scan(text: str) -> Iterator[Token]:
    """Yield every value of a well-formed JSON text, in the order of the text."""
    yield from _value(text, _skip(text, 0), "", repeated=False)


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, counted from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def locate(text: str, pointer: str) -> tuple[int, int]:
    """Line and column of the value at a pointer; `(0, 0)` when the text has no such value."""
    for token in scan(text):
        if token.pointer == pointer:
            return line_and_column(text, token.offset)
    return 0, 0


LONGEST_INTEGER = 4000
"""Digits of the longest integer that is read; Python refuses some more than these."""


def looseness(token: Token) -> str:
    """What makes a token unfit for strict JSON; empty when nothing does."""
    if token.repeated:
        key = token.pointer.rsplit("/", 1)[-1].replace("~1", "/").replace("~0", "~")
        return f"the key {key!r} occurs twice in one object"
    if token.is_half_pair:
        return "the string holds half of a surrogate pair"
    if token.text in ("NaN", "Infinity", "-Infinity"):
        return f"{token.text} is not a JSON number"
    if token.text.lstrip("-").isdecimal() and len(token.text) > LONGEST_INTEGER:
        return f"the integer has {len(token.text)} digits"
    if token.text[:1] in tuple("-0123456789") and abs(float(token.text)) == float("inf"):
        return f"the number {token.text} is too large"
    return ""


def _skip(text: str, offset: int) -> int:
    match = _SPACE.match(text, offset)
    return match.end() if match else offset


def _value(text: str, offset: int, pointer: str, *, repeated: bool) -> Generator[Token, None, int]:
    """Yield the value at an offset and all below it; the generator returns its end."""
    if text[offset] == "{":
        yield Token(pointer, offset, repeated=repeated)
        return (yield from _members(text, _skip(text, offset + 1), pointer))
    if text[offset] == "[":
        yield Token(pointer, offset, repeated=repeated)
        return (yield from _items(text, _skip(text, offset + 1), pointer))
    if text[offset] == '"':
        value, end = scanstring(text, offset + 1)
        half = any("\ud800" <= character <= "\udfff" for character in value)
        yield Token(pointer, offset, repeated=repeated, is_half_pair=half)
        return int(end)
    match = _SCALAR.match(text, offset)
    after = match.end() if match else offset + 1
    yield Token(pointer, offset, text[offset:after], repeated)
    return after


def _members(text: str, offset: int, pointer: str) -> Generator[Token, None, int]:
    seen: set[str] = set()
    while text[offset] != "}":
        key, offset = scanstring(text, offset + 1)
        offset = _skip(text, _skip(text, offset) + 1)
        child = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
        offset = yield from _value(text, offset, child, repeated=key in seen)
        seen.add(key)
        offset = _next(text, offset, "}")
    return offset + 1


def _items(text: str, offset: int, pointer: str) -> Generator[Token, None, int]:
    index = 0
    while text[offset] != "]":
        offset = yield from _value(text, offset, f"{pointer}/{index}", repeated=False)
        index += 1
        offset = _next(text, offset, "]")
    return offset + 1


def _next(text: str, offset: int, closing: str) -> int:
    """Step over a comma, or stay at the closing bracket."""
    offset = _skip(text, offset)
    return offset if text[offset] == closing else _skip(text, offset + 1)
