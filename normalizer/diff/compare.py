"""Two documents: operations by method and canonical path, and the components that they share."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from normalizer.diff.findings import KINDS, Finding
from normalizer.diff.schemas import COMPONENTS, Difference, Pair, SchemaComparison, Side
from normalizer.document import Json, dump, join
from normalizer.structure import TRADING_BASE, Document, Operation, placeholders


def compare(old: Document, new: Document) -> list[Finding]:
    """Every finding, the worst first."""
    comparison = _Comparison(old, new)
    comparison.operations()
    comparison.components()
    return sorted(comparison.findings, key=lambda finding: finding.order)


@dataclass
class _Comparison:
    """Two documents while they are compared."""

    old: Document
    new: Document
    findings: list[Finding] = field(default_factory=list)
    reached: dict[Pair, set[str]] = field(default_factory=lambda: defaultdict(set))

    # --- operations ------------------------------------------------------------------------------

    def operations(self) -> None:
        """Operations that came, went and stayed."""
        before = {operation.identity: operation for operation in self.old.operations}
        after = {operation.identity: operation for operation in self.new.operations}
        for identity in sorted(before.keys() - after.keys()):
            operation = before[identity]
            how = "with" if operation.value.get("deprecated") is True else "without"
            self._add(f"api-removed-{how}-deprecation", operation, "", "operation is gone")
        for identity in sorted(after.keys() - before.keys()):
            self._add("endpoint-added", after[identity], "", "new operation")
        both = sorted(before.keys() & after.keys())
        for identity in both:
            self._operation(before[identity], after[identity])
        self._base_paths([(before[identity], after[identity]) for identity in both])
        self._security_schemes()

    def _base_paths(self, both: list[tuple[Operation, Operation]]) -> None:
        """One finding for all operations whose path key moved below the base of trading."""
        moved = [
            new
            for old, new in both
            if old.path.startswith(TRADING_BASE) != new.path.startswith(TRADING_BASE)
        ]
        if moved:
            verb = "now carry" if moved[0].path.startswith(TRADING_BASE) else "no longer carry"
            self.findings.append(
                Finding(
                    id="api-base-path-changed",
                    subject="paths",
                    place="",
                    text=f"{len(moved)} path keys {verb} {TRADING_BASE}",
                    pointer="/paths",
                    operations=tuple(map(_name, moved)),
                )
            )

    def _security_schemes(self) -> None:
        before, after = (
            document.root.get("components", {}).get("securitySchemes", {}).keys()
            for document in (self.old, self.new)
        )
        for names, verb in ((after - before, "added"), (before - after, "removed")):
            for name in sorted(names):
                self.findings.append(
                    Finding(
                        id=f"api-security-component-{verb}",
                        subject=f"securitySchemes/{name}",
                        place="",
                        text=f"security scheme {name} {verb}",
                        pointer=join("/components/securitySchemes", name),
                        operations=(),
                    )
                )

    def _operation(self, old: Operation, new: Operation) -> None:
        self._identifier(old, new)
        self._tags(old, new)
        self._security(old, new)
        if bool(old.value.get("deprecated")) != bool(new.value.get("deprecated")):
            word = "deprecated" if new.value.get("deprecated") else "reactivated"
            self._add(f"endpoint-{word}", new, "", word)
        self._parameters(old, new)
        self._request(old, new)
        self._responses(old, new)

    def _identifier(self, old: Operation, new: Operation) -> None:
        before, after = old.value.get("operationId"), new.value.get("operationId")
        if before == after:
            return
        verb = "added" if not before else "changed" if after else "removed"
        text = f"id {after}" if not before else f"id {before} became {after or 'none'}"
        self._add(f"api-operation-id-{verb}", new, "operationId", text)

    def _tags(self, old: Operation, new: Operation) -> None:
        before, after = set(old.value.get("tags", ())), set(new.value.get("tags", ()))
        for tag in sorted(after - before):
            self._add("api-tag-added", new, "tags", f"now in {tag}")
        for tag in sorted(before - after):
            self._add("api-tag-removed", new, "tags", f"no longer in {tag}")

    def _security(self, old: Operation, new: Operation) -> None:
        before = old.value.get("security", self.old.root.get("security"))
        after = new.value.get("security", self.new.root.get("security"))
        if _canonical(before) == _canonical(after):
            return
        verb = "added" if not before else "updated" if after else "removed"
        schemes = sorted({name for one in after or () for name in one})
        text = f"credentials: {', '.join(schemes) or 'none'}"
        self._add(f"api-security-{verb}", new, "security", text)

    # --- parameters ------------------------------------------------------------------------------

    def _parameters(self, old: Operation, new: Operation) -> None:
        before, after = _parameters(self.old, old), _parameters(self.new, new)
        for key in sorted(before.keys() - after.keys()):
            self._add("request-parameter-removed", new, "/".join(key), "parameter is gone")
        for key in sorted(after.keys() - before.keys()):
            kind = "required" if after[key].required else "optional"
            text = f"new {kind} parameter {after[key].name}"
            self._add(f"new-{kind}-request-parameter", new, "/".join(key), text)
        for key in sorted(before.keys() & after.keys()):
            self._parameter(new, "/".join(key), before[key], after[key])

    def _parameter(
        self, operation: Operation, place: str, old: "_Parameter", new: "_Parameter"
    ) -> None:
        if old.name != new.name:
            text = f"{old.name} became {new.name}"
            self._add("request-parameter-renamed", operation, place, text)
        if old.required != new.required:
            word = "required" if new.required else "optional"
            self._add(f"request-parameter-became-{word}", operation, place, f"became {word}")
        comparison = SchemaComparison(self.old, self.new, "request")
        found = comparison.compare(old.schema, new.schema, place, "parameter")
        self._take(found, operation, "request")

    # --- bodies ----------------------------------------------------------------------------------

    def _request(self, old: Operation, new: Operation) -> None:
        before, after = (
            (
                document.resolve(operation.value["requestBody"])
                if "requestBody" in operation.value
                else None
            )
            for document, operation in ((self.old, old), (self.new, new))
        )
        if before is not None and after is not None:
            if bool(before.get("required")) != bool(after.get("required")):
                word = "required" if after.get("required") else "optional"
                self._add(f"request-body-became-{word}", new, "body", f"became {word}")
            pointers = f"{old.pointer}/requestBody", f"{new.pointer}/requestBody"
            self._content(new, "body", (before, after), pointers, "request")
        elif after is not None:
            kind = "required" if after.get("required") else "optional"
            self._add(f"request-body-added-{kind}", new, "body", f"new {kind} body")
        elif before is not None:
            self._add("request-body-removed", new, "body", "body is gone")

    def _responses(self, old: Operation, new: Operation) -> None:
        before, after = old.value.get("responses", {}), new.value.get("responses", {})
        for statuses, verb in (
            (before.keys() - after.keys(), "removed"),
            (after.keys() - before.keys(), "added"),
        ):
            for status in sorted(statuses):
                kind = "success" if status.startswith("2") else "non-success"
                text = f"status {status} {'is gone' if verb == 'removed' else 'is new'}"
                self._add(f"response-{kind}-status-{verb}", new, status, text)
        for status in sorted(before.keys() & after.keys()):
            sides = self.old.resolve(before[status]), self.new.resolve(after[status])
            pointers = tuple(join(o.pointer, "responses", status) for o in (old, new))
            self._content(new, status, sides, (pointers[0], pointers[1]), "response")
            self._headers(new, status, sides, (pointers[0], pointers[1]))

    def _headers(
        self, operation: Operation, status: str, sides: tuple[Json, Json], at: tuple[str, str]
    ) -> None:
        before, after = (side.get("headers", {}) for side in sides)
        for names, verb in (
            (before.keys() - after.keys(), "removed"),
            (after.keys() - before.keys(), "added"),
        ):
            for name in sorted(names):
                self._add(
                    f"response-header-{verb}",
                    operation,
                    f"{status}/{name}",
                    f"header {name} {verb}",
                )
        comparison = SchemaComparison(self.old, self.new, "response")
        for name in sorted(before.keys() & after.keys()):
            one, other = self.old.resolve(before[name]), self.new.resolve(after[name])
            found = comparison.compare(
                Side(one.get("schema", {}), join(at[0], "headers", name, "schema")),
                Side(other.get("schema", {}), join(at[1], "headers", name, "schema")),
                f"{status}/{name}",
                "header",
            )
            self._take(found, operation, "response")

    def _content(
        self,
        operation: Operation,
        place: str,
        sides: tuple[Json, Json],
        at: tuple[str, str],
        direction: str,
    ) -> None:
        before, after = (_by_media_type(side.get("content", {})) for side in sides)
        name = "request-body" if direction == "request" else "response"
        for media in sorted(before.keys() - after.keys()):
            self._add(f"{name}-media-type-removed", operation, place, f"{media} is gone")
        for media in sorted(after.keys() - before.keys()):
            self._add(f"{name}-media-type-added", operation, place, f"{media} is new")
        comparison = SchemaComparison(self.old, self.new, direction)
        for media in sorted(before.keys() & after.keys()):
            (old_key, one), (new_key, other) = before[media], after[media]
            if _examples(one) != _examples(other):
                self._add("api-examples-changed", operation, f"{place}/{media}", "other examples")
            old = Side(one.get("schema", {}), join(at[0], "content", old_key, "schema"))
            new = Side(other.get("schema", {}), join(at[1], "content", new_key, "schema"))
            self._body(old, new, operation, f"{place}/{media}", comparison)

    def _body(
        self, old: Side, new: Side, operation: Operation, place: str, comparison: SchemaComparison
    ) -> None:
        """A whole body: two references are a pair, like references inside."""
        found = comparison.compare(old, new, place, "body", 0 if _is_inline(old, new) else 1)
        self._take(found, operation, comparison.direction)

    # --- components ------------------------------------------------------------------------------

    def components(self) -> None:
        """Every pair of components once, with all operations that reach it."""
        inside: dict[Pair, list[Difference]] = {}
        pending = list(self.reached)
        links: dict[Pair, set[Pair]] = defaultdict(set)
        while pending:
            pair = pending.pop()
            if pair in inside:
                continue
            inside[pair] = []
            for found in self._pair(pair):
                if isinstance(found, Pair):
                    links[pair].add(found)
                    pending.append(found)
                else:
                    inside[pair].append(found)
        self._spread(links)
        for pair, differences in inside.items():
            for difference in differences:
                self._component_finding(pair, difference)

    def _pair(self, pair: Pair) -> Iterator[Difference | Pair]:
        comparison = SchemaComparison(self.old, self.new, pair.direction)
        schemas = (document.root["components"]["schemas"] for document in (self.old, self.new))
        old, new = (
            Side(all_of_them[_unescape(name)], f"{COMPONENTS}{name}")
            for all_of_them, name in zip(schemas, pair[:2], strict=True)
        )
        yield from comparison.compare(old, new, "", "property")

    def _spread(self, links: dict[Pair, set[Pair]]) -> None:
        """Give every pair the operations of the pairs that hold it."""
        pending = list(links)
        while pending:
            pair = pending.pop()
            for inner in links.get(pair, ()):
                if not self.reached[pair] <= self.reached[inner]:
                    self.reached[inner] |= self.reached[pair]
                    pending.append(inner)

    def _component_finding(self, pair: Pair, difference: Difference) -> None:
        self.findings.append(
            Finding(
                id=_id(pair.direction, difference),
                subject=f"schemas/{pair.new}",
                place=difference.place,
                text=difference.text,
                pointer=difference.pointer,
                operations=tuple(sorted(self.reached[pair])),
            )
        )

    # --- collecting ------------------------------------------------------------------------------

    def _take(
        self, found: Iterable[Difference | Pair], operation: Operation, direction: str
    ) -> None:
        for item in found:
            if isinstance(item, Pair):
                self.reached[item].add(_name(operation))
            else:
                self._add(_id(direction, item), operation, item.place, item.text, item.pointer)

    def _add(
        self, kind: str, operation: Operation, place: str, text: str, pointer: str = ""
    ) -> None:
        finding = Finding(
            id=kind,
            subject=_name(operation),
            place=place,
            text=text,
            pointer=pointer or operation.pointer,
            operations=(_name(operation),),
        )
        self.findings.append(finding)


def _id(direction: str, difference: Difference) -> str:
    if difference.part.startswith("new-"):
        return f"{difference.part}-{direction}-{difference.ending}"
    found = f"{direction}-{difference.part}-{difference.ending}"
    return found if found in KINDS else f"{direction}-property-{difference.ending}"


def _name(operation: Operation) -> str:
    """`GET /portfolio/{accountId}/ledger`, without the base of trading."""
    return f"{operation.method.upper()} {operation.path.removeprefix(TRADING_BASE)}"


def _unescape(name: str) -> str:
    return name.replace("~1", "/").replace("~0", "~")


def _canonical(value: Json) -> bytes:
    return dump(sorted(map(repr, value or ())))


def _is_inline(old: Side, new: Side) -> bool:
    return not ("$ref" in (old.schema or {}) and "$ref" in (new.schema or {}))


def _by_media_type(content: dict[str, Json]) -> dict[str, tuple[str, Json]]:
    """Media types without their parameters: a charset is no other body."""
    return {name.split(";")[0].strip().lower(): (name, value) for name, value in content.items()}


def _examples(media: Json) -> bytes:
    shown = {**media.get("examples", {})}
    if "example" in media:
        shown["example"] = media["example"]
    return dump(shown)


@dataclass(frozen=True, slots=True)
class _Parameter:
    name: str
    required: bool
    schema: Side


def _parameters(document: Document, operation: Operation) -> dict[tuple[str, ...], _Parameter]:
    """Path parameters by their place in the template, others by where they stand and their name."""
    found: dict[tuple[str, ...], _Parameter] = {}
    order = {name.casefold(): str(i) for i, name in enumerate(placeholders(operation.path))}
    for holder, value in (
        (operation.pointer, operation.value),
        (operation.pointer.rsplit("/", 1)[0], operation.item),
    ):
        for index, entry in enumerate(value.get("parameters", ())):
            parameter: dict[str, Any] = document.resolve(entry)
            name, location = str(parameter.get("name")), str(parameter.get("in"))
            key = (
                location,
                order.get(name.casefold(), name) if location == "path" else name.casefold(),
            )
            schema = Side(parameter.get("schema", {}), f"{holder}/parameters/{index}/schema")
            found.setdefault(key, _Parameter(name, bool(parameter.get("required")), schema))
    return found
