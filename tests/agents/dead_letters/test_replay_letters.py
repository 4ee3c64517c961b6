"""Replays over the log in memory: what is chosen goes back to the agent that failed on it."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from agents.dead_letters.letters import Letter
from agents.dead_letters.replay import DeadTopics, carry_out, plan
from agents.dead_letters.replay_records import read_replay_records
from agents.dead_letters.selection import Selection, article_source
from cli.dlq.jq_program import JqProgram
from nlp.classifier import ModelError
from nlp.lexicon.lexicon import Lexicon
from schemas.dead_letter import DeadLetter
from schemas.incoming.limits import MAX_BYTES
from schemas.signal import Signal
from streams.core.errors import Misconfigured
from streams.core.record import Message, Stored
from streams.testing.memory_log import MemoryLog
from tests.agents.dead_letters.conftest import NOW, Job, letter_of, set_aside
from tests.failing import BAD, Failing

Run = Callable[..., Any]


async def test_without_yes_nothing_is_written(
    log: MemoryLog, fill: Callable[..., None], job_of: Job, topics: DeadTopics
) -> None:
    """Whoever only looks would send thousands of records."""
    fill(log, [b"%d" % number for number in range(9)])
    report = await plan(log, topics, job_of(7))
    assert report.replayed == Counter({"news.raw": 7})
    assert report.is_bounded
    assert log.read("news.raw") == log.read("state.replays") == []
    assert (await carry_out(log, topics, job_of(7))).replayed == report.replayed
    assert len(log.read("news.raw")) == 7


async def test_a_failed_text_goes_back_to_score_and_is_scored(
    log: MemoryLog, run: Run, news: Callable[..., Message], job_of: Job, topics: DeadTopics
) -> None:
    """Once the model is mended, articles would be read anew from the start, or not at all."""
    log.append([news(1, headline=f"{BAD} falls"), news(2)])
    await run(log, ["ingest"])
    await run(log, ["score"], classifier=Failing(ModelError("no")))
    (dead,), raw = log.read("news.dead"), log.read("news.raw")
    assert Letter.of(dead).reason.reason == "model"
    report = await carry_out(log, topics, job_of())
    assert report.replayed == Counter({"news.accepted": 1})
    assert log.read("news.raw") == raw
    await run(log, ["score"], classifier=Lexicon())
    scored, accepted = log.read("news.scored"), log.read("news.accepted")
    keys = {record.key for record in accepted}
    assert Counter(record.key for record in scored) == dict.fromkeys(keys, 1)
    assert len(keys) == 2
    sent = "newsquake.timestamp"
    times = {record.key: dict(record.headers)[sent] for record in (*accepted, *scored)}
    assert all(times[record.key] == dict(record.headers)[sent] for record in accepted)


async def test_a_signal_goes_back_to_detect_and_is_counted(
    log: MemoryLog, run: Run, news: Callable[..., Message], job_of: Job, topics: DeadTopics
) -> None:
    """What the detector could not read would be scored once more, or never be counted."""
    log.append([news(1)])
    await run(log, ["ingest", "score"], classifier=Lexicon())
    (signal, *_) = log.read("news.signals")
    broken = orjson.dumps(orjson.loads(signal.value or b"") | {"published": "soon"})
    log.append([Message("news.signals", signal.key, broken, signal.headers)])
    await run(log, ["detect"])
    (dead,) = log.read("news.dead")
    assert (Letter.of(dead).reason.stage, dead.value) == ("detect", broken)
    report = await carry_out(
        log, topics, job_of(fix=JqProgram('.published = "2024-03-01T00:00:00Z"'))
    )
    assert report.replayed == Counter({"news.signals": 1})
    back = log.read("news.signals")[-1]
    assert Signal.from_event(back.value, back.headers) == Signal.from_event(
        signal.value, signal.headers
    )
    await run(log, ["detect"])
    assert len(log.read("news.dead")) == 1


async def test_fixed_articles_are_scored_once_each(
    log: MemoryLog, run: Run, job_of: Job, topics: DeadTopics
) -> None:
    """A feed with a renamed field would be lost, although one expression mends it."""
    bad = [
        Message("news.raw", b"%d" % n, orjson.dumps({"id": n, "headline": f"N {n}", "tag": "2024"}))
        for n in range(50)
    ]
    log.append([*bad, Message("news.raw", b"no", b"not json")])
    await run(log, ["ingest"])
    assert len(log.read("news.dead")) == 51
    fix = JqProgram('.published = .tag + "-01-01" | del(.tag)')
    report = await carry_out(log, topics, job_of(fix=fix))
    assert report.replayed == Counter({"news.raw": 50})
    (why,) = report.kept
    assert why.startswith("not fixed: ")
    await run(log, ["ingest", "score"])
    assert len(log.read("news.scored")) == 50
    replayed = await read_replay_records(log, topics.replays)
    assert sum(replayed.find(record) is not None for record in log.read("news.dead")) == 50


async def test_what_fails_again_waits_for_the_next_replay_with_its_count(
    log: MemoryLog, run: Run, job_of: Job, topics: DeadTopics
) -> None:
    """A replay of hopeless records would go on for ever, and nobody would see how often."""
    log.append([Message("news.raw", b"k", b"{}")])
    await run(log, ["ingest"])
    for number in range(1, 4):
        report = await carry_out(log, topics, job_of())
        assert report.replayed == Counter({"news.raw": 1})
        await run(log, ["ingest"])
        assert DeadLetter.from_headers(log.read("news.dead")[-1].headers).replays == number
    report = await carry_out(log, topics, job_of())
    assert report.replayed == Counter()
    sizes = [len(record.headers) for record in log.read("news.dead")]
    assert sizes[1:] == [sizes[1]] * 3


async def test_only_what_is_chosen_goes_back(
    log: MemoryLog, job_of: Job, topics: DeadTopics, news: Callable[..., Message]
) -> None:
    """An operator would send what nobody asked for, and what was not meant could never go back."""
    raw = news(1)
    log.append(
        [
            set_aside(Stored("news.raw", 0, 0, NOW, b"a", b"{}", ()), "ingest", "invalid"),
            set_aside(Stored("news.raw", 0, 1, NOW, b"b", raw.value, ()), "ingest", "too_large"),
        ]
    )
    chosen = [
        Selection(reasons=frozenset({"too_large"})),
        Selection(sources=frozenset({"wire"})),
        Selection(keys=frozenset({"b"})),
    ]
    for selection in chosen:
        report = await plan(log, topics, job_of(selection=selection))
        assert report.replayed == Counter({"news.raw": 1}), selection
        assert report.examples[0][0].record.key == b"b"
    await carry_out(log, topics, job_of(selection=chosen[0]))
    await carry_out(log, topics, job_of())
    assert [record.key for record in log.read("news.raw")].count(b"a") == 1
    assert [record.key for record in log.read("news.raw")].count(b"b") == 1


async def test_the_source_is_told_whichever_agent_failed(
    log: MemoryLog, run: Run, news: Callable[..., Message]
) -> None:
    """`--source` would choose what one agent set aside, and miss the rest of the same feed."""
    log.append([news(1)])
    await run(log, ["ingest", "score"], classifier=Lexicon())
    for agent, topic in (("ingest", "raw"), ("score", "accepted"), ("detect", "signals")):
        record = log.read(f"news.{topic}")[0]
        assert article_source(letter_of(record, agent)) == "wire", agent
        later = record._replace(
            headers=tuple(
                (name, b"2.0" if name == "ce_specversion" else value)
                for name, value in record.headers
            )
        )
        assert article_source(letter_of(later, agent)) == "wire", agent
    bad = Stored("news.raw", 0, 0, NOW, b"k", b'{"source": "wire"}', ())
    assert article_source(letter_of(bad)) == "wire"
    large = b'{"source": "wire", "body": "%s"}' % (b"x" * MAX_BYTES)
    assert article_source(letter_of(bad._replace(value=large))) == "wire"
    feed = b'{"source": {"id": null, "name": "Wire"}, "title": "Acme falls"}'
    assert article_source(letter_of(bad._replace(value=feed))) == "Wire"
    assert article_source(letter_of(bad._replace(value=b"\xff"))) == ""


async def test_a_record_that_is_no_replay_record_stops_the_replay(
    log: MemoryLog, fill: Callable[..., None], job_of: Job, topics: DeadTopics
) -> None:
    """Letters whose replay records are damaged would be sent twice."""
    fill(log, [b"x"])
    log.append([Message("state.replays", b"0@0", b"{", partition=0)])
    with pytest.raises(Misconfigured, match="no replay record"):
        await carry_out(log, topics, job_of())
    assert log.read("news.raw") == []
