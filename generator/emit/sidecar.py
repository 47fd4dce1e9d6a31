"""The FastAPI sidecar: `bezant_api.sidecar`, a part of the Python package."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from generator.emit.protocol import Artifact, Emission, Named, by_path
from generator.lower.python_models import ModelLowering
from generator.lower.python_operations import PythonOperations
from generator.lower.sidecar_routes import SidecarRoutes
from generator.lower.sidecar_views import SidecarView
from generator.render import Renderer

_PACKAGE: Final = PurePosixPath("src/bezant_api/sidecar")
_PACKAGE_FILES: Final = {
    "init.py.j2": _PACKAGE / "__init__.py",
    "backend.py.j2": _PACKAGE / "backend.py",
    "routers_init.py.j2": _PACKAGE / "routers/__init__.py",
}


@dataclass(frozen=True, slots=True)
class SidecarEmitter:
    """Emits the routes from the templates and the kernel of `templates/fastapi`.

    `document` is the normalised document, which the app serves.
    """

    templates: Path
    document: Path
    name: str = "python"

    def emit(self, named: Named) -> Emission:
        """Make every file of the sub-package."""
        models = ModelLowering(named.api, named.usage, named.names)
        python = PythonOperations(named.api, named.names, models)
        view = SidecarRoutes(named.api, python).view()
        renderer = Renderer(self.templates)
        made = (*self._package(renderer, view), *self._routers(renderer, view), *self._fixed())
        return Emission(by_path(iter(made)))

    def _package(self, renderer: Renderer, view: SidecarView) -> Iterator[Artifact]:
        for template, path in _PACKAGE_FILES.items():
            yield Artifact(path, renderer.render(template, view=view), template, needs_format=True)

    def _routers(self, renderer: Renderer, view: SidecarView) -> Iterator[Artifact]:
        for module in view.modules:
            text = renderer.render("routes_module.py.j2", view=module)
            path = _PACKAGE / "routers" / f"{module.resource}.py"
            yield Artifact(path, text, "routes_module.py.j2", needs_format=True)

    def _fixed(self) -> Iterator[Artifact]:
        for source in sorted((self.templates / "core").glob("*.py")):
            name = f"core/{source.name}"
            yield Artifact(_PACKAGE / source.name, source.read_text("utf-8"), name)
        text = self.document.read_text("utf-8")
        yield Artifact(_PACKAGE / "openapi.json", text, "openapi.json")
