"""Subscriptions against a daemon that loses, repeats, restarts and falls silent."""

import threading

import msgpack
import pytest
from fake_daemon import DEADLINE_S, FakeDaemon, Refuse, eventually, order

from tradebus import Client, Message, Order, OrderEvent, Quote, Status
from tradebus._streams import Streams
from tradebus._subscriber import Subscriber


class Gaps(list):
    def __call__(self, topic: str, first: int, last: int) -> None:
        self.append((topic, first, last))


def take(subscription, count: int) -> list:
    events = [subscription.get(DEADLINE_S) for _ in range(count)]
    assert None not in events, f"only {sum(e is not None for e in events)} of {count} events came"
    return events


def take_seqs(subscription, count: int) -> list[int]:
    return [event.seq for event in take(subscription, count)]


def open_quotes(daemon: FakeDaemon, bus: Client, **more):
    quotes = bus.stream("AAPL", kinds=("quote",), **more)
    daemon.wait_for_subscription("quote|AAPL|")
    return quotes


def test_quotes_arrive_as_values(daemon: FakeDaemon, bus: Client) -> None:
    with bus.quotes("AAPL", "MSFT") as quotes:
        daemon.wait_for_subscription("quote|MSFT|")
        daemon.publish(
            "quote|MSFT|",
            3,
            symbol="MSFT",
            ts=1718980200000000000,
            rx=5,
            bid=1,
            ask=2.5,
            bid_size=7,
            quality="delayed",
            snapshot=True,
            of_tomorrow=1,
        )
        quote = quotes.get(DEADLINE_S)
    assert quote == Quote("MSFT", 1718980200000000000, 5, 1, 7, 2.5, None, "delayed", 3, True)
    assert quote.time.isoformat() == "2024-06-21T14:30:00+00:00"
    assert (quote.mid, quote.spread) == (1.75, 1.5)
    eventually(lambda: sorted(daemon.unsubscriptions) == ["quote|AAPL|", "quote|MSFT|"], "the unsubscriptions")


def test_kinds_become_their_values(daemon: FakeDaemon, bus: Client) -> None:
    bar = {"ts": 1, "open": 1, "high": 1, "low": 1, "close": 1, "volume": 1}
    with bus.stream("AAPL", kinds=("trade", "bar_5m", "news"), status=True) as events:
        daemon.wait_for_subscription("status|news|AAPL|")
        daemon.publish("trade|AAPL|", 1, symbol="AAPL", ts=1, price=5, size=10, conditions=["@"])
        daemon.publish("bar_5m|AAPL|", 1, symbol="AAPL", final=False, **bar)
        daemon.publish("news|AAPL|", 1, id="n", ts=1, title="t", symbols=["AAPL"])
        daemon.publish("status|trade|AAPL|", 1, state="ended", reason="end_of_data")
        trade, five, news, status = take(events, 4)
    assert (trade.price, trade.conditions) == (5, ["@"])
    assert (five.timeframe, five.final) == ("5m", False)
    assert news.symbols == ("AAPL",)
    assert status == Status("trade", "AAPL", "ended", "end_of_data", seq=1)


def test_a_lost_message_is_fetched_and_order_kept(daemon: FakeDaemon, bus: Client) -> None:
    gaps = Gaps()
    quotes = open_quotes(daemon, bus, on_gap=gaps)
    for seq in range(1, 8):
        daemon.quote(seq, lose=seq in (3, 4))
    assert take_seqs(quotes, 7) == [1, 2, 3, 4, 5, 6, 7]
    assert daemon.ops("get_missed") == [{"topic": "quote|AAPL|", "after": 2}]
    assert gaps == []


def test_what_cannot_be_fetched_is_told_in_its_place(daemon: FakeDaemon, bus: Client) -> None:
    gaps = Gaps()
    quotes = open_quotes(daemon, bus, on_gap=gaps)
    daemon.quote(1)
    daemon.quote(2, lose=True, keep=False)
    daemon.quote(3, lose=True, keep=False)
    daemon.quote(4, lose=True)
    daemon.quote(5)
    daemon.kept["quote|AAPL|"].pop(0)
    assert take_seqs(quotes, 1) == [1]
    assert gaps == []
    assert take_seqs(quotes, 2) == [4, 5]
    assert gaps == [("quote|AAPL|", 2, 3)]


def test_a_refused_recovery_is_a_gap(daemon: FakeDaemon, bus: Client) -> None:
    def refuse(args: dict) -> None:
        raise Refuse("overloaded")

    daemon.handlers["get_missed"] = refuse
    gaps = Gaps()
    quotes = open_quotes(daemon, bus, on_gap=gaps)
    for seq in (1, 4, 5):
        daemon.quote(seq)
    assert take_seqs(quotes, 3) == [1, 4, 5]
    assert gaps == [("quote|AAPL|", 2, 3)]


