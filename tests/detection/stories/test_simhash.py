"""Fingerprints of headlines: near for one story, far for two."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.stories.simhash import MAX_STORY_DISTANCE, MAX_WORDS, fingerprint, is_same_story

LEHMAN = "Lehman Brothers files for bankruptcy protection after rescue talks fail"
WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=6), min_size=1, max_size=30)

UNRELATED = [
    LEHMAN,
    "Oil prices rise as storm closes refineries in the Gulf",
    "Apple reports record quarterly revenue on phone sales",
    "Fed holds rates steady and signals one cut this year",
    "Boeing deliveries held up by new inspections of fuselages",
    "Retail sales fall in December as shoppers turn cautious",
]


def distance(first: str, second: str) -> int:
    """Return the number of bits in which the fingerprints of two headlines differ."""
    return (fingerprint(first) ^ fingerprint(second)).bit_count()


@pytest.mark.property
@given(st.text(st.characters(codec="ascii")))
def test_a_sign_beyond_ascii_changes_no_word(headline: str) -> None:
    """A story would be two, one in plain quotes and one in typographic ones."""
    assert fingerprint(headline) == fingerprint(f"{headline}\N{RIGHT DOUBLE QUOTATION MARK}")


def test_fingerprints_are_the_same_on_every_machine() -> None:
    """Stories that one worker stored would be unknown to the next."""
    assert fingerprint("Lehman Brothers files for bankruptcy") == 0xA563F2DA66D0C60D
    assert fingerprint("bankruptcy") == 0xEFAEF43946F0F689


@pytest.mark.parametrize(
    "repeated",
    [
        LEHMAN.upper(),
        f"UPDATE 2-{LEHMAN}",
        f"RPT-UPDATE 1-{LEHMAN}",
        f"BREAKING: {LEHMAN}",
        LEHMAN.replace(" ", ", "),
        f"{LEHMAN}!",
        f"{LEHMAN} - sources",
        LEHMAN.replace("fail", "collapse"),
    ],
)
def test_reports_of_one_story_are_recognised(repeated: str) -> None:
    """The tenth report of one story would count as the tenth story, and raise an alert."""
    assert is_same_story(fingerprint(LEHMAN), fingerprint(repeated))


def test_labels_of_agencies_do_not_change_the_fingerprint() -> None:
    """Updates of different stories would become alike by their label."""
    for label in ("UPDATE 2-", "WRAPUP 1-", "CORRECTED-", "BRIEF: ", "EXCLUSIVE: ", "TABLE-"):
        assert fingerprint(label + LEHMAN) == fingerprint(LEHMAN)
    assert fingerprint("TEXTRON: shares fall") != fingerprint("shares fall")


def test_unrelated_headlines_are_different_stories() -> None:
    """Two pieces of bad news about one company would count as one."""
    for first, second in combinations(UNRELATED, 2):
        assert not is_same_story(fingerprint(first), fingerprint(second))


def test_other_news_of_one_company_is_another_story() -> None:
    """A company's name in both headlines would make them one story."""
    other = "Lehman Brothers names a new chief financial officer in New York"
    assert distance(LEHMAN, other) > MAX_STORY_DISTANCE


@pytest.mark.parametrize("headline", ["", "   ", "!?", "UPDATE 2-", "___"])
def test_a_headline_without_a_word_has_no_fingerprint(headline: str) -> None:
    """All headlines without a word would count as one story."""
    assert fingerprint(headline) == 0


def test_headlines_without_a_fingerprint_are_never_one_story() -> None:
    """Headlines in which no word was found would hide each other."""
    assert not is_same_story(0, 0)
    assert not is_same_story(0, 1)
    assert not is_same_story(1, 0)


def test_the_limit_itself_is_one_story() -> None:
    """The documented number of bits would be off by one."""
    first = (1 << 63) + 1
    assert is_same_story(first, first ^ ((1 << MAX_STORY_DISTANCE) - 1) << 1)
    assert not is_same_story(first, first ^ ((1 << MAX_STORY_DISTANCE + 1) - 1) << 1)


def test_words_beyond_the_limit_do_not_count() -> None:
    """An endless headline would overflow the counters, and get a random fingerprint."""
    words = [f"word{number}" for number in range(MAX_WORDS + 500)]
    assert fingerprint(" ".join(words)) == fingerprint(" ".join(words[:MAX_WORDS]))
    assert fingerprint(" ".join(words)) != fingerprint(" ".join(words[: MAX_WORDS // 2]))


@pytest.mark.property
@given(words=WORDS, data=st.data())
def test_the_order_of_words_does_not_matter(words: list[str], data: st.DataObject) -> None:
    """A headline with its parts exchanged would be another story."""
    shuffled = data.draw(st.permutations(words))
    assert fingerprint(" ".join(words)) == fingerprint(" ".join(shuffled))


@pytest.mark.property
@given(words=WORDS)
def test_each_bit_is_the_majority_of_the_words(words: list[str]) -> None:
    """Votes would carry over from one bit into the next, so near stories would be far apart."""
    hashes = [fingerprint(word) for word in words]
    # One word's fingerprint is its hash, unless that is 0.
    majority = sum(
        1 << bit
        for bit in range(64)
        if sum(digest >> bit & 1 for digest in hashes) > len(words) // 2
    )
    assert fingerprint(" ".join(words)) == (majority or 1)


@pytest.mark.property
@given(first=st.integers(0, 2**64 - 1), second=st.integers(0, 2**64 - 1))
def test_being_one_story_is_mutual(first: int, second: int) -> None:
    """A story would be new or known depending on which report came first."""
    assert is_same_story(first, second) == is_same_story(second, first)
    assert is_same_story(first, first) == bool(first)
