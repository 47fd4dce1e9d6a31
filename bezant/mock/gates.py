"""What a request has to pass before its operation sees it: the edge, its credentials, the pre-flights."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar
from urllib.parse import unquote

from bezant.mock.call import Call, Refused
from bezant.mock.http import Reply, Request, error_reply, text_reply
from bezant.mock.oauth1 import OAuth1, is_signed
from bezant.mock.oauth2 import OAuth2, is_bearer
from bezant.mock.state import State

_NEEDS_LENGTH: Final = ("POST", "PUT", "PATCH")
_DENIED: Final = (
    "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY><H1>Access Denied</H1></BODY></HTML>"
)
_NO_LENGTH: Final = "<HTML><HEAD><TITLE>Length Required</TITLE></HEAD><BODY></BODY></HTML>"
_ACCOUNTS: Final = "GET /iserver/accounts"
_PORTFOLIO: Final = "GET /portfolio/accounts"
_TRADING: Final = "/v1/api/"
_MANAGEMENT: Final = "/gw/"
_EXCHANGES: Final = "/v1/api/oauth/"
"""Requests for tokens are signed by a key, which is checked where they are answered."""

Checked = TypeVar("Checked")


def edge(request: Request, state: State) -> Reply | None:
    """What the edge refuses before anything else looks at a request."""
    if not state.rules.edge:
        return None
    if not request.headers.get("user-agent"):
        return text_reply(_DENIED, 403, "text/html")
    if request.method in _NEEDS_LENGTH and not request.body:
        if request.headers.get("content-length") != "0":
            return text_reply(_NO_LENGTH, 411, "text/html")
    return None


def credentials(request: Request, oauth1: OAuth1, oauth2: OAuth2, is_needed: bool) -> Reply | None:
    """What refuses a request for its signature or its token, or for having none where they are needed."""
    refused = oauth1.authorize(request) or oauth2.authorize(request)
    if refused is not None or not is_needed:
        return refused
    path = unquote(request.path)
    if path.startswith(_MANAGEMENT) and not is_bearer(request):
        return _refusal(oauth2.access, request)
    has_any = is_signed(request) or is_bearer(request)
    if path.startswith(_TRADING) and not path.startswith(_EXCHANGES) and not has_any:
        return _refusal(oauth1.verify, request)
    return None


def socket(request: Request, oauth1: OAuth1, oauth2: OAuth2, is_needed: bool) -> Reply | None:
    """As `credentials`, for a WebSocket: its token may be in the query."""
    query = request.query
    if "oauth_token" in query:
        return _refusal(oauth1.check_socket, query["oauth_token"])
    if "bearer_token" in query:
        headers = {**request.headers, "authorization": f"Bearer {query['bearer_token']}"}
        request = replace(request, headers=headers)
    return credentials(request, oauth1, oauth2, is_needed)


def _refusal(check: Callable[[Checked], object], value: Checked) -> Reply | None:
    """How a check refuses a value; None where it does not."""
    try:
        check(value)
    except Refused as refusal:
        return refusal.reply
    return None


def preflight(call: Call) -> Reply | None:
    """What is refused because the accounts were not asked for before."""
    if not call.state.rules.preflights:
        return None
    session = call.state.session
    wanted = {item.call for item in call.operation.preflight if item.scope == "session"}
    if _ACCOUNTS in wanted and not session.accounts_queried:
        return error_reply("Please query /accounts first", 400)
    if _PORTFOLIO in wanted and not session.portfolio_queried:
        return error_reply("Please query /accounts first", 400)
    return None
