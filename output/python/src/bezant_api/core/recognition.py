"""What an answer that says no means: tables of texts and statuses, and the shapes of envelopes.

Texts are IBKR's own and short parts of them; a text that is not here keeps the class of its status.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from . import errors
from .errors import ApiError

_BY_TEXT: tuple[tuple[re.Pattern[str], type[ApiError]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"\bno bridge\b|^not authenticated$", errors.NoBrokerageSession),
        (r"query /(iserver/)?accounts", errors.AccountsNotQueried),
        (r"invalid consumer|consumer .*not (active|registered)", errors.ConsumerNotActive),
        (r"competing", errors.CompetingSession),
        (r"maintenance", errors.Maintenance),
        (r"reply id not found|reply .*not found", errors.ReplyNotFound),
        (r"order ?id .*(doesn'?t|does not) exist", errors.OrderNotFound),
        (r"already registered|duplicate order", errors.DuplicateOrderId),
        (
            r"insufficient|(available funds|buying power|cash|equity|margin) .*(in order|required)",
            errors.InsufficientFunds,
        ),
        (r"(no|not have|lack|without) .*permission", errors.NoTradingPermission),
        (r"market .*closed|exchange is closed|outside .*trading hours", errors.MarketClosed),
        (
            r"price .*(cap\b|exceeds|too far|percentage|away from|tick|variation)|too far",
            errors.PriceOutOfRange,
        ),
        (
            r"no (symbol|sec ?defs?|contracts?|security definition)s? .*(found|returned|retrieved)"
            r"|no (symbol|contracts?)s? found",
            errors.ContractNotFound,
        ),
    )
)

_BY_STATUS: dict[int, type[ApiError]] = {
    400: errors.BadRequest,
    401: errors.NotAuthenticated,
    403: errors.PermissionDenied,
    404: errors.NotFound,
    409: errors.Conflict,
    410: errors.Gone,
    411: errors.LengthRequired,
    429: errors.RateLimited,
    503: errors.ServiceUnavailable,
}
_LOGIN_PAGES = ("/sso/Login", "/sso/Dispatcher")
_SUCCESS = range(200, 300)
_REDIRECTS = range(300, 400)
_SERVER_ERRORS = range(500, 600)
_DEFINITE = (401, 403, 429)
"""Statuses whose meaning a text may narrow to another state of the session, and to nothing else."""

_MESSAGE_LENGTH = 300
_NO_ERROR = ("None", "null")
"""What presets of advisors say in `error` when there is none."""

_NAMES = (
    "error_description",
    "error",
    "errorMessage",
    "error_message",
    "detail",
    "message",
    "title",
)
_TITLE = re.compile(r"<(title|h[1-6])[^>]*>\s*(.*?)\s*</\1", re.IGNORECASE | re.DOTALL)
_PAGE = re.compile(rb"\s*(<!doctype html|<html|<head|<body|<h1)", re.IGNORECASE)


def error_class(status: int, location: str, message: str) -> type[ApiError]:
    """The error of an answer: by what its text is known to mean, else by its status."""
    if status in _REDIRECTS:
        login = any(page in location for page in _LOGIN_PAGES)
        return errors.NotAuthenticated if login else errors.UnexpectedRedirect
    known = next((kind for pattern, kind in _BY_TEXT if pattern.search(message)), None)
    if known and (status not in _DEFINITE or issubclass(known, errors.SessionError)):
        return known if status != 429 else errors.RateLimited  # noqa: PLR2004
    if status in _SUCCESS:
        return errors.Rejected
    return _BY_STATUS.get(status, errors.ServerError if status in _SERVER_ERRORS else ApiError)


def refusal(body: Any) -> str:
    """The message of an error inside a success; empty when there is none.

    It is one when the top object, or the first row of a list, has an `error` that says something, or
    says `success: false`. An `error` further inside, such as that of `hmds` in a tickle, is none.
    """
    top = body[0] if isinstance(body, list) and body else body
    if not isinstance(top, dict):
        return ""
    error = top.get("error")
    if isinstance(error, str | Mapping) and error and error not in _NO_ERROR:
        return message_of(top) or "refused"
    return (message_of(top) or "refused without a reason") if top.get("success") is False else ""


def message_of(body: Any) -> str:
    """What an error body says is wrong, in whatever shape IBKR says it."""
    if isinstance(body, str):
        return _from_text(body)
    if isinstance(body, list):
        return message_of(body[0]) if body else ""
    if not isinstance(body, dict):
        return ""
    for name in _NAMES:
        found = body.get(name)
        if isinstance(found, str) and found:
            return found[:_MESSAGE_LENGTH]
        if isinstance(found, dict | list) and found:
            return message_of(found)
    listed = body.get("errors") or body.get("failure_list")
    return message_of(listed) if listed else ""


def _from_text(text: str) -> str:
    title = _TITLE.search(text)
    return re.sub(r"\s+", " ", title[2] if title else text).strip()[:_MESSAGE_LENGTH]


def is_page(body: bytes) -> bool:
    """Whether a body is an HTML page."""
    return _PAGE.match(body) is not None


class Question(NamedTuple):
    """A message that an order may be answered with; `guards` when it protects from a slip."""

    meaning: str
    guards: bool = False


QUESTIONS: Mapping[str, Question] = {
    "o163": Question("the price is outside the percentage band", guards=True),
    "o354": Question("no market data for the instrument"),
    "o382": Question("the tick size limit is exceeded", guards=True),
    "o383": Question("the order size limit is exceeded", guards=True),
    "o403": Question("the order will trigger and fill at once", guards=True),
    "o451": Question("the total value limit is exceeded", guards=True),
    "o2136": Question("a mixed allocation"),
    "o2137": Question("an order that crosses sides"),
    "o2165": Question("no fractional shares outside regular hours"),
    "o10082": Question("a called bond"),
    "o10138": Question("the limit of size changes is exceeded", guards=True),
    "o10151": Question("the risk of market orders"),
    "o10152": Question("the risk of stop orders once they are active"),
    "o10153": Question("a mandatory cap or floor price", guards=True),
    "o10164": Question("a cash quantity is met on a best-effort basis"),
    "o10223": Question("confirm the cash quantity"),
    "o10288": Question("the risk of market orders in crypto currencies"),
    "o10331": Question("the kinds of stop orders and their risks"),
    "o10332": Question("a warning about crypto currencies at OSL"),
    "o10333": Question("an option is exercised at the money", guards=True),
    "o10334": Question("the order is placed in an omnibus account"),
    "o10335": Question("an internal message of Rapid Entry"),
    "o10336": Question("limited liquidity"),
    "p6": Question("the order is distributed over several accounts"),
    "p12": Question("a disruptive order, or the Price Management Algo"),
}
"""Message ids of order questions, of those that are known; others occur."""