def test_without_recovery_a_gap_is_told_at_once(daemon: FakeDaemon) -> None:
    gaps = Gaps()
    with Client(daemon.stream, daemon.command, recover=False, on_gap=gaps) as bus:
        quotes = open_quotes(daemon, bus)
        for seq in (1, 4):
            daemon.quote(seq)
        assert take_seqs(quotes, 2) == [1, 4]
    assert gaps == [("quote|AAPL|", 2, 3)]
    assert daemon.ops("get_missed") == []


def test_a_gap_that_nobody_asked_about_is_logged(daemon: FakeDaemon, caplog: pytest.LogCaptureFixture) -> None:
    with Client(daemon.stream, daemon.command, recover=False) as bus:
        quotes = open_quotes(daemon, bus)
        for seq in (1, 4):
            daemon.quote(seq)
        take(quotes, 2)
    assert "gap topic=quote|AAPL| first=2 last=3" in caplog.text


def test_repeated_and_disordered_messages_come_once_and_in_order(daemon: FakeDaemon, bus: Client) -> None:
    quotes = open_quotes(daemon, bus)
    daemon.quote(3, lose=True)  # kept: whoever asks for it before it comes gets it too
    for seq in (1, 2, 2, 4, 3, 1, 5, 5):
        daemon.quote(seq, keep=False)
    daemon.quote(5, snapshot=True, keep=False)
    daemon.quote(6, keep=False)
    assert take_seqs(quotes, 6) == [1, 2, 3, 4, 5, 6]
    assert bus.counters["duplicates"] in (4, 5)


def test_a_second_subscription_gets_the_last_value_and_the_first_does_not(daemon: FakeDaemon, bus: Client) -> None:
    first = open_quotes(daemon, bus)
    daemon.quote(1)
    daemon.quote(2)
    assert take_seqs(first, 2) == [1, 2]
    second = bus.quotes("AAPL")
    (last,) = take(second, 1)
    assert (last.seq, last.snapshot) == (2, True)
    daemon.quote(3)
    assert take_seqs(first, 1) == take_seqs(second, 1) == [3]
    assert daemon.subscriptions.count("quote|AAPL|") == 1
    second.close()
    daemon.quote(4)
    assert take_seqs(first, 1) == [4]
    assert daemon.unsubscriptions == []
    first.close()
    eventually(lambda: daemon.unsubscriptions == ["quote|AAPL|"], "the last one gone")


def test_raw_topics_and_prefixes(daemon: FakeDaemon, bus: Client) -> None:
    everything = bus.raw("quote|")
    daemon.wait_for_subscription("quote|")
    daemon.quote(1)
    daemon.quote(9, "MSFT")
    one, other = take(everything, 2)
    assert isinstance(one, Message) and one.topic == "quote|AAPL|" and one.body["bid"] == 2.0
    assert other.topic == "quote|MSFT|"


def test_the_feed_gives_single_events_and_recovers_batches(daemon: FakeDaemon, bus: Client) -> None:
    feed = bus.feed("quote")
    daemon.wait_for_subscription("feed|quote|")
    for seq in (1, 2, 3):
        items = [{"symbol": f"S{n}", "ts": 1, "seq": seq} for n in range(3)]
        daemon.publish("feed|quote|", seq, lose=seq == 2, items=items)
    events = take(feed, 9)
    assert [(e.symbol, e.seq) for e in events] == [(f"S{n}", seq) for seq in (1, 2, 3) for n in range(3)]
    assert all(type(e) is Quote for e in events)


def test_garbage_is_counted_and_ignored(daemon: FakeDaemon, bus: Client) -> None:
    quotes = open_quotes(daemon, bus)
    daemon.send("quote|AAPL|", b"\xc1")
    daemon.send("quote|AAPL|", b"")
    daemon.send("quote|AAPL|", b"\x93\x01\x02\x03")
    daemon.send("quote|AAPL|", msgpack.packb({"seq": 1, "bid": 5}))  # no symbol
    daemon.send("quote|AAPL|", msgpack.packb({"seq": 2, "symbol": "AAPL", "ts": 1})[:-1])
    daemon.send_frames(b"quote|AAPL|", b"one", b"more")
    daemon.send_frames(b"quote|AAPL|")
    daemon.send("heartbeat|", b"\xc1")
    daemon.quote(2, keep=False)
    assert take_seqs(quotes, 1) == [2]
    assert bus.counters["garbage"] == 8
    assert bus.ping() == 7


