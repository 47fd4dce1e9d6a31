"""What the sidecar is told: by arguments, by the environment, or not at all."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

SHORTEST_KEY: Final = 16
_TRUE: Final = ("1", "true", "yes", "on")
_FALSE: Final = ("0", "false", "no", "off")
_SECRETS: Final = ("api_keys",)
_API: Final = "/v1/api"
_BIND: Final = re.compile(r"(?:\[(?P<v6>[0-9a-fA-F:.]+)\]|(?P<host>[^:\[\]]+)):(?P<port>\d{1,5})")
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_MOST_PORTS: Final = 65_535


class BadSettings(ValueError):
    """Settings that cannot be used; the text has a line for each of them."""


class Bind(NamedTuple):
    """Where to listen."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in _LOOPBACK

    def __str__(self) -> str:
        """As it is written in an address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, as values that can be used. Times are in seconds, sizes in bytes."""

    gateway: str = "https://localhost:5000"
    """Origin of the gateway, without `/v1/api`."""
    bind: Bind = field(default=Bind("127.0.0.1", 8080))
    verify_tls: bool | None = None
    """Whether to verify the gateway's certificate; None means unless it is on this machine."""
    api_keys: tuple[str, ...] = field(default=(), repr=False)
    """Keys of which clients have to show one; none where nobody has to."""
    body_limit: int = 16 * 1024 * 1024
    concurrency: int = 500
    """Requests that are answered at the same time."""
    queue: int = 500
    """Requests that may wait for their turn; more are refused."""
    queue_secs: float = 10.0
    upstream_timeout_secs: float = 30.0
    drain_secs: float = 10.0
    """How long requests under way may go on when the sidecar ends."""
    log_format: str = "json"
    log_level: str = "info"


def load(given: Mapping[str, str | None], environment: Mapping[str, str]) -> Settings:
    """The settings from texts: arguments first, by the name of the setting, then the environment.

    Raises `BadSettings`, which tells all that is wrong at once.
    """
    found: dict[str, Any] = {}
    wrong: list[str] = []
    for name, (variable, read) in VARIABLES.items():
        text, said = given.get(name), f"--{name.replace('_', '-')}"
        if text is None:
            text, said = environment.get(variable) or None, variable
        if text is None:
            continue
        try:
            found[name] = read(text.strip())
        except ValueError as error:
            shown = "" if name in _SECRETS else f" {text!r}"
            wrong.append(f"{said}{shown}: {error}")
    settings = Settings(**found)
    wrong += _together(settings)
    if wrong:
        raise BadSettings("\n".join(wrong))
    return settings


def _together(settings: Settings) -> Iterator[str]:
    """What is wrong with settings that are right by themselves."""
    if not settings.bind.is_loopback and not settings.api_keys:
        yield (
            f"{settings.bind} can be reached from other machines: set BEZANT_API_KEY, "
            "or listen on 127.0.0.1"
        )


def _origin(text: str) -> str:
    parts = urlsplit(text.rstrip("/").removesuffix(_API).rstrip("/"))
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        message = "give http(s)://host:port, with or without /v1/api"
        raise ValueError(message)
    if parts.username or parts.password:
        message = "no user or password belongs there"
        raise ValueError(message)
    return f"{parts.scheme}://{parts.netloc}"


def _bind(text: str) -> Bind:
    match = _BIND.fullmatch(text)
    if match is None or int(match["port"]) > _MOST_PORTS:
        message = "give host:port, such as 127.0.0.1:8080 or [::1]:8080"
        raise ValueError(message)
    return Bind(match["v6"] or match["host"], int(match["port"]))


def boolean(text: str) -> bool:
    """A switch; raises `ValueError` for anything that is none."""
    lower = text.lower()
    if lower not in (*_TRUE, *_FALSE):
        message = f"give one of {', '.join((*_TRUE, *_FALSE))}"
        raise ValueError(message)
    return lower in _TRUE


def _keys(text: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in text.split(","))
    if any(len(key) < SHORTEST_KEY or not key.isascii() or " " in key for key in keys):
        message = f"each key needs at least {SHORTEST_KEY} characters, in ASCII and without spaces"
        raise ValueError(message)
    return keys


def _whole(least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            message = f"give a whole number of at least {least}"
            raise ValueError(message)
        return int(text)

    return read


def _seconds(text: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        message = "give a number of seconds, such as 30 or 0.5"
        raise ValueError(message)
    return float(text)


def _one_of(*values: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in values:
            message = f"give one of {', '.join(values)}"
            raise ValueError(message)
        return text.lower()

    return read


VARIABLES: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = {
    "gateway": ("IBKR_GATEWAY_URL", _origin),
    "bind": ("BEZANT_BIND", _bind),
    "verify_tls": ("BEZANT_VERIFY_TLS", boolean),
    "api_keys": ("BEZANT_API_KEY", _keys),
    "body_limit": ("BEZANT_BODY_LIMIT", _whole(0)),
    "concurrency": ("BEZANT_CONCURRENCY", _whole(1)),
    "queue": ("BEZANT_QUEUE", _whole(0)),
    "queue_secs": ("BEZANT_QUEUE_SECS", _seconds),
    "upstream_timeout_secs": ("BEZANT_UPSTREAM_TIMEOUT_SECS", _seconds),
    "drain_secs": ("BEZANT_DRAIN_SECS", _seconds),
    "log_format": ("BEZANT_LOG_FORMAT", _one_of("json", "text")),
    "log_level": ("BEZANT_LOG_LEVEL", _one_of("debug", "info", "warning", "error")),
}
"""The variable of each setting, and what reads its text."""

assert set(VARIABLES) == {item.name for item in fields(Settings)}  # noqa: S101  # one for each
