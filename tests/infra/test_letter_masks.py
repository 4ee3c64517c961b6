"""Personal data and secrets in dead letters, as the settings want them."""

from collections.abc import Mapping

import orjson
import pytest

from agents.dead_letters.decide import MASKED, Kept, Rules, decide
from agents.dead_letters.letters import Letter
from agents.dead_letters.replay_records import ReplayRecords
from infra.privacy.letter_masks import with_masks
from infra.settings.model import load
from schemas.dead_letter import DeadLetter
from streams.core.dead_letter import dead_letter, log_excerpts
from streams.core.handler import Rejection
from streams.core.letter_mask import fingerprint
from streams.core.record import Message, Stored
from streams.core.stage import Stage
from tests.streams.conftest import Counting

DATA = {
    "mail": "jane.doe@mail.example",
    "phone": "+44 20 7946 0018",
    "card": "4111 1111 1111 1111",
    "account": "DE89 3704 0044 0532 0130 00",
    "ssn": "078-05-1120",
}
TOKEN = "canary-token-4711"  # noqa: S105 - what must not be kept
VALUE = orjson.dumps({"headline": "Acme falls", **DATA}) + b"\xff"
RECORD = Stored(
    "news.raw", 1, 7, 99, b"jane.doe@mail.example", VALUE, (("from", b"+4915123456789"),)
)
ERROR = ValueError(f"mail {DATA['mail']} is no date, with {TOKEN}")
NOTHING: Mapping[str, str] = {}
EVERYTHING = {"NEWSQUAKE_PRIVACY__MASK_DEAD_LETTERS": "true"}
WORDS_STAY = {"NEWSQUAKE_PRIVACY__MASK_PERSONAL_DATA": "false"}
RULES = Rules({"ingest": "news.raw"}, "news.dead")


def letter(environ: Mapping[str, str] = NOTHING, record: Stored = RECORD) -> Message:
    """Return the dead letter that a worker with these settings writes."""
    settings = load(None, {"NEWSQUAKE_SERVE__TOKEN": TOKEN, **environ})
    stage = Stage("ingest", "group", "news.raw", Counting(), "news.dead")
    (masking,) = with_masks([stage], settings)
    return dead_letter(masking, Rejection(record, "invalid", ERROR, "jane.doe@mail.example"), 1)


def lying(message: Message) -> Letter:
    """Return the letter as it lies in its topic."""
    topic, key, value, headers, *_ = message
    return Letter.of(Stored(topic, 1, 41, 99, key, value, tuple(headers)))


def test_the_words_of_a_letter_are_masked_and_its_bytes_stay() -> None:
    """The header that every dashboard shows would have a reader's address in it."""
    message = letter()
    reason = DeadLetter.from_headers(message.headers)
    assert reason.message == "mail ********** is no date, with **********"
    assert (message.key, message.value) == (RECORD.key, RECORD.value)
    assert reason.masked is None
    replayed = decide(lying(message), ReplayRecords({}), RULES)
    assert isinstance(replayed, Message)
    assert replayed.value == VALUE


def test_words_stay_as_they_are_if_so_set() -> None:
    """A desk that looks for the cause would find stars where the cause stands."""
    reason = DeadLetter.from_headers(letter(WORDS_STAY).headers)
    assert DATA["mail"] in (reason.message or "")
    assert TOKEN not in (reason.message or "")


@pytest.mark.parametrize("datum", [*DATA.values(), "+4915123456789"])
def test_all_of_a_letter_is_masked_if_so_set(datum: str) -> None:
    """What a law forbids to keep would lie in Kafka for ninety days."""
    message = letter(EVERYTHING)
    assert datum.encode() not in (message.key or b"") + (message.value or b"")
    assert datum.encode() not in b"".join(value for _, value in message.headers)
    assert b"Acme falls" in (message.value or b"")
    assert (message.value or b"").endswith(b"\xff")
    reason = DeadLetter.from_headers(message.headers)
    assert (reason.masked, reason.original_sha256) == (True, fingerprint(VALUE))


def test_a_masked_letter_is_not_replayed_as_if_it_were_whole() -> None:
    """An article with stars in it would be scored and counted as a new one."""
    masked = lying(letter(EVERYTHING))
    assert decide(masked, ReplayRecords({}), RULES) == Kept(MASKED)
    whole = RULES._replace(fix=lambda _: b"{}", is_whole=True)
    replayed = decide(masked, ReplayRecords({}), whole)
    assert isinstance(replayed, Message)
    assert DeadLetter.from_headers(replayed.headers).fixed_from == fingerprint(VALUE)


def test_a_letter_without_personal_data_is_kept_whole_and_can_be_replayed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With the setting on, nothing at all could be replayed any more."""
    record = Stored("news.raw", 1, 7, 99, None, b'{"headline": "Acme"}', ())
    message = letter(EVERYTHING, record)
    assert message.value == record.value
    assert isinstance(decide(lying(message), ReplayRecords({}), RULES), Message)
    stage = Stage("ingest", "group", "news.raw", Counting(), "news.dead")
    log_excerpts(stage, [Rejection(RECORD, "invalid", ERROR)], [letter(EVERYTHING)])
    assert "first bytes" not in capsys.readouterr().out
