"""Order and recovery, message by message."""

import random

import pytest

from tradebus._sequence import PENDING_MAX, Hole, JournalTracker, Tracker


def seqs(ready: list) -> list:
    return [(item.first, item.last) if isinstance(item, Hole) else seq for seq, item in ready]


def accept(tracker: Tracker | JournalTracker, *numbers: int, recover: bool = True) -> tuple[list, list]:
    out, asked = [], []
    for seq in numbers:
        ready, ask = tracker.accept(seq, "m", recover)
        out += seqs(ready)
        if ask is not None:
            asked.append(ask)
    return out, asked


def test_the_first_message_may_have_any_seq() -> None:
    assert accept(Tracker(), 41, 42, 43) == ([41, 42, 43], [])


def test_duplicates_are_dropped_and_counted() -> None:
    tracker = Tracker()
    assert accept(tracker, 5, 6, 6, 5, 7) == ([5, 6, 7], [])
    assert tracker.duplicates == 2


def test_a_hole_is_asked_for_once_and_filled() -> None:
    tracker = Tracker()
    assert accept(tracker, 1, 4, 5) == ([1], [1])
    ready, ask = tracker.answer([(2, "m"), (3, "m"), (4, "m"), (5, "m"), (6, "m")], 1)
    assert (seqs(ready), ask) == ([2, 3, 4, 5, 6], None)
    assert accept(tracker, 6, 7) == ([7], [])


def test_late_messages_close_the_hole_before_the_answer() -> None:
    tracker = Tracker()
    assert accept(tracker, 1, 3, 2) == ([1, 2, 3], [1])
    assert tracker.answer([(2, "m"), (3, "m")], 1) == ([], None)


def test_what_the_ring_no_longer_has_is_a_hole() -> None:
    tracker = Tracker()
    accept(tracker, 1, 10)
    ready, ask = tracker.answer([(8, "m"), (9, "m"), (10, "m")], 8)
    assert (seqs(ready), ask) == ([(2, 7), 8, 9, 10], None)


def test_an_answer_cut_by_its_limit_is_continued() -> None:
    tracker = Tracker()
    accept(tracker, 1, 10)
    ready, ask = tracker.answer([(2, "m"), (3, "m")], 1)
    assert (seqs(ready), ask) == ([2, 3], 3)
    ready, ask = tracker.answer([(n, "m") for n in range(4, 10)], 1)
    assert (seqs(ready), ask) == ([4, 5, 6, 7, 8, 9, 10], None)


def test_what_an_answer_skips_is_a_hole_and_what_it_does_not_reach_is_asked_for() -> None:
    tracker = Tracker()
    accept(tracker, 1, 10)
    ready, ask = tracker.answer([(2, "m"), (5, "m")], 1)
    assert (seqs(ready), ask) == ([2, (3, 4), 5], 5)
    ready, ask = tracker.answer([(6, "m"), (10, "m")], 1)
    assert (seqs(ready), ask) == ([6, (7, 9), 10], None)


def test_a_daemon_that_keeps_only_the_last_value() -> None:
    tracker = Tracker()
    accept(tracker, 1, 10)
    ready, ask = tracker.answer([(10, "m")], 0)
    assert (seqs(ready), ask) == ([(2, 9), 10], None)


def test_a_second_hole_is_asked_for_after_the_first() -> None:
    tracker = Tracker()
    assert accept(tracker, 1, 3, 6) == ([1], [1])
    ready, ask = tracker.answer([(2, "m")], 1)
    assert (seqs(ready), ask) == ([2, 3], 3)
    ready, ask = tracker.fail()
    assert (seqs(ready), ask) == ([(4, 5), 6], None)


def test_without_recovery_a_hole_is_told_at_once() -> None:
    assert accept(Tracker(), 1, 4, 5, recover=False) == ([1, (2, 3), 4, 5], [])


def test_no_answer_makes_a_hole() -> None:
    tracker = Tracker()
    accept(tracker, 1, 3)
    ready, ask = tracker.fail()
    assert (seqs(ready), ask) == ([(2, 2), 3], None)


def test_waiting_messages_are_bounded() -> None:
    tracker = Tracker()
    accept(tracker, 1)
    out, asked = accept(tracker, *range(3, PENDING_MAX + 10))
    assert asked == [1]
    assert out[0] == (2, 2)
    assert len(tracker.pending) <= PENDING_MAX


