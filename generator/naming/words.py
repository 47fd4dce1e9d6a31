"""Wire names split into words, and words joined by the conventions of a language.

IBKR mixes camelCase, snake_case, kebab-case, spaces, digits and symbols: `conidEx`, `84_raw`,
`daytradesremainingt+1`, `Lk Ahd Excss Lqdty`, `@ Opn`.
"""

import re
from typing import Final

_SPELLINGS: Final = {
    "OAuth": "Oauth",
    "PnL": "Pnl",
    "IServer": "Iserver",
    "IBKR": "Ibkr",
    "SoW": "Sow",
}
"""Words of the field whose capitals are no word boundaries. Adding one renames public symbols."""

_SYMBOLS: Final = {
    "+": " plus ",
    "%": " percent ",
    "@": " at ",
    "&": " and ",
    "#": " number ",
    "<": " less ",
    ">": " greater ",
    "=": " equals ",
    "*": " star ",
    "$": " dollar ",
}
_WORD: Final = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


def words(name: str) -> list[str]:
    """Lower-case words of a wire name; only ASCII letters and digits remain."""
    for spelling, plain in _SPELLINGS.items():
        name = name.replace(spelling, plain)
    for symbol, word in _SYMBOLS.items():
        name = name.replace(symbol, word)
    return [word.lower() for word in _WORD.findall(name)]


def snake(name: str) -> str:
    """`conidEx` gives `conid_ex`, `t+1` gives `t_plus_1`; a number after a letter stays attached."""
    joined = "_".join(words(name))
    return re.sub(r"(?<!plus)(?<!minus)_(?=\d)", "", joined)


def pascal(name: str) -> str:
    """`formW8BENE` gives `FormW8BENE`: inner capitals are kept, separators vanish."""
    for symbol, word in _SYMBOLS.items():
        name = name.replace(symbol, word)
    pieces = re.findall(r"[A-Za-z0-9]+", name)
    return "".join(piece[0].upper() + piece[1:] for piece in pieces)
