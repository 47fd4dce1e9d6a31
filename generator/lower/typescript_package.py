"""What spans the tags: entry points, facade, registry, channels."""

import re
from collections.abc import Iterator
from typing import Final

from generator.ir import ANY, Doc, Ending, Topic, TypeExpr
from generator.lower.operations import words
from generator.lower.shapes import model_of
from generator.lower.typescript_models import TypeLowering, camel, kebab, property_view
from generator.lower.typescript_operations import TypeScriptOperations
from generator.lower.typescript_views import (
    EntryView,
    NamespaceView,
    PackageView,
    PropertyView,
    RegistryRowView,
    TargetView,
    TopicView,
)
from generator.naming.reserved import TYPESCRIPT_NAMESPACES
from normalizer.diagnostics import BugError, Diagnostic

_FIXED: Final = {
    ".": "index",
    "./channels": "channels",
    "./cookies": "core/cookies",
    "./explain": "core/explain",
    "./facade": "facade",
    "./parsing": "core/parsing",
    "./questions": "core/questions",
    "./registry": "registry",
    "./stream": "core/streaming",
    "./values": "core/values",
}
"""Entry points that are no tags."""

_OPTION: Final = re.compile(r"\{(\w+)(\??)\}")
_OPTION_DOCS: Final = {
    "conid": "Contract id, or with an exchange: `265598@ISLAND`",
    "accountId": "Account",
    "exchange": "Exchange",
}


def package(types: TypeLowering, operations: TypeScriptOperations, version: str) -> PackageView:
    """The view of the whole package."""
    groups = list(operations.groups())
    topics = tuple(_topic(types, topic) for topic in types.api.topics)
    return PackageView(
        version=version,
        spec_version=types.api.version,
        spec_sha256=types.api.sha256,
        entries=tuple(_entries([kebab(resource) for _, resource, _ in groups])),
        namespaces=tuple(
            NamespaceView(name=namespace(resource), entry=kebab(resource), title=tag)
            for tag, resource, _ in sorted(groups, key=lambda group: group[1])
        ),
        registry=tuple(
            RegistryRowView(resource=namespace(resource), operation=view)
            for _, resource, group in groups
            for view in group
        ),
        topics=topics,
        topic_imports=tuple(types.imports(_texts(topics), None, "./types")),
        has_streams=bool(types.usage.further_homes),
    )


def namespace(resource: str) -> str:
    """The namespace of a group: `marketData`."""
    name = camel(resource)
    return f"{name}_" if name in TYPESCRIPT_NAMESPACES else name


def _entries(tags: list[str]) -> Iterator[EntryView]:
    """All entry points, sorted; a tag may not have the name of another one."""
    entries = dict(_FIXED)
    for tag in tags:
        if f"./{tag}" in entries:
            raise BugError(
                Diagnostic(
                    code="entry-taken",
                    message=f"the group {tag} has the name of another entry point",
                    hint="give it another name in generator/naming/curated.py",
                )
            )
        entries[f"./{tag}"] = f"operations/{tag}"
    yield from (EntryView(name=name, module=entries[name]) for name in sorted(entries))


def _topic(types: TypeLowering, topic: Topic) -> TopicView:
    ending = topic.ending or Ending(topic="", target=(), has_arguments=False)
    target = tuple(map(_part, topic.target))
    own = {part.option for part in target}
    closing = tuple(map(_part, ending.target))
    return TopicView(
        name=camel(topic.name),
        doc=_doc(topic),
        topic=topic.topic,
        target=target,
        options=tuple(_options(topic)),
        arguments=_arguments(types, topic.arguments),
        needs_arguments=_needs(types, topic.arguments),
        takes_arguments=not topic.bare,
        payload=types.writer.write(topic.payload, closed=False),
        unsolicited=topic.unsolicited,
        refresh=topic.refresh,
        ending=ending.topic,
        ending_target=tuple(part for part in closing if not part.option or part.option in own),
        ending_from=next((p.option for p in closing if p.option and p.option not in own), ""),
        ending_arguments=ending.has_arguments,
    )


def _part(text: str) -> TargetView:
    found = _OPTION.fullmatch(text)
    return TargetView(word="" if found else text, option=found[1] if found else "")


def _options(topic: Topic) -> Iterator[PropertyView]:
    for text in topic.target:
        if found := _OPTION.fullmatch(text):
            doc = Doc(_OPTION_DOCS.get(found[1], f"`{found[1]}`"))
            kind = "number | string" if found[1] == "conid" else "string"
            yield property_view(found[1], kind, not found[2], doc, ANY, is_sent=True)


def _arguments(types: TypeLowering, arguments: TypeExpr | None) -> str:
    return types.writer.write(arguments, closed=True) if arguments is not None else ""


def _needs(types: TypeLowering, arguments: TypeExpr | None) -> bool:
    """Whether something has to be given: a model with a required property."""
    model = model_of(types.api, arguments) if arguments is not None else None
    return model is not None and any(field.required for field in model.fields)


def _doc(topic: Topic) -> str:
    asked = "Sent unasked." if topic.unsolicited else f"Subscribes to `{topic.topic}`."
    refresh = f"Subscribed again every {topic.refresh:g} s, before it ends by itself."
    return "\n\n".join(
        part for part in (words(topic.doc), asked, refresh if topic.refresh else "") if part
    )


def _texts(topics: tuple[TopicView, ...]) -> list[str]:
    """All types that topics mention."""
    return [text for topic in topics for text in (topic.payload, topic.arguments)]
