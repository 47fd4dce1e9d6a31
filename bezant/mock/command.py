"""`bezant mock`: the mock gateway as a program, until somebody ends it.

Owns the options and what is said on stderr; what the gateway does is the library's.
"""

import signal
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bezant.mock.gateway import MockGateway

_HELP = """Run a gateway to build and test against; no account is behind it.

It listens on 127.0.0.1 only, is logged in from the start, and forgets everything when it ends. The same
seed gives the same accounts, contracts and prices. On stderr it says what to export for the clients.

Ctrl-C or SIGTERM ends it.
"""
_EPILOG = """Exit codes: 2 usage, 3 the port cannot be listened on, 130 ended by Ctrl-C or SIGTERM; it does
not end by itself."""


class _Unusable(click.ClickException):
    """Something outside of the command line is not as it has to be."""

    exit_code = 3


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
def mock(
    port: int, tls: bool, seed: int, scenarios: tuple[str, ...], pacing: bool, preflights: bool
) -> None:
    """Run it."""
    import anyio

    from bezant.mock.server import CannotListen

    gateway = _gateway(scenarios, port=port, tls=tls, seed=seed, rules=(pacing, preflights))
    # Containers and supervisors end programs so; it is the same to us.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        anyio.run(_serve, gateway)
    except CannotListen as error:
        message = f"{error.strerror}; --port takes another, and 0 a free one"
        raise _Unusable(message) from error
    finally:
        _tell_bugs(gateway)


def _gateway(
    scenarios: tuple[str, ...], *, port: int, tls: bool, seed: int, rules: tuple[bool, bool]
) -> "MockGateway":
    from bezant.mock.gateway import MockGateway
    from bezant.mock.scenarios import UnknownScenario
    from bezant.mock.state import Rules

    context = None
    if tls:
        from bezant.mock.tls import SelfSigned

        context = SelfSigned().server()
    pacing, preflights = rules
    try:
        return MockGateway(
            seed=seed,
            rules=Rules(pacing=pacing, preflights=preflights),
            port=port,
            tls=context,
            scenarios=scenarios,
        )
    except UnknownScenario as error:
        raise click.BadParameter(str(error), param_hint="--scenario") from error


async def _serve(gateway: "MockGateway") -> None:
    import anyio

    async with gateway:
        _say(f"mock gateway on {gateway.url}; Ctrl-C ends it. For the clients:")
        _say(f"export IBKR_GATEWAY_URL={gateway.url}/v1/api")
        await anyio.sleep_forever()


def _tell_bugs(gateway: "MockGateway") -> None:
    for error in gateway.errors:
        _say(f"bug of the mock gateway: {error!r}")


def _say(text: str) -> None:
    click.echo(text, err=True)
