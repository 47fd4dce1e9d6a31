"""Which scenario stands for which of the situations that a gateway to build against has to show."""

import re
from pathlib import Path
from typing import Final

import pytest

from bezant.mock.scenarios import ALL

FACTS = Path(__file__).parents[3] / "shared" / "facts" / "ibkr-web-api.md"

SITUATIONS: Final[dict[int, tuple[str, ...]]] = {
    1: ("not-logged-in", "redirected-to-login", "redirected-to-dispatcher"),
    2: ("slow-opening", "brokerage-lost"),
    3: ("status-denies-until-tickle",),
    4: ("competitor-holds",),
    5: ("force-compete", "init-without-token", "init-gone"),
    6: ("not-established", "old-gateway"),
    7: ("no-bridge",),
    8: ("accounts-first",),
    9: ("brokerage-idle", "login-idle"),
    10: ("midnight-reset", "maintenance"),
    11: ("competitor-comes",),
    12: ("logged-out", "rotating-cookies", "duplicate-cookie"),
    13: ("tickle-fails", "oauth-tickle"),
    14: ("no-accounts-while-competing",),
    15: ("other-account-selected",),
    16: (
        *("invalid-consumer", "invalid-signature", "used-nonce", "old-timestamp", "wrong-realm"),
        *("no-access-secret", "live-session-token-expired", "padded-secret", "server-clock-ahead"),
    ),
    17: ("wrong-audience", "missing-scope", "other-address", "session-token-expired"),
    18: ("access-denied",),
    19: ("strict-edge", "chunked-answers"),
    20: ("pacing", "penalty-box"),
    21: ("flaky", "slow", "dropped-before", "dropped-after", "cut-answers"),
    22: (
        *("html-not-found", "html-unavailable", "plain-text", "json-string", "empty-answers"),
        *("gzip", "wrong-content-type"),
    ),
    23: ("wrong-origin",),
    24: ("warm-ups", "withheld-field"),
    25: (
        *("close-prices", "halted", "delayed-data", "frozen-data", "frozen-delayed-data"),
        *("streaming-data", "no-market-data", "unsigned-agreement"),
    ),
    26: ("history-not-ready", "history-not-found", "no-history", "no-chart"),
    27: ("nothing-to-unsubscribe",),
    28: ("scans-cut-short",),
    29: ("unknown-question", "two-questions", "three-questions"),
    30: ("replies-void", "replies-late"),
    31: ("orders-rejected", "rejection-in-list"),
    32: ("order-answer-lost",),
    33: ("slow-orders", "fills-while-cancelling", "orders-cancelled", "filled-with-zero"),
    34: ("parents-cancelled",),
    35: ("orders-filtered", "silent-orders"),
    36: ("orders-unknown", "status-unavailable"),
    37: ("suppression-refused",),
    38: ("preview-fails", "preview-without-position"),
    39: ("unknown-symbols", "no-strikes", "no-contracts"),
    40: ("single-sessions",),
    41: ("accounts-empty-first", "positions-empty-first", "stale-positions"),
    42: (
        *("segment-keys", "blank-currency", "profits-empty-first"),
        *("allocation-fails", "combinations-fail"),
    ),
    43: ("performance-fails",),
    44: ("alerts-forbidden", "alerts-fail", "alerts-undeletable"),
    45: ("messages-not-set-up", "devices-unknown", "watchlists-busy"),
    46: ("strangers-closed", "session-id-renewed"),
    47: ("waiting-for-session", "split-status"),
    48: ("one-line", "one-line-in-silence", "quotes-ended", "quote-without-values"),
    49: ("no-history-slots",),
    50: ("no-heartbeat", "half-open", "stream-dropped", "stream-closed"),
    51: ("binary-frame", "invalid-utf8", "plain-frame", "frame-without-topic"),
    52: ("orders-gathered", "repeated-trades"),
    53: ("prompt", "notices"),
    54: ("option-exercised",),
}


def test_every_situation_has_a_scenario_and_every_scenario_a_situation() -> None:
    named = [name for names in SITUATIONS.values() for name in names]
    assert sorted(named) == sorted(scenario.name for scenario in ALL)
    assert all(SITUATIONS.values())


def test_there_are_as_many_as_in_the_facts() -> None:
    if not FACTS.exists():
        pytest.skip("the list of situations is not here")
    _, _, text = FACTS.read_text().partition("## 13.")
    section, _, _ = text.partition("## 14.")
    numbers = [int(number) for number in re.findall(r"^(\d+)\. ", section, re.MULTILINE)]
    assert numbers == list(SITUATIONS)
