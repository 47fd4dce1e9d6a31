"""Words that generated Python may not use as names.

Frozen lists, never computed from the running interpreter: the output must not depend on it. Adding
a word renames public symbols, so it needs an entry in the changelog.
"""

from typing import Final

PYTHON_KEYWORDS: Final = frozenset(
    [
        "False",
        "None",
        "True",
        "and",
        "as",
        "assert",
        "async",
        "await",
        "break",
        "class",
        "continue",
        "def",
        "del",
        "elif",
        "else",
        "except",
        "finally",
        "for",
        "from",
        "global",
        "if",
        "import",
        "in",
        "is",
        "lambda",
        "nonlocal",
        "not",
        "or",
        "pass",
        "raise",
        "return",
        "try",
        "while",
        "with",
        "yield",
        "match",
        "case",
    ]
)
PYTHON_ANNOTATIONS: Final = frozenset(
    ["str", "int", "float", "bool", "bytes", "list", "dict", "tuple", "object"]
)
"""Builtins that annotations of a class body use: a field of that name would shadow them."""

PYTHON_MEMBERS: Final = frozenset(["additional", "from_dict", "to_dict"])
"""Members of every model: a field of that name would shadow them."""

PYTHON_ARGUMENTS: Final = frozenset(
    [
        "self",
        "cls",
        "body",
        "client",
        "timeout",
        "headers",
        "extra_query",
        "extra_body",
        "extra_headers",
        "options",
        "mode",
        "raw",
    ]
)
"""Parameters that methods of the client have or will have."""

PYTHON_BUILTIN_ARGUMENTS: Final = frozenset(
    [
        "type",
        "id",
        "max",
        "min",
        "all",
        "any",
        "filter",
        "format",
        "hash",
        "input",
        "iter",
        "len",
        "map",
        "next",
        "open",
        "print",
        "range",
        "set",
        "sum",
        "vars",
    ]
)
"""Builtins that an argument would shadow."""

PYTHON_CLASS_NAMES: Final = frozenset(
    [
        "Any",
        "Literal",
        "TypeAlias",
        "TYPE_CHECKING",
        "Model",
        "OpenModel",
        "UNSET",
        "UnsetType",
        "Number",
        "Decimal",
        "Mapping",
        "Sequence",
        "Iterator",
        "AsyncIterator",
        "Unpack",
        "CallOptions",
        "None",
        "True",
        "False",
        "Client",
        "AsyncClient",
        "Operation",
        "Parameter",
        "Body",
        "Response",
        "Pacing",
        "Pagination",
        "Preflight",
        "WarmUp",
        "Resource",
        "AsyncResource",
    ]
)
"""Names that generated modules import or define."""

PYTHON_GROUPS: Final = PYTHON_KEYWORDS | {
    "answer",
    "call",
    "close",
    "download",
    "iterate",
    "raw",
    "request",
    "settings",
    "shared",
    "transport",
    "with_response",
}
"""Members of the clients beside the resource groups, and the module of shared models."""

TYPESCRIPT_KEYWORDS: Final = frozenset(
    [
        "arguments",
        "await",
        "break",
        "case",
        "catch",
        "class",
        "const",
        "continue",
        "debugger",
        "default",
        "delete",
        "do",
        "else",
        "enum",
        "eval",
        "export",
        "extends",
        "false",
        "finally",
        "for",
        "function",
        "if",
        "implements",
        "import",
        "in",
        "instanceof",
        "interface",
        "let",
        "new",
        "null",
        "package",
        "private",
        "protected",
        "public",
        "return",
        "static",
        "super",
        "switch",
        "this",
        "throw",
        "true",
        "try",
        "typeof",
        "undefined",
        "var",
        "void",
        "while",
        "with",
        "yield",
    ]
)
"""What no function of an ES module may be called."""

TYPESCRIPT_NAMESPACES: Final = frozenset(["client", "constructor"])
"""Members of the facade: a namespace of that name would take their place."""
