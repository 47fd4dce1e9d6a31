"""The Python client: `output/python`, distribution `bezant-api`."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from generator.emit.protocol import Artifact, Emission, Named, by_path
from generator.ir import Api
from generator.lower.python_models import ModelLowering
from generator.lower.python_operations import PythonOperations
from generator.lower.python_package import package
from generator.lower.python_views import ModelsModuleView, PackageView
from generator.lower.samples import examples
from generator.render import Renderer

VERSION: Final = "0.1.0"
_PACKAGE: Final = PurePosixPath("src/bezant_api")
_PACKAGE_FILES: Final = {
    "init.py.j2": _PACKAGE / "__init__.py",
    "version.py.j2": _PACKAGE / "version.py",
    "client.py.j2": _PACKAGE / "client.py",
    "registry.py.j2": _PACKAGE / "registry.py",
    "models_init.py.j2": _PACKAGE / "models/__init__.py",
    "operations_init.py.j2": _PACKAGE / "operations/__init__.py",
    "pyproject.toml.j2": PurePosixPath("pyproject.toml"),
    "README.md.j2": PurePosixPath("README.md"),
}
_LICENCES: Final = ("LICENSE-MIT", "LICENSE-APACHE")


@dataclass(frozen=True, slots=True)
class PythonEmitter:
    """Emits the client from the templates and the kernel of `templates/python`."""

    templates: Path
    licences: Path
    name: str = "python"

    def emit(self, named: Named) -> Emission:
        """Make every file of the package."""
        api, names = named.api, named.names
        models = ModelLowering(api, named.usage, names)
        operations = PythonOperations(api, names, models)
        renderer = Renderer(self.templates)
        modules = {module: view for module, view in models.modules() if view.exported}
        overview = package(api, names, tuple(modules), VERSION)
        artifacts = by_path(
            iter(
                (
                    *self._package(renderer, overview),
                    *self._models(renderer, modules),
                    *self._operations(renderer, operations),
                    *self._kernel(),
                    *self._examples(api),
                    *self._fixed(),
                )
            )
        )
        return Emission(artifacts, tuple(models.unspeakable()))

    def _package(self, renderer: Renderer, view: PackageView) -> Iterator[Artifact]:
        for template, path in _PACKAGE_FILES.items():
            text = renderer.render(template, view=view)
            yield Artifact(path, text, template, needs_format=path.suffix == ".py")

    def _models(
        self, renderer: Renderer, modules: dict[str, ModelsModuleView]
    ) -> Iterator[Artifact]:
        for module, view in modules.items():
            text = renderer.render("models_module.py.j2", view=view)
            path = _PACKAGE / "models" / f"{module}.py"
            yield Artifact(path, text, "models_module.py.j2", needs_format=True)

    def _operations(self, renderer: Renderer, operations: PythonOperations) -> Iterator[Artifact]:
        for resource, view in operations.modules():
            text = renderer.render("operations_module.py.j2", view=view)
            path = _PACKAGE / "operations" / f"{resource}.py"
            yield Artifact(path, text, "operations_module.py.j2", needs_format=True)

    def _kernel(self) -> Iterator[Artifact]:
        for source in sorted((self.templates / "core").glob("*.py")):
            name = f"core/{source.name}"
            yield Artifact(_PACKAGE / "core" / source.name, source.read_text("utf-8"), name)

    def _examples(self, api: Api) -> Iterator[Artifact]:
        rows = {name: asdict(view) for name, view in examples(api).items()}
        text = "".join(f",\n{json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items())
        yield Artifact(_PACKAGE / "examples.json", f"{{{text[1:]}\n}}\n", "examples.json")

    def _fixed(self) -> Iterator[Artifact]:
        yield Artifact(_PACKAGE / "py.typed", "", "py.typed")
        for name in _LICENCES:
            yield Artifact(PurePosixPath(name), (self.licences / name).read_text("utf-8"), name)