def test_a_restart_resets_the_sequences_and_nothing_is_lost(daemon: FakeDaemon) -> None:
    told: list = []
    gaps = Gaps()
    with Client(
        daemon.stream,
        daemon.command,
        on_gap=gaps,
        on_disconnect=lambda: told.append("disconnect"),
        on_reconnect=lambda restarted: told.append(restarted),
    ) as bus:
        quotes = open_quotes(daemon, bus)
        for seq in (1, 2, 3):
            daemon.quote(seq)
        assert take_seqs(quotes, 3) == [1, 2, 3]
        eventually(lambda: bus.epoch == 1, "the first epoch")
        with daemon.restarted() as again:
            for seq in (1, 2):
                again.quote(seq)  # before the client is back
            again.wait_for_subscription("quote|AAPL|")
            for seq in (3, 4):
                again.quote(seq)
            assert take_seqs(quotes, 4) == [1, 2, 3, 4]
            assert bus.epoch == 2
            eventually(lambda: told == ["disconnect", True], "both callbacks")
    assert gaps == []


def test_another_epoch_without_a_broken_connection_resets_too(daemon: FakeDaemon, bus: Client) -> None:
    quotes = open_quotes(daemon, bus)
    daemon.quote(50, keep=False)
    assert take_seqs(quotes, 1) == [50]
    eventually(lambda: bus.epoch == 1, "the first epoch")
    daemon.epoch = 2
    eventually(lambda: bus.epoch == 2, "the second epoch")
    daemon.quote(1)
    assert take_seqs(quotes, 1) == [1]


