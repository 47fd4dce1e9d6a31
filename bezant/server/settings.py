"""What the sidecar is told: by options, by the environment, or not at all.

A variable that is set and empty is none, but for keys: who sets one wants one to be asked for.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple, TypeAlias
from urllib.parse import urlsplit

LogFormat: TypeAlias = Literal["json", "text"]
SHORTEST_KEY: Final = 16
TRUE: Final = ("1", "true", "yes", "on")
FALSE: Final = ("0", "false", "no", "off")
_API: Final = "/v1/api"
_SECRETS: Final = ("api_keys",)
_BIND: Final = re.compile(
    r"(?:\[(?P<v6>[0-9a-fA-F:.]+)\]|(?P<host>[^:\[\]\s]+)):(?P<port>[0-9]{1,5})"
)
_HIGHEST_PORT: Final = 65_535
_PASSWORD: Final = re.compile(r"//[^/]*@")


class BadSettings(ValueError):
    """Settings that cannot be used; the text has a line for each of them."""


class Bind(NamedTuple):
    """Where to listen."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host.lower() == "localhost"

    def __str__(self) -> str:
        """As it is written in an address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, as values that can be used. Times are in seconds, sizes in bytes."""

    gateway: str = "https://localhost:5000"
    """Origin of the gateway, without `/v1/api`."""
    bind: Bind = field(default=Bind("127.0.0.1", 8080))
    """Where to listen; port 0 is a free one."""
    verify_tls: bool | None = None
    """Whether to verify the gateway's certificate; None means unless it is on this machine."""
    api_keys: tuple[str, ...] = field(default=(), repr=False)
    """Keys of which clients have to show one; without keys nobody has to."""
    body_limit: int = 16 * 1024 * 1024
    """Size of the largest body of a request."""
    concurrency: int = 500
    """Requests that are answered at the same time."""
    queue: int = 500
    """Requests that may wait for their turn; more are refused."""
    queue_secs: float = 10.0
    """How long a request may wait for its turn."""
    upstream_timeout_secs: float = 30.0
    """For the first byte of the gateway's answer, and for each piece after it."""
    drain_secs: int = 10
    """How long requests under way may go on when the sidecar ends."""
    log_format: LogFormat | None = None
    """None means text on a terminal and JSON everywhere else."""
    log_level: str = "info"


def load(options: Mapping[str, str | None], environment: Mapping[str, str]) -> Settings:
    """The settings from texts: options by the name of their setting, then the environment.

    Raises `BadSettings`, which tells all that is wrong at once.
    """
    found: dict[str, Any] = {}
    wrong: list[str] = []
    for given in _given(options, environment):
        try:
            found[given.name] = VARIABLES[given.name].read(given.text.strip())
        except ValueError as error:
            wrong.append(f"{given.shown()}: {error}")
    settings = Settings(**found)
    wrong += _together(settings)
    if wrong:
        raise BadSettings("\n".join(wrong))
    return settings


class _Given(NamedTuple):
    """The text of a setting, and where it comes from."""

    name: str
    source: str
    text: str

    def shown(self) -> str:
        """What it was, unless that is a secret."""
        if self.name in _SECRETS:
            return self.source
        return f"{self.source} {_PASSWORD.sub('//(masked)@', self.text)!r}"


def _given(options: Mapping[str, str | None], environment: Mapping[str, str]) -> Iterator[_Given]:
    for name, variable in VARIABLES.items():
        option, text = options.get(name), environment.get(variable.name)
        if option is not None:
            yield _Given(name, option_of(name), option)
        elif text or (text is not None and name in _SECRETS):
            yield _Given(name, variable.name, text)


def option_of(name: str) -> str:
    """The option of a setting."""
    return f"--{name.replace('_', '-')}"


def _together(settings: Settings) -> Iterator[str]:
    """What is wrong with settings that are right by themselves."""
    if not settings.bind.is_loopback and not settings.api_keys:
        yield (
            f"{settings.bind} can be reached from other machines: set BEZANT_API_KEY, "
            "or listen on 127.0.0.1"
        )


def _origin(text: str) -> str:
    parts = urlsplit(text.rstrip("/").removesuffix(_API).rstrip("/"))
    if parts.username or parts.password:
        message = "no user or password belongs there"
        raise ValueError(message)
    more = parts.path or parts.query or parts.fragment
    if parts.scheme not in ("http", "https") or not parts.hostname or more or parts.port == 0:
        message = f"give http(s)://host:port, with or without {_API}"
        raise ValueError(message)
    return f"{parts.scheme}://{parts.netloc}"


def _bind(text: str) -> Bind:
    match = _BIND.fullmatch(text)
    if match is None or int(match["port"]) > _HIGHEST_PORT:
        message = "give host:port, such as 127.0.0.1:8080 or [::1]:8080"
        raise ValueError(message)
    return Bind(match["v6"] or match["host"], int(match["port"]))


def boolean(text: str) -> bool:
    """A switch; raises `ValueError` for anything that is none."""
    lower = text.lower()
    if lower not in (*TRUE, *FALSE):
        message = f"give one of {', '.join((*TRUE, *FALSE))}"
        raise ValueError(message)
    return lower in TRUE


def _keys(text: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in text.split(","))
    if any(len(key) < SHORTEST_KEY or not key.isascii() or " " in key for key in keys):
        message = f"each key needs at least {SHORTEST_KEY} characters, in ASCII and without spaces"
        raise ValueError(message)
    return keys


def _whole(least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,18}", text) or int(text) < least:
            message = f"give a whole number of at least {least}"
            raise ValueError(message)
        return int(text)

    return read


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text) or not float(text):
        message = "give a number of seconds above 0, such as 30 or 0.5"
        raise ValueError(message)
    return float(text)


def _one_of(*values: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in values:
            message = f"give one of {', '.join(values)}"
            raise ValueError(message)
        return text.lower()

    return read


class Variable(NamedTuple):
    """A variable of the environment, and what makes a value of its text or raises `ValueError`."""

    name: str
    read: Callable[[str], Any]


VARIABLES: Final[Mapping[str, Variable]] = {
    "gateway": Variable("IBKR_GATEWAY_URL", _origin),
    "bind": Variable("BEZANT_BIND", _bind),
    "verify_tls": Variable("BEZANT_VERIFY_TLS", boolean),
    "api_keys": Variable("BEZANT_API_KEY", _keys),
    "body_limit": Variable("BEZANT_BODY_LIMIT", _whole(0)),
    "concurrency": Variable("BEZANT_CONCURRENCY", _whole(1)),
    "queue": Variable("BEZANT_QUEUE", _whole(0)),
    "queue_secs": Variable("BEZANT_QUEUE_SECS", _seconds),
    "upstream_timeout_secs": Variable("BEZANT_UPSTREAM_TIMEOUT_SECS", _seconds),
    "drain_secs": Variable("BEZANT_DRAIN_SECS", _whole(0)),
    "log_format": Variable("BEZANT_LOG_FORMAT", _one_of("json", "text")),
    "log_level": Variable("BEZANT_LOG_LEVEL", _one_of("debug", "info", "warning", "error")),
}
"""The variable of each setting."""
