"""Readers of texts, against vectors that every client of the project is held to."""

import json
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from bezant_api import values
from hypothesis import given
from hypothesis import strategies as st

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "values.json").read_text("utf-8"))


def plain(found: Any) -> Any:
    """A result as the vectors write it."""
    if isinstance(found, tuple):
        return [plain(item) for item in found]
    if isinstance(found, datetime | date):
        return found.isoformat()
    return f"{found:f}" if isinstance(found, Decimal) else found


@pytest.mark.parametrize(
    ("reader", "given_value", "expected"),
    [(reader, *row) for reader, rows in VECTORS.items() for row in rows],
)
def test_vectors(reader: str, given_value: Any, expected: Any) -> None:
    read = getattr(values, reader)
    if expected == "error":
        with pytest.raises(ValueError, match=r"no (number|amount|time): "):
            read(given_value)
    else:
        assert plain(read(given_value)) == expected


def test_every_reader_has_vectors() -> None:
    readers = {
        name
        for name, member in vars(values).items()
        if callable(member) and getattr(member, "__module__", "") == values.__name__
        if not name.startswith("_") and name.islower()
    }
    assert readers == set(VECTORS)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12)))
def test_numbers_with_separators_keep_their_digits(number: Decimal) -> None:
    assert values.number(f"{number:,}") == number


@given(st.text(), st.sampled_from(sorted(VECTORS)))
def test_any_text_is_read_or_is_a_value_error(text: str, reader: str) -> None:
    with suppress(ValueError):
        found = getattr(values, reader)(text)
        assert found is None or isinstance(found, Decimal | tuple | datetime | date)
