"""Readers of the texts that IBKR sends in place of numbers and times.

Each takes what the wire has and gives an exact value; nothing calls them by itself. What says that
there is no value (`""`, `"N/A"`, `None`) gives `None`; any other text that is none of the forms
below is a `ValueError`. The forms are those seen in answers of the live API.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Literal, NamedTuple, TypeAlias

_ABSENT = frozenset(("", "-", "n/a", "na", "null", "none", "nan"))
_NUMBER = re.compile(
    r"(?P<digits>[+-]?[\d,]*\.?\d+)(?:(?P<exponent>[eE][+-]?\d+)|\s*(?P<suffix>[KMBT]))?", re.ASCII
)
_EXPONENTS = {"": "", "K": "E3", "M": "E6", "B": "E9", "T": "E12"}
_AMOUNT = re.compile(r"(?P<number>\S+)(?:\s+(?P<currency>[A-Z]{3}))?(?:\s+\(.*\))?")
_MILLISECONDS_FROM = 10**11

PriceFlag: TypeAlias = Literal["", "previous_close", "halted"]
_FLAGS: dict[str, PriceFlag] = {"C": "previous_close", "H": "halted"}


class Price(NamedTuple):
    """A price of a snapshot; `flag` tells a close of yesterday and a halt from a trade of today."""

    value: Decimal
    flag: PriceFlag = ""


class Amount(NamedTuple):
    """Money; `currency` is an ISO 4217 code, empty where the text has none."""

    value: Decimal
    currency: str = ""


def number(value: str | float | None) -> Decimal | None:
    """A number: `"1,005.5"`, `"50.1M"` (50100000), `"1.2K"`, `"-1"`, or a number already."""
    text = _text(value)
    if text is None:
        return None
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise _unreadable(value, "number")
    digits = found["digits"].replace(",", "")
    return _decimal(digits + (found["exponent"] or _EXPONENTS[found["suffix"] or ""]), value)


def percent(value: str | float | None) -> Decimal | None:
    """A percentage in points: `"0.54%"` and `"0.54"` give 0.54; divide by 100 for the fraction."""
    text = _text(value)
    if text is None:
        return None
    return _present(number(text.removesuffix("%").rstrip()), value)


def price(value: str | float | None) -> Price | None:
    """A price with its prefix: `"C184.21"` is yesterday's close, `"H10.5"` the last before a halt."""
    text = _text(value)
    if text is None:
        return None
    flag = _FLAGS.get(text[0], "")
    return Price(_present(number(text[1:] if flag else text), value), flag)


def amount(value: str | float | None) -> Amount | None:
    """Money: `"1,005,254 USD"`, `"1,977.60 USD (10 Shares)"`, `"1,006,413"`."""
    text = _text(value)
    if text is None:
        return None
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise _unreadable(value, "amount")
    return Amount(_present(number(found["number"]), value), found["currency"] or "")


def epoch(value: str | float | None) -> datetime | None:
    """A time in UTC from seconds or milliseconds since 1970: 1767225600, `"1775041875.0"`.

    From 10**11 on they are milliseconds: as seconds that would be the year 5138.
    """
    text = _text(value)
    if text is None:
        return None
    read = _decimal(text, value)
    if abs(read) >= _MILLISECONDS_FROM:
        read = read.scaleb(-3)
    microseconds = int(read.scaleb(6).to_integral_value())
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    except OverflowError as error:
        raise _unreadable(value, "time") from error


def trade_time(value: str | None) -> datetime | None:
    """A time in UTC from `trade_time` of trades: `"20260331-14:30:05"`."""
    return _time(value, "%Y%m%d-%H:%M:%S")


def order_time(value: str | int | None) -> datetime | None:
    """A time in UTC from `lastExecutionTime` and `order_time` of orders: `"260331143005"`."""
    return _time(value, "%y%m%d%H%M%S")


def update_time(value: str | None) -> datetime | None:
    """A time without zone from `lastSuccessfulUpdate` of performance: `"2026-03-31 14:30:05"`."""
    found = _time(value, "%Y-%m-%d %H:%M:%S")
    return found and found.replace(tzinfo=None)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ZONES = {
    "UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8,
    "PDT": -7, "CET": 1, "CEST": 2, "BST": 1, "HKT": 8, "JST": 9,
}  # fmt: skip


def java_time(value: str | None) -> datetime | None:
    """A time with its zone from `date` of transactions: `"Tue Mar 31 00:00:00 EDT 2026"`."""
    text = _text(value)
    if text is None:
        return None
    words = text.split()
    if len(words) != 6 or words[4] not in _ZONES:  # noqa: PLR2004  # day month date time zone year
        raise _unreadable(value, "time")
    if words[1] not in _MONTHS:
        raise _unreadable(value, "time")
    zone = timezone(timedelta(hours=_ZONES[words[4]]), words[4])
    month = _MONTHS.index(words[1]) + 1
    found = _time(f"{words[5]}-{month:02}-{words[2]} {words[3]}", "%Y-%m-%d %H:%M:%S")
    return found and found.replace(tzinfo=zone)


def day(value: str | int | None) -> date | None:
    """A date: `"20260331"`, 20261218, or a month, `"202603"`, which gives its first day."""
    text = _text(value)
    month = text is not None and len(text) == len("YYYYMM")
    found = _time(f"{text}01" if month else value, "%Y%m%d")
    return found and found.date()


def _text(value: str | float | None) -> str | None:
    """A value as text; `None` for what says that there is none."""
    if isinstance(value, bool):
        raise _unreadable(value, "number")
    text = "" if value is None else str(value).strip()
    return None if text.lower() in _ABSENT else text


def _time(value: str | float | None, form: str) -> datetime | None:
    text = _text(value)
    if text is None:
        return None
    try:
        found = datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError as error:
        raise _unreadable(value, "time") from error
    # The reader of the standard library takes fields that are too short.
    if found.strftime(form) != text:
        raise _unreadable(value, "time")
    return found


def _present(read: Decimal | None, value: object) -> Decimal:
    """A number that must be there, because a sign or a prefix announced it."""
    if read is None:
        raise _unreadable(value, "number")
    return read


def _decimal(digits: str, value: object) -> Decimal:
    try:
        read = Decimal(digits)
    except InvalidOperation as error:
        raise _unreadable(value, "number") from error
    if not read.is_finite():
        raise _unreadable(value, "number")
    return read


def _unreadable(value: object, kind: str) -> ValueError:
    return ValueError(f"no {kind}: {value!r}")
