"""All errors of the client.

BezantError
|-- ArgumentError            a call that cannot be sent: nothing went out
|-- TransportError           no whole answer came
|   |-- ConnectError           no connection: nothing went out
|   |-- RequestTimeout         no answer in time
|   `-- ResponseTooLarge       an answer beyond the limit of the client
|-- DecodeError              an answer that is not what it claims to be
|   `-- HtmlPage               a page where data is due: a proxy or a login page answered
|-- StalledPage              a listing that gives the same page for ever
`-- ApiError                 an answer that says no
    |-- BadRequest             400
    |-- PermissionDenied       403
    |-- NotFound               404
    |   |-- ContractNotFound     no symbol, no contract, no security definition
    |   |-- OrderNotFound        no such order, or it is done
    |   `-- ReplyNotFound        a question that was answered, replaced, or never asked
    |-- Conflict               409
    |-- Gone                   410
    |-- LengthRequired         411
    |-- RateLimited            429
    |-- UnexpectedRedirect     3xx to anywhere but the login page
    |-- ServerError            any other 5xx
    |   `-- ServiceUnavailable   503
    |       `-- Maintenance        the servers are being maintained
    |-- SessionError           the session is not ready for this call
    |   |-- NotAuthenticated     401, or a redirect to the login page
    |   |-- NoBrokerageSession   logged in, without a brokerage session
    |   |-- CompetingSession     another session of this user trades
    |   |-- AccountsNotQueried   the accounts have to be asked for first
    |   `-- ConsumerNotActive    the OAuth consumer key is not active yet
    `-- Rejected               the call was understood and refused, often with status 200
        |-- InsufficientFunds
        |-- MarketClosed
        |-- NoTradingPermission
        |-- PriceOutOfRange
        `-- DuplicateOrderId

A known meaning goes before the status: "no bridge" is `NoBrokerageSession` under 400 and under 200.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .transport import RawResponse


class BezantError(Exception):
    """Base of all errors of this package."""

    is_retryable = False
    """Whether the same call may succeed later. Says nothing about whether repeating it is safe."""

    hint = ""
    """What to do about it, in words."""

    def __str__(self) -> str:
        """What happened, whether a retry can help, and what to do next."""
        what = super().__str__()
        later = "The same call may succeed later." if self.is_retryable else ""
        return " ".join(part for part in (what, later, self.hint) if part)

    def __repr__(self) -> str:
        """The class and what happened."""
        return f"{type(self).__name__}({super().__str__()!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Let errors travel between processes."""
        return _restore, (type(self), self.args, self.__dict__)


def _restore(kind: type[BezantError], args: tuple[Any, ...], state: dict[str, Any]) -> BezantError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ArgumentError(BezantError, ValueError):
    """A call that cannot be sent: a required argument is missing, or a value cannot be written."""


class TransportError(BezantError):
    """No whole answer came. `may_have_arrived` says whether the call may have taken effect."""

    is_retryable = True
    may_have_arrived = True
    hint = "If the call changes something, ask for the state before you repeat it."

    def __init__(self, *, operation: str, method: str, path: str, reason: str) -> None:
        super().__init__(f"{operation} ({method} {path}): {without_secrets(reason)}.")
        self.operation = operation
        self.method = method
        self.path = path
        self.reason = without_secrets(reason)


class ConnectError(TransportError):
    """No connection could be made; nothing was sent."""

    may_have_arrived = False
    hint = "Is the gateway running, and is base_url its address?"


class RequestTimeout(TransportError, TimeoutError):
    """No whole answer in time. Whether the call took effect is unknown."""


class ResponseTooLarge(TransportError):
    """The answer is larger than the limit of the client; the rest was not read."""

    is_retryable = False
    hint = "Ask for less, or raise max_response_bytes of the client."


class DecodeError(BezantError):
    """A body that is not what it claims to be, or in strict mode one that does not fit its type.

    `body` has all its bytes. The call itself may have taken effect.
    """

    hint = "The bytes are in the error's body."

    def __init__(self, *, operation: str, body: bytes, reason: str) -> None:
        super().__init__(f"{operation}: {without_secrets(reason)}.")
        self.operation = operation
        self.body = body
        self.reason = without_secrets(reason)


class HtmlPage(DecodeError):
    """A page in place of data: something before the API answered."""

    hint = "A proxy, the edge or a login page answered: look at the address and at the session."


class StalledPage(BezantError):
    """A listing gave the same page again and again without an end."""


class ApiError(BezantError):
    """An answer that says no.

    `message` is what IBKR says, `body` the parsed body (a typed error, JSON, or text), `path` the
    URL path without its query, `response` the whole answer.
    """

    def __init__(
        self,
        *,
        operation: str,
        method: str,
        path: str,
        status: int,
        message: str,
        body: Any,
        request_id: str,
        response: RawResponse | None = None,
    ) -> None:
        said = without_secrets(message)
        super().__init__(f"{operation} ({method} {path}): {status} {said}".rstrip(" .") + ".")
        self.operation = operation
        self.method = method
        self.path = path
        self.status = status
        self.message = said
        self.body = body
        self.request_id = request_id
        self.response = response


