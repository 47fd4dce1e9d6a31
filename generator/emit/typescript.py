"""The TypeScript client: `output/typescript`, package `bezant-client`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from generator.emit.protocol import Artifact, Emission, Named, by_path
from generator.lower.typescript_models import TypeLowering
from generator.lower.typescript_operations import TypeScriptOperations
from generator.lower.typescript_package import package
from generator.lower.typescript_views import PackageView
from generator.render import Renderer

VERSION: Final = "0.1.0"
_SOURCE: Final = PurePosixPath("src")
_PACKAGE_FILES: Final = {
    "index.ts.j2": _SOURCE / "index.ts",
    "version.ts.j2": _SOURCE / "version.ts",
    "facade.ts.j2": _SOURCE / "facade.ts",
    "registry.ts.j2": _SOURCE / "registry.ts",
    "channels.ts.j2": _SOURCE / "channels.ts",
    "package.json.j2": PurePosixPath("package.json"),
    "tsconfig.json.j2": PurePosixPath("tsconfig.json"),
    "README.md.j2": PurePosixPath("README.md"),
}
_LICENCES: Final = ("LICENSE-MIT", "LICENSE-APACHE")


@dataclass(frozen=True, slots=True)
class TypeScriptEmitter:
    """Emits the client from the templates and the kernel of `templates/typescript`.

    What it emits is formatted as its templates say: no formatter is run.
    """

    templates: Path
    licences: Path
    name: str = "typescript"

    def emit(self, named: Named) -> Emission:
        """Make every file of the package."""
        types = TypeLowering(named.api, named.usage, named.names)
        operations = TypeScriptOperations(types)
        renderer = Renderer(self.templates)
        overview = package(types, operations, VERSION)
        artifacts = (
            *self._package(renderer, overview),
            *_modules(renderer, "types", types.modules()),
            *_modules(renderer, "operations", operations.modules()),
            *self._kernel(),
            *self._licences(),
        )
        return Emission(by_path(iter(artifacts)))

    def _package(self, renderer: Renderer, view: PackageView) -> Iterator[Artifact]:
        for template, path in _PACKAGE_FILES.items():
            yield Artifact(path, renderer.render(template, view=view), template)

    def _kernel(self) -> Iterator[Artifact]:
        for source in sorted((self.templates / "core").glob("*.ts")):
            name = f"core/{source.name}"
            yield Artifact(_SOURCE / name, source.read_text("utf-8"), name)

    def _licences(self) -> Iterator[Artifact]:
        for name in _LICENCES:
            yield Artifact(PurePosixPath(name), (self.licences / name).read_text("utf-8"), name)


def _modules(
    renderer: Renderer, folder: str, modules: Iterator[tuple[str, object]]
) -> Iterator[Artifact]:
    template = f"{folder}_module.ts.j2"
    for name, view in modules:
        yield Artifact(
            _SOURCE / folder / f"{name}.ts", renderer.render(template, view=view), template
        )
