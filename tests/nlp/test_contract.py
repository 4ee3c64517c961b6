"""The contract tells a classifier that breaks it."""

from collections.abc import Callable, Sequence

import pytest

from nlp import contract
from nlp.classifier import Classifier, ModelError, Scores
from nlp.contract import CHECKS, Broken
from nlp.lexicon.lexicon import Lexicon
from nlp.null import NEUTRAL

Answer = Callable[[list[str], list[Scores]], list[Scores]]


class Liar:
    """The word lists, with the answers changed."""

    def __init__(self, answer: Answer, model_id: str = "liar") -> None:
        self._answer = answer
        self._lexicon = Lexicon()
        self.model_id = model_id

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        return self._answer(list(texts), self._lexicon.classify(texts))


def drops_one(_: list[str], scores: list[Scores]) -> list[Scores]:
    """A text is lost."""
    return scores[1:]


def sums_to_two(_: list[str], scores: list[Scores]) -> list[Scores]:
    """No distribution."""
    return [answer._replace(positive=answer.positive + 1.0) for answer in scores]


def tuples(_: list[str], scores: list[Scores]) -> list[Scores]:
    """Other types."""
    return [tuple(answer) for answer in scores]  # type: ignore[misc]


def topic_of_seven(_: list[str], scores: list[Scores]) -> list[Scores]:
    """A topic out of bounds."""
    return [answer._replace(topics={"ipo": 7.0}) for answer in scores]


def about_the_unknown(_: list[str], scores: list[Scores]) -> list[Scores]:
    """Carries what has no score."""
    return [answer._replace(about=("nothing",)) for answer in scores]


def by_neighbours(texts: list[str], scores: list[Scores]) -> list[Scores]:
    """Looks at the size of the batch."""
    return [NEUTRAL] if len(texts) == 1 else scores


def by_place(_: list[str], scores: list[Scores]) -> list[Scores]:
    """Looks at the place in the batch."""
    return [NEUTRAL, *scores[1:]] if scores else []


def one_for_none(_: list[str], scores: list[Scores]) -> list[Scores]:
    """Never empty."""
    return scores or [NEUTRAL]


def fails_on_surrogates(texts: list[str], scores: list[Scores]) -> list[Scores]:
    """Raises what nobody expects."""
    for text in texts:
        text.encode()
    return scores


@pytest.mark.parametrize(
    ("check", "liar"),
    [
        (contract.every_text_gets_a_distribution, Liar(drops_one)),
        (contract.every_text_gets_a_distribution, Liar(sums_to_two)),
        (contract.every_text_gets_a_distribution, Liar(tuples)),
        (contract.topics_are_scores, Liar(topic_of_seven)),
        (contract.topics_are_scores, Liar(about_the_unknown)),
        (contract.neighbours_do_not_matter, Liar(by_neighbours)),
        (contract.order_does_not_matter, Liar(by_place)),
        (contract.no_texts_are_no_scores, Liar(one_for_none)),
        (contract.a_model_says_who_it_is, Liar(lambda _, scores: scores, "a/b")),
        (contract.a_refused_text_is_a_model_error, Liar(fails_on_surrogates)),
    ],
)
def test_a_broken_promise_is_named(check: Callable[[Classifier], None], liar: Liar) -> None:
    """The author of a plug-in would learn of it from a worker in production."""
    with pytest.raises(Broken, match=r"\w+ \w+"):
        check(liar)


def test_a_model_may_refuse_what_it_cannot_read() -> None:
    """A model that refuses in the right way would fail the checks that should welcome it."""

    def refuses(texts: list[str], scores: list[Scores]) -> list[Scores]:
        if any("\ud800" in text for text in texts):
            raise ModelError("half a surrogate")
        return scores

    for check in CHECKS:
        check(Liar(refuses))
