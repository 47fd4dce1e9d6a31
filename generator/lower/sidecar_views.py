"""What the templates of the sidecar see: plain values, decided and named."""

from dataclasses import dataclass

from generator.lower.views import OperationView


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgumentView:
    """One argument of a route: where FastAPI takes it from, and whether it may be left out."""

    name: str
    annotation: str
    marker: str
    """What says where it comes from: `Path`, `Query` or `Header`."""
    settings: tuple[tuple[str, str | float], ...]
    """What the marker is told: other names, limits, documentation."""
    reader: str
    """What reads the text before its type is looked at; empty where nothing has to."""
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteView:
    """One route, and the method of a backend behind it."""

    operation: OperationView
    verb: str
    """The method of HTTP, as the router spells it."""
    target: str
    """The method of the backend: the resource and the method of the client."""
    doc: str
    positional: tuple[ArgumentView, ...]
    keywords: tuple[ArgumentView, ...]
    body: str
    """The annotation of the body; empty where there is none."""
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutesModuleView:
    """`sidecar/routers/<tag>.py`."""

    title: str
    resource: str
    markers: tuple[str, ...]
    uses_models: bool
    uses_any: bool
    uses_annotated: bool
    routes: tuple[RouteView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SidecarView:
    """Everything that spans the tags."""

    modules: tuple[RoutesModuleView, ...]

    @property
    def resources(self) -> tuple[str, ...]:
        """The names of all modules of routes."""
        return tuple(module.resource for module in self.modules)

    @property
    def routes(self) -> tuple[RouteView, ...]:
        """The routes of all modules."""
        return tuple(route for module in self.modules for route in module.routes)
