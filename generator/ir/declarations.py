"""Declarations: named types, and the notes that every node carries."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from generator.ir.types import TypeExpr, UnionOf


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a node comes from: its pointer, the one before hoisting, and the rules that touched it."""

    pointer: str
    upstream: str = ""
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Doc:
    """Words of our own, from overlays; text of a document is data and may be hostile."""

    summary: str = ""
    description: str = ""
    deprecated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One property of a model."""

    wire: str
    type: TypeExpr
    required: bool
    doc: Doc
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """An object with known properties; others are of the type `additional`, if there is one."""

    name: str
    fields: tuple[Field, ...]
    additional: TypeExpr | None = None
    doc: Doc
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Enum:
    """A scalar with known values; `nullable` when null is one of them."""

    name: str
    values: tuple[str | int | float | bool, ...]
    nullable: bool
    doc: Doc
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A name for a type that needs no declaration of its own."""

    name: str
    target: TypeExpr
    doc: Doc
    origin: Origin


class UnionStrategy(StrEnum):
    """How a reader tells the branches of a union apart."""

    TAG = "tag"
    SIBLING = "sibling"
    KIND = "kind"
    KEYS = "keys"
    MERGED = "merged"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnionDeclaration:
    """One of several types; `mapping` gives the branch index of each value of `tag`."""

    name: str
    type: UnionOf
    strategy: UnionStrategy
    nullable: bool
    tag: str = ""
    mapping: tuple[tuple[str, int], ...] = ()
    doc: Doc
    origin: Origin


Declaration: TypeAlias = Model | Enum | Alias | UnionDeclaration
