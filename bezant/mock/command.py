"""`bezant mock`: the mock gateway as a program, until somebody ends it.

Owns the options and what is said on stderr; what the gateway does is the library's.
"""

import signal
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from bezant.mock.gateway import MockGateway
    from bezant.mock.state import Rules

_HELP = """Run a gateway to build and test against; no account is behind it.

It listens on 127.0.0.1 only, is logged in from the start (not with --oauth), and forgets everything when
it ends. The same seed gives the same accounts, contracts and prices. On stderr it says what to export
for the clients.

Ctrl-C or SIGTERM ends it.
"""
_EPILOG = """Exit codes: 2 usage, 3 the port cannot be listened on or a file cannot be written, 130 ended by
Ctrl-C or SIGTERM; it does not end by itself."""


class _Unusable(click.ClickException):
    """Something outside of the command line is not as it has to be."""

    exit_code = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    """What was asked for on the command line."""

    port: int
    tls: bool
    seed: int
    scenarios: tuple[str, ...]
    pacing: bool
    preflights: bool
    warm_ups: bool
    latency: float
    replay: Path | None
    oauth: Path | None

    def rules(self) -> "Rules":
        """The manners that the gateway insists on."""
        from bezant.mock.state import Rules

        return Rules(
            pacing=self.pacing,
            preflights=self.preflights,
            warm_ups=self.warm_ups,
            oauth=self.oauth is not None,
        )


def _list_scenarios(context: click.Context, _: click.Parameter, is_wanted: bool) -> None:
    if not is_wanted or context.resilient_parsing:
        return
    from bezant.mock.scenarios import ALL

    width = max(len(scenario.name) for scenario in ALL)
    for scenario in ALL:
        click.echo(f"{scenario.name:{width}}  {scenario.summary}")
    context.exit()


@click.command(help=_HELP, epilog=_EPILOG)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=5000,
    show_default=True,
    help="Where to listen; 0 takes a free port.",
)
@click.option("--tls", is_flag=True, help="Speak HTTPS, with a self-signed certificate.")
@click.option("--seed", type=int, default=0, show_default=True, help="What the world is made from.")
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    metavar="NAME",
    help="What goes wrong from the start; may be given more than once.",
)
@click.option(
    "--list-scenarios",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_scenarios,
    help="Print the names of the scenarios and what happens in them, and exit.",
)
@click.option(
    "--pacing/--no-pacing",
    default=False,
    show_default=True,
    help="Whether to answer 429 beyond the published limits.",
)
@click.option(
    "--preflights/--no-preflights",
    default=True,
    show_default=True,
    help="Whether the accounts have to be asked for first, as at the real gateway.",
)
@click.option(
    "--replay",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Give the recorded answers in this folder in place of its own.",
)
@click.option(
    "--oauth",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Answer only what is signed or has a token; keys and credentials are written into this folder.",
)
@click.option(
    "--warm-ups/--no-warm-ups",
    default=True,
    show_default=True,
    help="Whether first calls for quotes, orders and details answer with a part, as at the real gateway.",
)
@click.option(
    "--latency",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="Seconds before each answer.",
)
def mock(**given: Any) -> None:
    """Run it."""
    import anyio

    from bezant.mock.server import CannotListen

    options = _Options(**given)
    gateway = _gateway(options)
    # Containers and supervisors end programs so; it is the same to us.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        anyio.run(_serve, gateway, options.oauth)
    except CannotListen as error:
        message = f"{error.strerror}; --port takes another, and 0 a free one"
        raise _Unusable(message) from error
    finally:
        _tell_bugs(gateway)


def _gateway(options: _Options) -> "MockGateway":
    from bezant.mock.gateway import MockGateway
    from bezant.mock.replay import BadRecording
    from bezant.mock.scenarios import UnknownScenario

    try:
        gateway = MockGateway(
            seed=options.seed,
            rules=options.rules(),
            port=options.port,
            tls=_certificate() if options.tls else None,
            scenarios=options.scenarios,
            replay=options.replay,
        )
    except BadRecording as error:
        raise click.BadParameter(str(error), param_hint="--replay") from error
    except UnknownScenario as error:
        raise click.BadParameter(str(error), param_hint="--scenario") from error
    gateway.latency = options.latency
    return gateway


def _certificate() -> ssl.SSLContext:
    from bezant.mock.tls import SelfSigned

    return SelfSigned().server()


async def _serve(gateway: "MockGateway", oauth: Path | None) -> None:
    import anyio

    async with gateway:
        # Not before it listens: files of a start that failed would be in the way of the next one.
        if oauth is not None:
            _write_credentials(gateway, oauth)
        _tell_replay(gateway)
        _say(f"mock gateway on {gateway.url}; Ctrl-C ends it. For the clients:")
        _say(f"export IBKR_GATEWAY_URL={gateway.url}/v1/api")
        await anyio.sleep_forever()


def _write_credentials(gateway: "MockGateway", folder: Path) -> None:
    """Register a consumer and a client, and say where their credentials are; none of these is said."""
    from bezant.mock import credentials
    from bezant.mock.oauth1 import Consumer
    from bezant.mock.oauth2 import Client

    consumer, client = gateway.oauth1.add(Consumer.made()), gateway.oauth2.add(Client.made())
    try:
        credentials.write(folder, consumer, client)
    except OSError as error:
        message = f"{error.filename}: {error.strerror}; --oauth takes a folder without these files"
        raise _Unusable(message) from error
    _say(f"only what is signed or has a token is answered; in {folder} there are")
    for name, meaning in credentials.FILES.items():
        _say(f"  {name:24}{meaning}")


def _tell_replay(gateway: "MockGateway") -> None:
    replay = gateway.app.replay
    if replay.recordings:
        _say(f"{replay.recordings} recordings of {len(replay.operations)} operations are replayed")
    for target in replay.others:
        _say(f"replayed, though it is no operation: {target}")


def _tell_bugs(gateway: "MockGateway") -> None:
    for error in gateway.errors:
        _say(f"bug of the mock gateway: {error!r}")


def _say(text: str) -> None:
    click.echo(text, err=True)