def test_a_restart_delivers_what_waited_and_counts_from_one() -> None:
    tracker = Tracker()
    accept(tracker, 7, 9)
    assert seqs(tracker.restart(1)) == [(8, 8), 9]
    assert accept(tracker, 1, 2) == ([1, 2], [])


@pytest.mark.parametrize("seed", range(50))
def test_any_loss_and_disorder_comes_out_in_order_once_and_whole(seed: int) -> None:
    chance = random.Random(seed)
    tracker, out, question = Tracker(), [], None
    sent = 0
    window: list[int] = [1]

    def take(result: tuple[list, int | None]) -> None:
        nonlocal question
        out.extend(seqs(result[0]))
        question = result[1] if result[1] is not None else question

    take(tracker.accept(1, "m", True))
    sent = 1
    for _ in range(200):
        sent += 1
        window.append(sent)
        if chance.random() < 0.4:
            chance.shuffle(window)
            for seq in window:
                if chance.random() < 0.8:
                    take(tracker.accept(seq, "m", True))
            window = []
        if question is not None and chance.random() < 0.5:
            after, question = question, None
            limit = chance.choice([1, 3, 1000])
            found = [(n, "m") for n in range(after + 1, sent + 1)]
            take(tracker.answer(found[:limit], 1))
    sent += 1
    take(tracker.accept(sent, "m", True))
    while question is not None:
        after, question = question, None
        take(tracker.answer([(n, "m") for n in range(after + 1, sent + 1)], 1))
    assert out == list(range(1, sent + 1))


def test_the_journal_may_jump_when_nothing_was_lost() -> None:
    journal = JournalTracker()
    assert accept(journal, 10, 13) == ([10], [10])
    ready, ask = journal.answer([])
    assert (seqs(ready), ask) == ([13], None)
    assert accept(journal, 14) == ([14], [])


def test_the_journal_fills_in_what_was_lost() -> None:
    journal = JournalTracker()
    accept(journal, 10, 13)
    ready, ask = journal.answer([(11, "m"), (13, "m")])
    assert (seqs(ready), ask) == ([11, 13], None)


def test_the_journal_is_asked_again_while_its_answers_are_cut() -> None:
    journal = JournalTracker()
    accept(journal, 1, 9)
    ready, ask = journal.answer([(2, "m"), (3, "m")])
    assert (seqs(ready), ask) == ([2, 3], 3)
    ready, ask = journal.answer([(4, "m"), (9, "m")])
    assert (seqs(ready), ask) == ([4, 9], None)


def test_a_loss_while_the_journal_answers_is_asked_for_too() -> None:
    journal = JournalTracker()
    assert accept(journal, 5, 10, 15) == ([5], [5])
    ready, ask = journal.answer([(n, "m") for n in range(6, 11)])
    assert (seqs(ready), ask) == ([6, 7, 8, 9, 10], 10)
    ready, ask = journal.answer([(n, "m") for n in range(11, 16)])
    assert (seqs(ready), ask) == ([11, 12, 13, 14, 15], None)


def test_a_resync_runs_until_the_journal_has_no_more() -> None:
    journal = JournalTracker()
    accept(journal, 3)
    assert journal.ask() == 3
    ready, ask = journal.answer([(4, "m"), (6, "m")])
    assert (seqs(ready), ask) == ([4, 6], 6)
    assert journal.answer([]) == ([], None)


def test_events_that_the_journal_no_longer_keeps_are_a_hole() -> None:
    journal = JournalTracker()
    accept(journal, 3, 20)
    ready, ask = journal.answer([(10, "m"), (20, "m")], 10)
    assert (seqs(ready), ask) == ([(4, 9), 10, 20], None)


def test_a_silent_journal_is_a_hole() -> None:
    journal = JournalTracker()
    accept(journal, 3, 6, 8)
    ready, ask = journal.fail()
    assert (seqs(ready), ask) == ([(4, 5), 6], 6)


def test_the_baseline_makes_the_first_jump_visible() -> None:
    journal = JournalTracker()
    journal.baseline(10)
    assert accept(journal, 12) == ([], [10])
