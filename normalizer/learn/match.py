"""Which schema describes a recorded answer: operation, status, media type."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from normalizer.diagnostics import Diagnostic
from normalizer.document import join
from normalizer.learn.recording import Recording
from normalizer.samples import Root, Sample
from normalizer.structure import TRADING_BASE, Document, Operation


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A recorded answer that the document has no place for; `code` says which place is missing."""

    code: str
    recording: Recording
    message: str
    operation: Operation | None = None

    @property
    def diagnostic(self) -> Diagnostic:
        """The finding, with the recording as its place."""
        hint = "run python -m normalizer learn without --check to add it to the overlays"
        return Diagnostic(code=self.code, file=self.recording.file, message=self.message, hint=hint)


Match: TypeAlias = Root | Unmatched | None
"""Where a body belongs, or what is missing; `None` when there is no body and none is promised."""


@dataclass(frozen=True)
class Matcher:
    """The operations of a document by method and path pattern; templates with fewest names first."""

    document: Document

    @cached_property
    def _operations(self) -> list[tuple[re.Pattern[str], Operation]]:
        ordered = sorted(self.document.operations, key=lambda operation: operation.path.count("{"))
        return [(_pattern(operation.path), operation) for operation in ordered]

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation that a call goes to."""
        found = (
            operation
            for pattern, operation in self._operations
            if operation.method == method.lower() and pattern.fullmatch(path)
        )
        return next(found, None)

    def match(self, recording: Recording) -> Match:
        """The schema of a recorded body."""
        operation = self.operation(recording.method, recording.path)
        if operation is None:
            return Unmatched("learn-operation", recording, f"no operation for {recording.call}")
        responses = operation.value.get("responses", {})
        status = recording.status if recording.status in responses else "default"
        if status not in responses or (status == "default" and recording.status.startswith("2")):
            message = f"{operation.key} declares no status {recording.status}"
            return Unmatched("learn-status", recording, message, operation)
        return self._body(recording, operation, status)

    def _body(self, recording: Recording, operation: Operation, status: str) -> Match:
        if not recording.has_body:
            return None
        pointer = join(operation.pointer, "responses", status)
        response = operation.value["responses"][status]
        while "$ref" in response:
            pointer = response["$ref"][1:]
            response = self.document.resolve(response)
        for media, value in response.get("content", {}).items():
            if "json" in media and "schema" in value:
                origin = join(recording.file, "body")
                place = join(pointer, "content", media, "schema")
                return Root(place, value["schema"], Sample(recording.body, origin))
        message = f"{operation.key} declares no JSON body for status {recording.status}"
        return Unmatched("learn-body", recording, message, operation)


def _pattern(template: str) -> re.Pattern[str]:
    pieces = re.split(r"\{[^}]*\}", template.removeprefix(TRADING_BASE))
    return re.compile("[^/]+".join(map(re.escape, pieces)))
