"""`bezant serve`: the sidecar as a program.

Owns the options, the socket and what is said on stderr; what is answered is the app's.
"""

import os
import signal
import socket
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from bezant.server.settings import Settings

_HELP = """Serve the whole API in front of a gateway, with health, limits and a log.

Requests and answers pass through as they are. GET /health says whether the gateway can be used, and if not,
why; /livez and /readyz are for supervisors; /docs shows all calls.

Each option has a variable: IBKR_GATEWAY_URL, BEZANT_BIND, BEZANT_VERIFY_TLS, BEZANT_BODY_LIMIT,
BEZANT_CONCURRENCY, BEZANT_QUEUE, BEZANT_QUEUE_SECS, BEZANT_UPSTREAM_TIMEOUT_SECS, BEZANT_DRAIN_SECS,
BEZANT_LOG_FORMAT, BEZANT_LOG_LEVEL. BEZANT_API_KEY has keys of which clients have to show one, with commas
between them; there is no option for them, since others can see the arguments of programs.
"""
_EPILOG = """Exit codes: 0 ended by SIGTERM, 2 settings that cannot be used, 3 the address cannot be listened on,
130 ended by Ctrl-C."""


class _Unusable(click.ClickException):
    """Something outside of the command line is not as it has to be."""

    exit_code = 3


@click.command(help=_HELP, epilog=_EPILOG)
@click.option("--gateway", metavar="URL", help="The gateway.  [default: https://localhost:5000]")
@click.option("--bind", metavar="HOST:PORT", help="Where to listen.  [default: 127.0.0.1:8080]")
@click.option(
    "--verify-tls",
    metavar="BOOL",
    help="Whether to verify the gateway's certificate; else unless it is on this machine.",
)
@click.option("--body-limit", metavar="BYTES", help="The largest body.  [default: 16 MiB]")
@click.option("--concurrency", metavar="N", help="Requests at the same time.  [default: 500]")
@click.option("--queue", metavar="N", help="Requests that may wait.  [default: 500]")
@click.option("--queue-secs", metavar="SECONDS", help="For how long.  [default: 10]")
@click.option(
    "--upstream-timeout-secs", metavar="SECONDS", help="For the gateway's answer.  [default: 30]"
)
@click.option(
    "--drain-secs", metavar="SECONDS", help="For requests under way at the end.  [default: 10]"
)
@click.option("--log-format", metavar="json|text", help="How to log.  [default: json]")
@click.option("--log-level", metavar="LEVEL", help="How much to log.  [default: info]")
def serve(**given: str | None) -> None:
    """Run it."""
    from bezant.server.settings import BadSettings, load

    try:
        settings = load(given, os.environ)
    except BadSettings as error:
        raise click.UsageError(str(error)) from error
    with _listening(settings) as listener:
        _run(settings, listener)


def _listening(settings: "Settings") -> socket.socket:
    host, port = settings.bind
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        message = f"cannot listen on {settings.bind}: {error.strerror}; --bind takes another"
        raise _Unusable(message) from error


def _run(settings: "Settings", listener: socket.socket) -> None:
    import uvicorn

    from bezant.server import logs
    from bezant.server.app import create_server_app

    logs.begin(settings.log_format, settings.log_level)
    app = create_server_app(settings)

    class Server(uvicorn.Server):
        """Says in its health that it ends, as soon as it is told to."""

        def handle_exit(self, sig: int, frame: Any) -> None:
            app.state.health.is_draining = True
            super().handle_exit(sig, frame)

    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=max(1, round(settings.drain_secs)),
    )
    # uvicorn sends the signal on once it has ended; with SIGTERM that is all there is to do.
    signal.signal(signal.SIGTERM, lambda *_: None)
    address = listener.getsockname()[:2]
    bound = type(settings.bind)(*address)
    click.echo(f"sidecar on http://{bound} in front of {settings.gateway}", err=True)
    Server(config).run(sockets=[listener])
