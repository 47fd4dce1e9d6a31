"""Schema drift: what the wire sent and the document does not say, and who is told of it."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections import Counter

_LOG = logging.getLogger("bezant_api.drift")

DriftKind: TypeAlias = Literal["type", "coerced", "missing", "unknown", "body"]
"""`type`: kept as it came; `coerced`: read in lax mode, such as `"12"` where a number is due, and
reported once for a body; `missing`: required and absent; `unknown`: a field that no model has;
`body`: not the media type, the encoding or the JSON that is declared."""


class Answer(NamedTuple):
    """The response in which drift was seen; `path` is the template of the operation."""

    method: str
    path: str
    status: int
    content_type: str
    body: bytes


class SchemaDrift(NamedTuple):
    """One place of one response that does not fit its type.

    `pointer` is a JSON pointer into the body, `expected` the type in words, `got` the value as it
    came. The value is kept: drift never costs data.
    """

    operation: str
    pointer: str
    expected: str
    got: Any
    kind: DriftKind = "type"
    answer: Answer | None = None

    def __repr__(self) -> str:
        """Names the place and both types, never a value: it may be an account or a token."""
        return f"SchemaDrift({self.operation} at {self.pointer or '/'}: {_words(self)})"


DriftHandler: TypeAlias = Callable[[SchemaDrift], None]


def ignore(_: SchemaDrift) -> None:
    """The drift handler that does nothing."""


class DriftLogger:
    """Logs a warning for each place, once; values are not logged."""

    def __init__(self, logger: logging.Logger = _LOG) -> None:
        self._logger = logger
        self._seen: set[tuple[str, str]] = set()

    def __call__(self, drift: SchemaDrift) -> None:
        """Log a drift whose place, with all indices taken as one, was not logged before."""
        place = (drift.operation, place_of(drift.pointer))
        if place not in self._seen:
            self._seen.add(place)
            self._logger.warning("%s: %s: %s", *place, _words(drift))


class DriftCollector:
    """Counts drift by place and keeps one answer of each, for `normalizer learn`.

    It may be shared by clients and threads.
    """

    def __init__(self) -> None:
        from collections import Counter

        self._lock = Lock()
        self.counts: Counter[tuple[str, str, DriftKind]] = Counter()
        """How often each `(operation, place, kind)` drifted; `*` in a place is any index."""
        self._answers: dict[tuple[str, str, DriftKind], Answer] = {}

    def __call__(self, drift: SchemaDrift) -> None:
        """Count a drift."""
        place = (drift.operation, place_of(drift.pointer), drift.kind)
        with self._lock:
            self.counts[place] += 1
            if drift.answer is not None:
                self._answers.setdefault(place, drift.answer)

    def export(self, folder: str | Path) -> list[Path]:
        """Write the answers as recordings: candidates for an overlay, by `normalizer learn FOLDER`.

        Each file is one JSON object with `method`, `path` (the template), `status`, `content_type`
        and `body`. Account numbers and values under secret names are masked; look at the files all
        the same before you share them. Answers that are no JSON are left out.
        """
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        with self._lock:
            kept = list(self._answers.items())
        written: dict[bytes, Path] = {}
        for (operation, _, _), answer in kept:
            if answer.body in written:
                continue
            try:
                body = json.loads(answer.body)
            except ValueError:
                _LOG.info("%s: an answer that is no JSON cannot be learned from", operation)
                continue
            file = target / f"{operation}-{len(written):03d}.json"
            row = {**answer._asdict(), "body": masked(body)}
            file.write_text(json.dumps(row, indent=1) + "\n", "utf-8")
            written[answer.body] = file
        return list(written.values())


def join(pointer: str, key: str) -> str:
    """The pointer of a member."""
    return f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"


def place_of(pointer: str) -> str:
    """A pointer with `*` in place of list indices."""
    return re.sub(r"/\d+(?=/|$)", "/*", pointer)


_ACCOUNT = re.compile(r"\b(DU|DF|U|F|I)\d{5,}")
_SECRET = re.compile(r"token|secret|passw|signature|credential|cookie|session", re.IGNORECASE)


def masked(value: Any) -> Any:
    """JSON with account numbers zeroed, and texts under secret names replaced."""
    if isinstance(value, dict):
        return {
            _ACCOUNT.sub(r"\g<1>0000000", key): (
                "(masked)" if isinstance(item, str) and is_secret(key) else masked(item)
            )
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [masked(item) for item in value]
    return _ACCOUNT.sub(r"\g<1>0000000", value) if isinstance(value, str) else value


def is_secret(name: str) -> bool:
    """Whether values of this name do not belong into logs and representations."""
    return _SECRET.search(name) is not None


def _words(drift: SchemaDrift) -> str:
    if drift.kind == "unknown":
        return f"an unknown field ({kind_of(drift.got)})"
    if drift.kind == "missing":
        return f"{drift.expected} is missing"
    return f"expected {drift.expected}, got {kind_of(drift.got)}"


def kind_of(value: Any) -> str:
    """The JSON kind of a value, in words."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    names = {str: "text", int: "number", float: "number", dict: "object", list: "array"}
    return names.get(type(value), type(value).__name__)
