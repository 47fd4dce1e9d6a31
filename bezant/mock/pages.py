"""What is no operation: the login pages, and the page for everything unknown."""

from typing import Final

from bezant.mock.http import Reply, Request, redirect, text_reply
from bezant.mock.state import State

LOGIN: Final = "/sso/Login"
DISPATCHER: Final = "/sso/Dispatcher"
_HTML: Final = "text/html"
_STYLE: Final = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { display: grid; place-content: center; min-height: 100vh; margin: 0; text-align: center }
main { padding: 2.5rem 3rem; border: 1px solid #8886; border-radius: 12px }
h1 { margin: 0; font-size: 1.4rem }
p { margin: .5rem 0 1.5rem; opacity: .75 }
p:last-child { margin-bottom: 0 }
button { padding: .6rem 2.2rem; font: inherit; color: #fff; background: #1d6b4f }
button { border: 0; border-radius: 8px; cursor: pointer }
"""
_PAGE: Final = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{style}</style></head>
<body><main><h1>{title}</h1>{content}</main></body></html>
"""
_FORM: Final = _PAGE.format(
    title="Mock gateway",
    style=_STYLE,
    content="<p>No account is behind this page, and no password is asked for.</p>"
    '<form method="post" action="/sso/Login"><button id="login">Log in</button></form>',
)
_SUCCESS: Final = _PAGE.format(
    title="Mock gateway", style=_STYLE, content="<p>Client login succeeds</p>"
)
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