class BadRequest(ApiError):
    """400: the server understood the call and refuses it as it is."""

    hint = "Compare the arguments with what the operation takes."


class PermissionDenied(ApiError):
    """403: the session may not do this, or the edge refused the client."""

    hint = "Check the rights of the user, and that a User-Agent is sent."


class NotFound(ApiError):
    """404: no such path, account or resource."""

    hint = "Check the identifiers, and that this address serves the operation."


class ContractNotFound(NotFound):
    """No symbol, contract or security definition is found."""

    hint = "Search the symbol first, in upper case; derivatives need a search of their underlying."


class OrderNotFound(NotFound):
    """No such order, or it is filled or cancelled."""

    hint = "List the live orders."


class ReplyNotFound(NotFound):
    """The question was answered, replaced by another request, or never asked."""

    hint = (
        "Nothing else may be sent between an order and its reply: look at the orders, then decide."
    )


class Conflict(ApiError):
    """409: the state of the resource does not allow this."""


class Gone(ApiError):
    """410: this host no longer answers the call."""

    hint = "Try a numbered host, such as 1.api.ibkr.com."


class LengthRequired(ApiError):
    """411: the edge wants a Content-Length."""

    hint = "Something between here and there drops Content-Length: look at proxies and middleware."


class RateLimited(ApiError):
    """429: too many calls; the address is locked out for ten to fifteen minutes."""

    is_retryable = True
    hint = "Send nothing for fifteen minutes, then at most ten calls a second, fewer for some."


class UnexpectedRedirect(ApiError):
    """3xx to anywhere but the login page; redirects are never followed."""

    hint = "base_url has to name the API itself, with the right scheme and port."


class ServerError(ApiError):
    """5xx: the server failed."""

    is_retryable = True
    hint = "If the call changes something, ask for the state before you repeat it."


class ServiceUnavailable(ServerError):
    """503: a service behind the server did not answer in time, or has no answer for this call."""


class Maintenance(ServiceUnavailable):
    """The servers are being maintained: about 01:00 of the region's time, and on Saturday evenings."""

    hint = "Wait some minutes."


class SessionError(ApiError):
    """The session is not ready for this call."""


class NotAuthenticated(SessionError):
    """401, or a redirect to the login page: nobody is logged in."""

    hint = "Log in at the gateway's login page, or renew the token."


class NoBrokerageSession(SessionError):
    """Logged in, but without a brokerage session."""

    is_retryable = True
    hint = "Open the brokerage session first (POST /iserver/auth/ssodh/init)."


class CompetingSession(SessionError):
    """Another session of this user trades: a user has one."""

    hint = "Close the other one, or take over with compete=True."


class AccountsNotQueried(SessionError):
    """The accounts have to be asked for once in each brokerage session."""

    is_retryable = True
    hint = "Call GET /iserver/accounts first."


class ConsumerNotActive(SessionError):
    """The OAuth consumer key is not active yet."""

    hint = "New keys become active after the next midnight reset, or later."


class Rejected(ApiError):
    """The call was understood and refused; often under status 200."""

    hint = "Nothing was done. Read the message, change the call."


class InsufficientFunds(Rejected):
    """Not enough cash, equity or margin for the order."""

    hint = "Preview the order, and look at the account's summary."


class MarketClosed(Rejected):
    """The market does not take this order now."""

    hint = "Look at the trading schedule, or allow trading outside regular hours."


class NoTradingPermission(Rejected):
    """The account may not trade this instrument, or in this way."""

    hint = "Trading permissions are asked for in Client Portal."


class PriceOutOfRange(Rejected):
    """The price is beyond a cap, a floor or a percentage, or off the tick size."""

    hint = "Compare the price with the market, and its step with the contract's rules."


class DuplicateOrderId(Rejected):
    """The client order id was used in the last 24 hours."""

    hint = "The earlier order may be live: look at the orders before you send a new id."


_SECRETS = re.compile(
    r"eyJ[\w-]+\.[\w-]+\.[\w-]*"  # a JSON Web Token
    r"|(?<=Bearer )\S+"
    r"|(?<=token=)[^\s&;,]+|(?<=signature=)[^\s&;,]+|(?<=secret=)[^\s&;,]+|(?<=password=)[^\s&;,]+"
    r"|\b[0-9a-fA-F]{32,}\b",
    re.IGNORECASE,
)


def without_secrets(text: str) -> str:
    """A text with tokens, signatures, passwords and long hexadecimal numbers masked."""
    return _SECRETS.sub("(masked)", text)
