"""The smallest documents that tests of rules are made of."""

from typing import Any

import pytest

from normalizer import engine, invariants
from normalizer.document import Json, clone
from normalizer.rule import Rule
from normalizer.rules import RULES
from normalizer.structure import Document

BY_ID = {rule.id: rule for rule in RULES}
EACH_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
B: Json = {"$ref": "#/components/schemas/B"}
C: Json = {"$ref": "#/components/schemas/C"}
NULL: Json = {"type": "null"}
OK: Json = {"200": {"description": "OK"}}


def apply_rule(rule: Rule, root: Json) -> Any:
    return engine.run_rule(Document(clone(root)), rule)[0].root


def apply_all(root: Json) -> Any:
    return engine.run(Document(clone(root)), RULES).document.root


def with_paths(paths: Json, **more: Json) -> dict[str, Json]:
    info = {"title": "t", "version": "1"}
    return {"openapi": "3.0.3", "info": info, "paths": paths, **more}


def with_schemas(**schemas: Json) -> dict[str, Json]:
    return with_paths({}, components={"schemas": schemas})


def broken_invariants(root: Json) -> set[str]:
    document = Document(root)
    return {found.code for rule in invariants.INVARIANTS for found in rule.check(document)}
