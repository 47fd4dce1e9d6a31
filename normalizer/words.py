"""Names that the normalised document needs: words of a wire name, snake case, Pascal case."""

import re

_WORD = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


def words(name: str) -> list[str]:
    """Split a wire name at case changes, digits and punctuation: `acctIDs-v2` gives 4 words."""
    return _WORD.findall(name)


def snake(name: str) -> str:
    """Lower-case words joined by underscores; digits stay with the word before them."""
    return re.sub(r"_(?=\d)", "", "_".join(words(name))).lower()


def pascal(name: str) -> str:
    """Words with their first letter raised, acronyms kept: `orderID` gives `OrderID`."""
    return "".join(word[0].upper() + word[1:] for word in words(name))


def singular(name: str) -> str | None:
    """A Pascal name with its last word made singular; `None` when it is not a plural."""
    if name.endswith("ies"):
        return name[:-3] + "y"
    plural = name.endswith("s") and not name.endswith(("ss", "us", "is"))
    return name[:-1] if plural else None
