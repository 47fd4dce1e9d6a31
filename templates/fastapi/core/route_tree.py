"""All routes as one: found by the segments of a path, which may have slashes in them when they are encoded.

The routers of FastAPI look at the decoded path, and at one route after another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

from starlette.routing import BaseRoute, Match

from .errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi.routing import APIRoute
    from starlette.types import Receive, Scope, Send


@dataclass(slots=True)
class _Node:
    """A place in the tree: what follows by word, what follows by any word, and what ends here."""

    words: dict[str, _Node] = field(default_factory=dict)
    any: _Node | None = None
    routes: dict[str, APIRoute] = field(default_factory=dict)


class RouteTree(BaseRoute):
    """Routes by path and method; a word of a path goes before a parameter in its place."""

    def __init__(self, routes: Iterable[APIRoute]) -> None:
        self.routes = list(routes)
        self._root = _Node()
        for route in self.routes:
            self._add(route)

    def _add(self, route: APIRoute) -> None:
        node = self._root
        for part in _parts(route.path):
            if part.startswith("{"):
                node.any = node = node.any or _Node()
            else:
                node = node.words.setdefault(part, _Node())
        node.routes |= dict.fromkeys(route.methods or (), route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether there is a route; with the wrong method it is known as well."""
        if scope["type"] != "http":
            return Match.NONE, {}
        raw = scope.get("raw_path") or scope["path"].encode()
        node, values = _walk(self._root, _parts(raw.decode("latin-1")), [])
        if not node.routes:
            return Match.NONE, {}
        route = node.routes.get(scope["method"])
        if route is None:
            return Match.PARTIAL, {"allowed": ", ".join(sorted(node.routes))}
        names = (part[1:-1] for part in _parts(route.path) if part.startswith("{"))
        given = dict(zip(names, map(unquote, values), strict=True))
        return Match.FULL, {"endpoint": route.endpoint, "path_params": given, "route": route}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request by the route that was found."""
        if "allowed" in scope:
            raise Refusal(405, "Method Not Allowed", headers={"allow": scope["allowed"]})
        await scope["route"].handle(scope, receive, send)


def _parts(path: str) -> list[str]:
    """The segments of a path; a slash at its end makes no other path."""
    return path.rstrip("/").split("/")[1:]


def _walk(node: _Node, parts: list[str], values: list[str]) -> tuple[_Node, list[str]]:
    if not parts:
        return node, values
    head, *rest = parts
    if head in node.words:
        found = _walk(node.words[head], rest, values)
        if found[0].routes:
            return found
    if node.any is not None and head:
        return _walk(node.any, rest, [*values, head])
    return _Node(), []
