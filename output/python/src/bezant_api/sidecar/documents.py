"""The document that the sidecar serves, and a page that shows it; neither needs another host."""

from __future__ import annotations

import gzip
import json
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

DOCUMENT = "/openapi.json"
PAGE = "/docs"
_ASSETS = "/docs/assets"
_JSON = "application/json"
_PROBLEM = "SidecarProblem"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Document:
    """The normalised document, with the sidecar as its server and the sidecar's own answers."""

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url

    @cached_property
    def content(self) -> dict[str, Any]:
        """The document as a value."""
        text = files("bezant_api.sidecar").joinpath("openapi.json").read_text("utf-8")
        document: dict[str, Any] = json.loads(text)
        document["servers"] = [{"url": self._server_url}]
        components = document["components"]
        components["schemas"][_PROBLEM] = _SCHEMA
        document["paths"] = {
            _based(path, item): _with_problems(item, components["responses"])
            for path, item in document["paths"].items()
        }
        return document

    @cached_property
    def text(self) -> bytes:
        """The document as it is sent."""
        return json.dumps(self.content, separators=(",", ":")).encode()

    @cached_property
    def zipped(self) -> bytes:
        """The same, compressed."""
        return gzip.compress(self.text, mtime=0)


def _based(path: str, item: dict[str, Any]) -> str:
    """A path with what stands before it at the server."""
    bases = {str(item[name].get("x-bezant-base-path", "")) for name in _METHODS if name in item}
    (base,) = bases or {""}
    return base + path


def _with_problems(item: dict[str, Any], responses: dict[str, Any]) -> dict[str, Any]:
    """A path whose operations may fail as they are declared to, or by the sidecar itself."""
    for name in _METHODS:
        if name in item:
            own = item[name]["responses"]
            own["default"] = _failure(own.get("default"), responses)
    return item


def _failure(declared: dict[str, Any] | None, responses: dict[str, Any]) -> dict[str, Any]:
    """What comes where a call fails: the gateway's answer as it is declared, or the sidecar's."""
    ours = {"$ref": f"#/components/schemas/{_PROBLEM}"}
    theirs = declared or {}
    if "$ref" in theirs:
        theirs = responses[theirs["$ref"].rpartition("/")[2]]
    schema = theirs.get("content", {}).get(_JSON, {}).get("schema")
    content = {_JSON: {"schema": {"anyOf": [schema, ours]} if schema else ours}}
    return {"description": "The call failed, at the gateway or here.", "content": content}


def add_documents(app: FastAPI, server_url: str) -> None:
    """Serve the document and the page."""
    document = Document(server_url)

    async def send_document(request: Request) -> Response:
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers = {"content-encoding": "gzip", "vary": "accept-encoding"}
            return Response(document.zipped, media_type=_JSON, headers=headers)
        return Response(document.text, media_type=_JSON, headers={"vary": "accept-encoding"})

    async def send_page(_: Request) -> Response:
        return HTMLResponse(_HTML)

    app.add_route(DOCUMENT, send_document, include_in_schema=False)
    app.mount(_ASSETS, StaticFiles(directory=_assets()), name="assets")
    app.add_route(PAGE, send_page, include_in_schema=False)
    app.openapi = lambda: document.content  # type: ignore[method-assign]


def _assets() -> Path:
    """The files of Swagger UI, which another distribution packs."""
    import fastapi_offline

    return Path(str(fastapi_offline.__file__)).parent / "static"


_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "What an answer says that is none.",
    "required": ["code", "message", "request_id"],
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "request_id": {"type": "string"},
        "details": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"place": {"type": "string"}, "message": {"type": "string"}},
                "required": ["place", "message"],
            },
        },
    },
}

_HTML = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>bezant sidecar</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href=".{_ASSETS}/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src=".{_ASSETS}/swagger-ui-bundle.js"></script>
<script>
SwaggerUIBundle({{
  url: ".{DOCUMENT}", dom_id: "#page", docExpansion: "none", defaultModelsExpandDepth: -1,
  displayRequestDuration: true, filter: true, validatorUrl: null
}});
</script>
</body>
</html>
"""
