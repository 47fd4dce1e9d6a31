"""`bezant serve`: the sidecar as a program.

Owns the options and their help; what they mean is the settings', and what is served is the app's.
"""

import os
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import click

from bezant.server.settings import VARIABLES, BadSettings, Settings, load, option_of

_HELP: Final = """Serve the whole API in front of a gateway, with health, limits and a log.

Requests and answers pass through as they are. GET /health says whether the gateway can be used, and if not,
why; /livez and /readyz are for supervisors; /docs shows all calls.

Options go before variables of the environment. BEZANT_API_KEY has keys of which clients have to show one, as
`Authorization: Bearer ...`, with commas between them; there is no option for it, since others can see the
arguments of programs. Without a key it listens on loopback addresses only.

The log goes to stderr, and begins with where it listens. SIGTERM and Ctrl-C end it after the requests under way;
a second Ctrl-C ends it at once.
"""
_EPILOG: Final = """Exit codes: 0 ended by SIGTERM, 2 settings that cannot be used, 3 the address cannot be
listened on or a package is missing, 130 ended by Ctrl-C."""
_DEFAULTS: Final = Settings()

_Decorator: TypeAlias = Callable[[Callable[..., None]], Callable[..., None]]


class _Unusable(click.ClickException):
    """Something outside of the command line is not as it has to be."""

    exit_code = 3


def _option(name: str, text: str, metavar: str | None = None, default: str = "") -> _Decorator:
    """The option of a setting; one without a metavar is a switch."""
    option = option_of(name)
    declared = option if metavar else f"{option}/--no-{option.removeprefix('--')}"
    default = default or str(getattr(_DEFAULTS, name)).removesuffix(".0")
    said = f"{text} [{VARIABLES[name].name}; {default}]"
    return click.option(declared, name, default=None, metavar=metavar, help=said)


@click.command(help=_HELP, epilog=_EPILOG)
@_option("gateway", "The gateway, with or without /v1/api.", "URL")
@_option("bind", "Where to listen; port 0 takes a free one.", "HOST:PORT")
@_option(
    "verify_tls",
    "Whether to verify the gateway's certificate.",
    default="unless it is on this machine",
)
@_option("body_limit", "Size of the largest body of a request.", "BYTES")
@_option("concurrency", "Requests that are answered at the same time.", "N")
@_option("queue", "Requests that may wait; more get 503.", "N")
@_option("queue_secs", "How long they may wait.", "SECONDS")
@_option("upstream_timeout_secs", "How long the gateway may take.", "SECONDS")
@_option("drain_secs", "How long requests under way have at the end.", "SECONDS")
@_option("log_format", "How to log.", "json|text", default="text on a terminal, else json")
@_option("log_level", "How much to log.", "debug|info|warning|error")
def serve(**options: Any) -> None:
    """Run it."""
    given = {name: None if value is None else str(value) for name, value in options.items()}
    try:
        settings = load(given, os.environ)
    except BadSettings as error:
        raise click.UsageError(str(error)) from error

    from bezant.server import listening

    try:
        listening.serve(settings)
    except listening.CannotListen as error:
        message = f"{error}; --bind takes another"
        raise _Unusable(message) from error
