"""Settings of `bezant serve`: from options, from the environment, and what is wrong with them."""

from dataclasses import FrozenInstanceError, fields

import pytest

from bezant.server.settings import VARIABLES, BadSettings, Bind, Settings, boolean, load
from tests.conftest import ROOT
from tests.runtime.sidecars import KEY


def wrong(**variables: str) -> str:
    with pytest.raises(BadSettings) as caught:
        load({}, variables)
    return str(caught.value)


def test_without_any() -> None:
    assert load({}, {}) == Settings()
    assert load(dict.fromkeys(VARIABLES), {"PATH": "/bin", "BEZANT_BIND": ""}) == Settings()
    assert Settings().bind.is_loopback


def test_options_go_before_the_environment() -> None:
    settings = load({"bind": "[::1]:9000"}, {"BEZANT_BIND": "127.0.0.1:1", "BEZANT_QUEUE": "7"})
    assert settings.bind == Bind("::1", 9000)
    assert settings.queue == 7


def test_every_setting_has_a_variable() -> None:
    assert set(VARIABLES) == {item.name for item in fields(Settings)}
    assert len({variable.name for variable in VARIABLES.values()}) == len(VARIABLES)


def test_the_documentation_has_every_variable_and_default() -> None:
    rows = (ROOT / "docs" / "sidecar.md").read_text("utf-8").splitlines()
    for name, variable in VARIABLES.items():
        [row] = [row for row in rows if row.startswith("|") and f"`{variable.name}`" in row]
        default = getattr(Settings(), name)
        if default:
            assert str(default).removesuffix(".0") in row.split("|")[3]


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().queue = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://localhost:5001", "https://localhost:5001"),
        ("https://localhost:5001/v1/api", "https://localhost:5001"),
        ("https://localhost:5001/v1/api/", "https://localhost:5001"),
        (" http://[::1]:5000/ ", "http://[::1]:5000"),
    ],
)
def test_gateways(text: str, origin: str) -> None:
    assert load({"gateway": text}, {}).gateway == origin


@pytest.mark.parametrize(
    ("text", "bind", "is_loopback"),
    [
        ("127.0.0.1:8080", Bind("127.0.0.1", 8080), True),
        ("127.8.8.8:1", Bind("127.8.8.8", 1), True),
        ("LocalHost:0", Bind("LocalHost", 0), True),
        ("[::1]:8080", Bind("::1", 8080), True),
        ("[::]:8080", Bind("::", 8080), False),
        ("0.0.0.0:65535", Bind("0.0.0.0", 65535), False),
        ("sidecar.internal:80", Bind("sidecar.internal", 80), False),
    ],
)
def test_binds(text: str, bind: Bind, is_loopback: bool) -> None:
    found = load({"bind": text}, {"BEZANT_API_KEY": KEY}).bind
    assert (found, str(found), found.is_loopback) == (bind, text, is_loopback)


@pytest.mark.parametrize("text", ["1", "TRUE", "yes", "On"])
def test_switches_that_are_on(text: str) -> None:
    assert boolean(text) is True
    assert load({}, {"BEZANT_VERIFY_TLS": text}).verify_tls is True


@pytest.mark.parametrize("text", ["0", "false", "No", "OFF"])
def test_switches_that_are_off(text: str) -> None:
    assert boolean(text) is False
    assert load({}, {"BEZANT_VERIFY_TLS": text}).verify_tls is False


@pytest.mark.parametrize(
    ("variable", "text", "said"),
    [
        ("BEZANT_VERIFY_TLS", "maybe", "BEZANT_VERIFY_TLS 'maybe': give one of 1, true"),
        ("BEZANT_BIND", "8080", "give host:port"),
        ("BEZANT_BIND", "::1:8080", "give host:port"),
        ("BEZANT_BIND", "127.0.0.1:70000", "give host:port"),
        ("BEZANT_BODY_LIMIT", "-1", "give a whole number of at least 0"),
        ("BEZANT_BODY_LIMIT", "16MiB", "give a whole number"),
        ("BEZANT_CONCURRENCY", "0", "at least 1"),
        ("BEZANT_DRAIN_SECS", "soon", "give a whole number"),
        ("BEZANT_QUEUE_SECS", "0.0", "give a number of seconds above 0"),
        ("BEZANT_UPSTREAM_TIMEOUT_SECS", "nan", "give a number of seconds"),
        ("BEZANT_LOG_FORMAT", "xml", "give one of json, text"),
        ("BEZANT_LOG_LEVEL", "loud", "give one of debug, info"),
        ("IBKR_GATEWAY_URL", "localhost:5000", "give http"),
        ("IBKR_GATEWAY_URL", "https://localhost:5000/behind", "give http"),
        ("IBKR_GATEWAY_URL", "https://localhost:99999", "IBKR_GATEWAY_URL"),
        ("BEZANT_API_KEY", "", "each key needs at least 16 characters"),
        ("BEZANT_API_KEY", f"{KEY},", "each key needs at least 16 characters"),
    ],
)
def test_what_cannot_be_used(variable: str, text: str, said: str) -> None:
    message = wrong(**{variable: text})
    assert said in message
    assert message.startswith(variable)


def test_all_that_is_wrong_is_told_at_once() -> None:
    lines = wrong(BEZANT_API_KEY="short", BEZANT_QUEUE="x", BEZANT_BIND="y").splitlines()
    assert [line.split()[0] for line in lines] == [
        "BEZANT_BIND",
        "BEZANT_API_KEY:",
        "BEZANT_QUEUE",
    ]


def test_no_secret_is_told() -> None:
    assert "tooshort" not in wrong(BEZANT_API_KEY=f"{KEY},tooshort")
    assert "hush" not in wrong(IBKR_GATEWAY_URL="https://me:hush@localhost")
    assert KEY not in repr(load({}, {"BEZANT_API_KEY": KEY}))


def test_other_machines_need_a_key() -> None:
    assert "set BEZANT_API_KEY" in wrong(BEZANT_BIND="0.0.0.0:8080")
    keys = {"BEZANT_API_KEY": f"{KEY}, {KEY}2"}
    assert load({"bind": "0.0.0.0:8080"}, keys).api_keys == (KEY, f"{KEY}2")