def test_silence_is_a_disconnect(daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradebus._engine.SILENCE_S", 1.0)
    told: list = []
    asked_in: list = []
    with Client(daemon.stream, daemon.command, on_disconnect=lambda: told.append("disconnect")) as bus:

        def back(restarted: bool) -> None:
            asked_in.append(threading.current_thread().name)
            told.append((restarted, bus.ping()))  # callbacks may make requests

        bus._on_reconnect = back
        eventually(lambda: bus.connected, "the first heartbeat")
        daemon.heartbeats = False
        eventually(lambda: told == ["disconnect"], "the silence")
        assert not bus.connected
        daemon.heartbeats = True
        eventually(lambda: told == ["disconnect", (False, 7)], "the return")
    assert asked_in == ["tradebus-notices"]


def test_a_lagging_reader_loses_the_oldest_and_is_told(daemon: FakeDaemon, bus: Client) -> None:
    gaps = Gaps()
    quotes = open_quotes(daemon, bus, queue_limit=100, on_gap=gaps)
    for seq in range(1, 1001):
        daemon.quote(seq)
    eventually(lambda: bus.counters["messages"] >= 1000, "all messages")
    eventually(lambda: quotes.dropped == 900, "the dropped ones")
    assert take_seqs(quotes, 100) == list(range(901, 1001))
    assert gaps == [("quote|AAPL|", 1, 900)]
    daemon.quote(1001)
    assert take_seqs(quotes, 1) == [1001]
    assert len(gaps) == 1


def test_callbacks_run_in_their_own_thread_and_may_ask(daemon: FakeDaemon, bus: Client) -> None:
    seen: list = []
    names: set = set()

    def on_event(quote: Quote) -> None:
        names.add(threading.current_thread().name)
        if quote.seq == 2:
            raise ValueError("a fault of the strategy")
        seen.append((quote.seq, bus.ping()))

    subscription = bus.subscribe(["AAPL"], "quote", on_event=on_event)
    daemon.wait_for_subscription("quote|AAPL|")
    for seq in (1, 2, 3):
        daemon.quote(seq)
    eventually(lambda: seen == [(1, 7), (3, 7)], "both callbacks")
    subscription.close()
    assert names == {"tradebus-events"}


def test_a_callback_may_close_its_client(daemon: FakeDaemon) -> None:
    bus = Client(daemon.stream, daemon.command)
    done = threading.Event()

    def on_event(quote: Quote) -> None:
        bus.close()
        done.set()

    bus.subscribe(["AAPL"], on_event=on_event)
    daemon.wait_for_subscription("quote|AAPL|")
    daemon.quote(1)
    assert done.wait(DEADLINE_S)


def test_get_returns_none_when_nothing_comes(daemon: FakeDaemon, bus: Client) -> None:
    quotes = open_quotes(daemon, bus)
    assert quotes.get(0.01) is None
    assert not quotes.closed
    quotes.close()
    assert quotes.get() is None
    assert quotes.closed


def test_a_topic_subscribed_to_again_begins_anew(daemon: FakeDaemon, bus: Client) -> None:
    gaps = Gaps()
    first = open_quotes(daemon, bus, on_gap=gaps)
    daemon.quote(1)
    assert take_seqs(first, 1) == [1]
    first.close()
    eventually(lambda: daemon.unsubscriptions == ["quote|AAPL|"], "the unsubscription")
    again = bus.stream("AAPL", on_gap=gaps)
    daemon.wait_for_subscription("quote|AAPL|", 2)
    daemon.quote(90, keep=False)
    assert take_seqs(again, 1) == [90]
    assert gaps == [] and daemon.ops("get_missed") == []


def test_an_answer_from_before_a_restart_is_ignored() -> None:
    class Reader(Subscriber):
        def __init__(self) -> None:
            super().__init__(["quote|AAPL|"], raw=False)
            self.seen: list = []

        def put(self, entries: list) -> None:
            self.seen += [(entry[1], type(entry[2]).__name__) for entry in entries]

    asked: list = []
    reader = Reader()
    streams = Streams(lambda key: None, lambda key: None, lambda *ask: asked.append(ask), lambda *ask: None, True)
    streams.add(reader)

    def message(seq: int) -> None:
        streams.on_message(b"quote|AAPL|", msgpack.packb({"symbol": "AAPL", "ts": 1, "seq": seq}))

    message(1)
    message(3)
    ((topic, after, answer),) = asked
    assert (topic, after) == ("quote|AAPL|", 1)
    streams.restart()
    answer({"messages": [{"symbol": "AAPL", "ts": 1, "seq": 2}], "complete": True, "first_kept": 1})
    message(1)
    streams.flush()
    assert reader.seen == [(1, "Quote"), (2, "Gap"), (3, "Quote"), (1, "Quote")]
    assert len(asked) == 1


# ---- orders -------------------------------------------------------------------------------------------------------


def test_order_events_jump_without_loss_when_other_accounts_trade(daemon: FakeDaemon, bus: Client) -> None:
    gaps = Gaps()
    events = bus.order_events("PAPER-1", on_gap=gaps)
    daemon.wait_for_subscription("order|PAPER-1|")
    eventually(lambda: daemon.ops("get_events"), "the baseline")
    daemon.order_event(1, "pending_new", order("pending_new"))
    daemon.order_event(2, "pending_new", order("pending_new", account="OTHER"))
    daemon.order_event(3, "new", order("new"))
    daemon.order_event(4, "fill", order("filled"), fill={"exec_id": "x", "qty": 1, "price": 9.5, "ts": 4})
    got = take(events, 3)
    assert [(e.seq, e.event) for e in got] == [(1, "pending_new"), (3, "new"), (4, "fill")]
    assert isinstance(got[2], OrderEvent) and got[2].fill is not None and got[2].fill.price == 9.5
    assert got[2].order.closed
    assert gaps == []


def test_lost_order_events_come_from_the_journal(daemon: FakeDaemon, bus: Client) -> None:
    events = bus.order_events()
    daemon.wait_for_subscription("order|")
    eventually(lambda: daemon.ops("get_events"), "the baseline")
    for seq in range(1, 8):
        daemon.order_event(seq, "new", order(account=f"P{seq % 2}"), lose=seq in (1, 2, 5))
    assert take_seqs(events, 7) == [1, 2, 3, 4, 5, 6, 7]


def test_order_events_during_an_outage_come_after_it(daemon: FakeDaemon, bus: Client) -> None:
    events = bus.order_events("PAPER-1")
    daemon.wait_for_subscription("order|PAPER-1|")
    eventually(lambda: daemon.ops("get_events"), "the baseline")
    daemon.order_event(1, "pending_new", order("pending_new"))
    assert take_seqs(events, 1) == [1]
    daemon.order_event(2, "new", order("new"), lose=True)
    with daemon.restarted() as again:
        again.order_event(3, "fill", order("filled"), lose=True)
        assert take_seqs(events, 2) == [2, 3]
        again.order_event(4, "new", order("new"))
        assert take_seqs(events, 1) == [4]


def test_order_events_before_the_subscription_was_in_force_come_too(daemon: FakeDaemon, bus: Client) -> None:
    daemon.order_event(1, "new", order(), lose=True)
    events = bus.order_events("PAPER-1")
    daemon.wait_for_subscription("order|PAPER-1|")
    eventually(lambda: daemon.ops("get_events"), "the baseline")
    daemon.order_event(2, "fill", order("filled"), lose=True)
    assert take_seqs(events, 1) == [2]
    assert events.get(0.3) is None


def test_orders_from_before_a_subscription_are_not_told(daemon: FakeDaemon, bus: Client) -> None:
    one = bus.order_events("P1")
    daemon.wait_for_subscription("order|P1|")
    daemon.order_event(1, "new", order(account="P1"))
    assert take_seqs(one, 1) == [1]
    daemon.order_event(2, "new", order(account="P2"))
    daemon.order_event(3, "new", order(account="P2"))
    two = bus.order_events("P2")
    daemon.wait_for_subscription("order|P2|")
    daemon.order_event(4, "new", order(account="P2"))
    daemon.order_event(5, "new", order(account="P1"))
    assert take_seqs(two, 1) == [4]
    assert take_seqs(one, 1) == [5]
    again = bus.order_events("P2")
    daemon.order_event(6, "new", order(account="P2"))
    assert take_seqs(two, 1) == take_seqs(again, 1) == [6]


def test_an_event_is_told_once_the_subscription_is_seen(daemon: FakeDaemon, bus: Client) -> None:
    for n in range(1, 20):
        with bus.order_events("PAPER-1") as events:
            daemon.wait_for_subscription("order|PAPER-1|", n)
            daemon.order_event(n, "new", order())
            assert take_seqs(events, 1) == [n]


def test_a_refused_journal_does_not_stop_order_events(daemon: FakeDaemon, bus: Client) -> None:
    def refuse(args: dict) -> None:
        raise Refuse("auth.role")

    daemon.handlers["get_events"] = refuse
    gaps = Gaps()
    events = bus.order_events("PAPER-1", on_gap=gaps)
    daemon.wait_for_subscription("order|PAPER-1|")
    daemon.order_event(1, "new", order())
    daemon.order_event(4, "new", order())
    assert take_seqs(events, 2) == [1, 4]
    assert gaps == [("order|", 2, 3)]


def test_a_daemon_that_lost_its_journal_is_followed(daemon: FakeDaemon, bus: Client) -> None:
    events = bus.order_events("PAPER-1")
    daemon.wait_for_subscription("order|PAPER-1|")
    for seq in (1, 2, 3):
        daemon.order_event(seq, "new", order())
    assert take_seqs(events, 3) == [1, 2, 3]
    with daemon.restarted() as again:
        again.events = []
        again.order_event(1, "new", order(), lose=True)
        assert take_seqs(events, 1) == [1]
        again.order_event(2, "fill", order("filled"))
        assert take_seqs(events, 1) == [2]


def test_wait_ends_with_the_order(daemon: FakeDaemon, bus: Client) -> None:
    daemon.handlers["get_order"] = lambda args: order("new")
    placed = bus.order("O-1")

    def fill() -> None:
        daemon.wait_for_subscription("order|PAPER-1|")
        daemon.order_event(5, "fill", order("filled", order_id="O-2"))
        daemon.order_event(6, "fill", order("filled"))

    filler = threading.Thread(target=fill)
    filler.start()
    assert bus.wait(placed, DEADLINE_S).status == "filled"
    filler.join()
    assert bus.wait(Order.from_map(order("filled")), 1).closed


def test_wait_sees_what_happened_before_it_listened(daemon: FakeDaemon, bus: Client) -> None:
    daemon.handlers["get_order"] = lambda args: order("canceled" if len(daemon.ops("get_order")) > 1 else "new")
    placed = bus.order("O-1")
    assert bus.wait(placed, DEADLINE_S).status == "canceled"


def test_wait_gives_up(daemon: FakeDaemon, bus: Client) -> None:
    daemon.handlers["get_order"] = lambda args: order("new")
    with pytest.raises(TimeoutError, match="O-1 is still new after 0.05 s"):
        bus.wait(bus.order("O-1"), 0.05)


def test_a_recording_in_lockstep(daemon: FakeDaemon, bus: Client) -> None:
    seq = 0

    def advance(args: dict) -> dict:
        nonlocal seq
        seq += 1
        until = args["until"]
        if until:
            daemon.quote(until)  # what belongs to the step comes before it
        step = {"ts": until, "next_ts": until + 1} if until < 3 else {"ts": until, "ended": True}
        daemon.publish("replay|tape|", seq, **step)
        return {"seq": seq, **step}

    daemon.handlers["replay_advance"] = advance
    with open_quotes(daemon, bus) as quotes, bus.replay("tape") as replay:
        assert quotes.get(0) is None
        for until in (1, 2):
            step = replay.advance(until)
            assert (step.ts, step.next_ts, step.ended) == (until, until + 1, False)
            assert quotes.get(0).seq == until
        assert replay.advance(3).ended
