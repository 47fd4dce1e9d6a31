"""What a request has to pass before its operation sees it: the edge, the session, the pre-flights."""

from typing import Final

from bezant.mock.call import Call
from bezant.mock.http import Reply, Request, error_reply, text_reply
from bezant.mock.state import State

_NEEDS_LENGTH: Final = ("POST", "PUT", "PATCH")
_DENIED: Final = (
    "<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY><H1>Access Denied</H1></BODY></HTML>"
)
_NO_LENGTH: Final = "<HTML><HEAD><TITLE>Length Required</TITLE></HEAD><BODY></BODY></HTML>"
_ACCOUNTS: Final = "GET /iserver/accounts"
_PORTFOLIO: Final = "GET /portfolio/accounts"


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
