"""What is no operation: the login pages, and the page for everything unknown."""

from typing import Final

from bezant.mock.http import Reply, Request, redirect, text_reply
from bezant.mock.state import State

LOGIN: Final = "/sso/Login"
DISPATCHER: Final = "/sso/Dispatcher"
_HTML: Final = "text/html"
_FORM: Final = """<!DOCTYPE html>
<html lang="en"><head><title>Log in to the mock gateway</title></head>
<body><h1>Mock gateway</h1><p>No account is behind this page.</p>
<form method="post" action="/sso/Login"><button id="login">Log in</button></form></body></html>
"""
_SUCCESS: Final = """<!DOCTYPE html>
<html lang="en"><head><title>Logged in</title></head><body><p>Client login succeeds</p></body></html>
"""
_UNKNOWN: Final = "<html><body><h1>Resource not found</h1></body></html>\n"


def answer(request: Request, state: State) -> Reply:
    """The page of a path. Where OAuth is required there is none to log in at."""
    if state.rules.oauth:
        return unknown()
    if request.path == "/":
        return redirect(LOGIN)
    if request.path == LOGIN and request.method == "POST":
        state.session.login()
        return redirect(DISPATCHER).having(*_cookies(state))
    if request.path == LOGIN:
        return text_reply(_FORM, content_type=_HTML)
    if request.path == DISPATCHER:
        return text_reply(_SUCCESS, content_type=_HTML)
    return unknown()


def unknown() -> Reply:
    """The page for what there is not."""
    return text_reply(_UNKNOWN, 404, _HTML)


def _cookies(state: State) -> list[tuple[str, str]]:
    pairs = state.session.cookies()
    return [("Set-Cookie", f"{name}={value}; Path=/") for name, value in pairs.items()]
