"""What spans the tags: the clients, the registry, the package."""

from generator.ir import Api
from generator.lower.operations import constant
from generator.lower.python_exports import exported, homes, imports
from generator.lower.python_operations import class_name
from generator.lower.python_views import ChannelView, EntryView, PackageView, ResourceView
from generator.naming import Names


def package(api: Api, names: Names, modules: tuple[str, ...], version: str) -> PackageView:
    """The view of the whole package; `modules` are the model modules that exist."""
    tags = dict.fromkeys(operation.tag for operation in api.operations)
    resources = [(names.resource(tag), tag) for tag in tags]
    return PackageView(
        version=version,
        spec_title=api.title,
        spec_version=api.version,
        spec_sha256=api.sha256,
        resources=tuple(
            ResourceView(attribute=name, class_name=class_name(name), title=tag)
            for name, tag in sorted(resources)
        ),
        modules=tuple(sorted(modules)),
        entries=tuple(
            EntryView(
                id=operation.id,
                resource=names.resource(operation.tag),
                constant=constant(names.method(operation)),
            )
            for operation in api.operations
        ),
        channels=tuple(
            ChannelView(
                path=channel.path,
                base_path="/v1/api",
                query=tuple(p.wire for p in channel.parameters if p.location == "query"),
            )
            for channel in api.channels
        ),
        homes=homes(),
        exported=exported(),
        imports=tuple(imports()),
    )
