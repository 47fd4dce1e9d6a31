"""Topics of the mock gateway's stream over real sockets; time and ticks are moved by hand."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from bezant_api.models import streams

from bezant.mock.world import PAPER
from tests.runtime.listening import (
    APPLE,
    NOON,
    ORDER,
    TRADE,
    on_both,
    running,
)


@on_both
async def test_quotes_are_whole_first_and_then_what_changed() -> None:
    async with running() as gateway, gateway.ready() as client:
        first = await client.ask(APPLE)
        identity = {"server_id": "q0", "conidEx": "265598", "conid": 265598, "topic": "smd+265598"}
        assert first.items() >= identity.items()
        assert (first["55"], first["6509"], "9999" in first) == ("AAPL", "RpB", False)
        assert first["31"] == f"{gateway.state.world.price(265598):.2f}"
        msgspec.convert(first, streams.StreamedQuote)
        gateway.topics.tick()
        await client.quiet()
        gateway.advance(300)
        gateway.topics.tick()
        second = await client.frame()
        assert set(second) == {*identity, "_updated", "31", "84"}
        assert second["31"] != first["31"]
        await client.say("umd+265598+{}")
        gateway.advance(290)
        await client.quiet()
        gateway.topics.tick()
        await client.quiet()


@on_both
async def test_every_value_of_a_quote_is_text() -> None:
    codes = [str(code) for code in (*range(31, 89), 201, *range(6004, 6509), *range(7051, 7763))]
    async with running() as gateway, gateway.ready() as client:
        for conid in gateway.state.world.contracts:
            if conid >= 900_000_000:
                continue
            frame = await client.ask(f"smd+{conid}@SMART+{json.dumps({'fields': codes})}")
            assert frame["conidEx"] == f"{conid}@SMART"
            values = [value for code, value in frame.items() if code.isdecimal()]
            assert len(values) > 15
            assert all(isinstance(value, str) and value for value in values)


@on_both
async def test_quotes_end_after_a_quarter_of_an_hour_unless_asked_for_again() -> None:
    async with running() as gateway, gateway.ready() as client:
        await client.ask(APPLE)
        gateway.advance(890)
        again = await client.ask('smd+265598+{"fields":["86"]}')
        assert {"31", "84", "86"} <= set(again)
        gateway.advance(890)
        gateway.topics.tick()
        assert {"31", "86"} <= set(await client.frame())
        gateway.advance(10)
        gateway.topics.tick()
        await client.quiet()


@on_both
async def test_lines_are_limited() -> None:
    async with running(lines=1) as gateway, gateway.ready() as client:
        await client.ask(APPLE)
        await client.ask(APPLE)
        assert "market data lines" in await client.refused('smd+8314+{"fields":["31"]}')
        await client.say("umd+265598+{}")
        assert (await client.ask('smd+8314+{"fields":["31"]}'))["conid"] == 8314


@on_both
async def test_prices_are_looked_at_by_themselves() -> None:
    async with running(interval=0.001) as gateway, gateway.ready() as client:
        await client.ask(APPLE)
        gateway.advance(300)
        assert "31" in await client.frame()


@on_both
async def test_history_is_one_frame_and_holds_a_slot() -> None:
    asked = 'smh+265598+{"period":"1d","bar":"5min","format":"%o/%c"}'
    async with running() as gateway, gateway.ready() as client:
        frames = [await client.ask(asked) for _ in range(5)]
        first = frames[0]
        assert len({frame["serverId"] for frame in frames}) == 5
        assert (first["topic"], first["barLength"], first["points"]) == ("smh+265598", 300, 288)
        assert [set(bar) for bar in first["data"]] == [{"o", "c", "t"}] * 289
        assert first["data"][-1]["t"] == int(NOON * 1000)
        msgspec.convert(first, streams.StreamedHistory)
        assert "concurrent" in await client.refused(asked)
        ended = await client.ask(f"umh+{first['serverId']}")
        assert ended == {"message": f"Unsubscribed {first['serverId']}"}
        await client.say(f"umh+{first['serverId']}")
        assert (await client.ask(asked))["serverId"] not in {frame["serverId"] for frame in frames}


@on_both
async def test_history_of_a_period_that_is_none_is_refused() -> None:
    async with running() as gateway, gateway.ready() as client:
        for period in ("d", "0d", "1x"):
            asked = json.dumps({"period": period, "bar": "1d"})
            assert await client.refused(f"smh+265598+{asked}") == f"period {period}"


@on_both
async def test_upper_case_gives_other_bars_than_were_asked_for() -> None:
    async with running() as gateway, gateway.ready() as client:
        frame = await client.ask('smh+265598+{"period":"6M","bar":"1d"}')
        assert (frame["timePeriod"], len(frame["data"])) == ("1w", 84)


@on_both
async def test_the_ladder_has_all_rows_and_then_those_that_changed() -> None:
    async with running() as gateway, gateway.ready() as client:
        frame = await client.ask(f"sbd+{PAPER}+265598+NASDAQ")
        assert frame["topic"] == f"sbd+{PAPER}+265598+NASDAQ"
        assert [row["row"] for row in frame["data"]] == list(range(11))
        assert [row["row"] for row in frame["data"] if row["focus"]] == [5]
        assert " @ " in frame["data"][5]["price"]
        assert ("ask" in frame["data"][0], "bid" in frame["data"][10]) == (True, True)
        gateway.topics.tick()
        await client.quiet()
        gateway.state.clock.advance(5)
        gateway.topics.tick()
        assert (await client.frame())["data"]
        await client.say("ubd+other")
        await client.say(f"ubd+{PAPER}")
        gateway.state.clock.advance(5)
        await client.quiet()
        gateway.topics.tick()
        await client.quiet()


@on_both
async def test_profit_and_loss_comes_once_a_second_at_most() -> None:
    async with running() as gateway, gateway.ready() as client:
        frame = await client.ask("spl+{}")
        assert (frame["topic"], next(iter(frame["args"]))) == ("spl", f"{PAPER}.Core")
        msgspec.convert(frame, streams.StreamedPnl)
        gateway.state.world.trade(PAPER, 265598, 100, 1.0)
        gateway.topics.tick()
        await client.quiet()
        gateway.state.clock.advance(1)
        gateway.topics.tick()
        row = (await client.frame())["args"][f"{PAPER}.Core"]
        assert row["nl"] > frame["args"][f"{PAPER}.Core"]["nl"]
        await client.say("upl{}")
        gateway.state.clock.advance(100)
        await client.quiet()
        gateway.topics.tick()
        await client.quiet()


@on_both
async def test_summaries_have_the_keys_and_fields_that_were_asked_for() -> None:
    wanted = {"keys": ["NetLiquidation", "AccruedCash-S"], "fields": ["monetaryValue"]}
    async with running() as gateway, gateway.ready() as client:
        frame = await client.ask(f"ssd+{PAPER}+{json.dumps(wanted)}")
        assert frame["topic"] == f"ssd+{PAPER}"
        assert [row["key"] for row in frame["result"]] == ["NetLiquidation", "AccruedCash-S"]
        assert set(frame["result"][0]) == {"key", "timestamp", "monetaryValue"}
        gateway.state.clock.advance(10)
        gateway.topics.tick()
        assert [row["key"] for row in (await client.frame())["result"]] == ["NetLiquidation"]
        ended = {"result": "unsubscribed from summary"}
        assert await client.ask(f"usd+{PAPER}+{{}}") == ended
        whole = await client.ask(f"ssd+{PAPER}+{{}}")
        assert {"AccountType", "BuyingPower", "TotalCashValue-C"} <= {
            row["key"] for row in whole["result"]
        }
        msgspec.convert(whole, streams.StreamedSummary)


@on_both
async def test_ledgers_leave_unchanged_currencies_blank() -> None:
    async with running() as gateway, gateway.ready() as client:
        frame = await client.ask(f"sld+{PAPER}+{{}}")
        keys = ["LedgerListEUR", "LedgerListUSD", "LedgerListBASE"]
        assert [row["key"] for row in frame["result"]] == keys
        msgspec.convert(frame, streams.StreamedLedger)
        euros, dollars, base = frame["result"]
        added = dollars["cashbalance"] + euros["cashbalance"] * euros["exchangeRate"]
        assert base["cashbalance"] == pytest.approx(added, abs=0.02)
        gateway.state.clock.advance(9)
        gateway.topics.tick()
        await client.quiet()
        gateway.state.clock.advance(1)
        gateway.state.world.cash[PAPER]["GBP"] = 5.0
        gateway.topics.tick()
        rows = {row["key"]: row for row in (await client.frame())["result"]}
        assert rows["LedgerListGBP"]["cashbalance"] == 5.0
        assert rows["LedgerListUSD"]["unrealizedPnl"] != dollars["unrealizedPnl"]
        assert await client.ask(f"uld+{PAPER}+{{}}") == {"result": "unsubscribed from ledger"}


@on_both
async def test_a_currency_in_which_nothing_changed_has_its_key_alone() -> None:
    wanted = {"keys": ["LedgerListUSD"], "fields": ["cashBalance"]}
    async with running() as gateway, gateway.ready() as client:
        frame = await client.ask(f"sld+{PAPER}+{json.dumps(wanted)}")
        assert set(frame["result"][0]) == {"key", "timestamp", "cashbalance"}
        gateway.state.clock.advance(10)
        gateway.topics.tick()
        blank = {"key": "LedgerListUSD", "timestamp": int(NOON) + 10}
        assert (await client.frame())["result"] == [blank]


@on_both
async def test_orders_begin_with_those_there_are() -> None:
    filled = {**ORDER, "orderId": 8, "status": "Filled"}
    async with running(orders=lambda: [ORDER, filled]) as gateway, gateway.ready() as client:
        assert await client.ask("sor+{}") == {"topic": "sor", "args": [ORDER, filled]}
        only = 'sor+{"filters":["Submitted"]}'
        assert await client.ask(only) == {"topic": "sor", "args": [ORDER]}
        gateway.topics.publish_order(filled)
        await client.quiet()
        await client.say('sor+{"realtimeUpdatesOnly":true}')
        await client.quiet()
        states = [{"acct": PAPER, "orderId": 7, "status": name} for name in ("Submitted", "Filled")]
        gateway.topics.publish_order(*states)
        assert await client.frame() == {"topic": "sor", "args": states}
        gateway.topics.orders_silenced = True
        gateway.topics.publish_order(*states)
        await client.quiet()
        gateway.topics.orders_silenced = False
        await client.say("uor+{}")
        await client.quiet()
        gateway.topics.publish_order(*states)
        await client.quiet()


@on_both
async def test_without_orders_nothing_confirms_a_subscription() -> None:
    async with running() as gateway, gateway.ready() as client:
        gateway.topics.publish_order(ORDER)
        await client.say("sor+{}")
        await client.quiet()
        gateway.topics.publish_order(ORDER)
        assert (await client.frame())["args"] == [ORDER]


@on_both
async def test_trades_begin_with_those_of_some_days() -> None:
    asked: list[int] = []

    def trades(days: int) -> list[Mapping[str, Any]]:
        asked.append(days)
        return [TRADE]

    async with running(trades=trades) as gateway, gateway.ready() as client:
        expected = {"topic": "str", "args": [TRADE]}
        assert await client.ask('str+{"realtimeUpdatesOnly":false,"days":3}') == expected
        assert await client.ask("str+{}") == expected
        await client.say('str+{"realtimeUpdatesOnly":true}')
        await client.quiet()
        gateway.topics.publish_trade(TRADE)
        assert await client.frame() == expected
        await client.say("utr")
        await client.quiet()
        gateway.topics.publish_trade(TRADE)
        await client.quiet()
    assert asked == [3, 1]


def said(action: str) -> str:
    return "inp+exercise+" + json.dumps({"action": "user_input", "data": {"id": action}})


@on_both
async def test_an_exercise_is_a_dialogue_that_ends_in_an_order() -> None:
    async with running() as gateway, gateway.ready() as client:
        options = [one for one in gateway.state.world.contracts.values() if one.right == "C"]
        await client.say("sor+{}")
        await client.say(f'shs+exercise+{{"CEX":"{options[0].conid}"}}')
        confirmed, content, prompt = await client.frames(3)
        assert confirmed == {"topic": "shs+exercise"}
        assert (content["action"], content["data"]["conid"]) == ("content", options[0].conid)
        assert [one["id"] for one in prompt["data"]["user_actions"]] == ["exercise", "cancel"]
        msgspec.convert(prompt, streams.StreamedExercise)
        assert "no answer" in await client.refused(said("yes"))
        assert (await client.ask(said("exercise")))["data"]["title"] == "Confirm"
        await client.say(said("yes"))
        done, order = sorted(await client.frames(2), key=lambda frame: str(frame["topic"]))
        assert done["data"] == {"text": "Request was submitted"}
        assert (order["topic"], order["args"][0]["side"]) == ("sor", "EXER")
        assert "nothing was asked" in await client.refused(said("yes"))
        assert (await client.ask("sor+{}"))["args"] == order["args"]


@on_both
async def test_an_exercise_can_be_cancelled_and_needs_an_option_that_is_held() -> None:
    async with running() as gateway, gateway.ready() as client:
        options = [one for one in gateway.state.world.contracts.values() if one.kind == "OPT"]
        call, put = (next(one for one in options if one.right == right) for right in "CP")
        for conid in (put.conid, 265598):
            refused = await client.refused(f'shs+exercise+{{"CEX":"{conid}"}}')
            assert refused == f"Nothing to exercise: {conid}"
        await client.say(f'shs+exercise+{{"CEX":"{call.conid}"}}')
        await client.frames(3)
        assert (await client.ask(said("cancel")))["data"] == {"text": "Cancelled"}
        assert gateway.topics.exercised == []
        assert "Topic unknown" in await client.refused("shs+other+{}")
