"""The lexicon explained: its score is a sum, so the words' shares of it are exact."""

from collections.abc import Sequence
from math import log, prod
from typing import NamedTuple

from nlp.classifier import Scores
from nlp.explain.explanation import Attribution, Explanation, sentiment_of, topic_of
from nlp.lexicon.lexicon import MASS_CAP, MAX_CHARS, NEGATION_REACH, SLOPE, Cue, Lexicon, opposite
from nlp.lexicon.terms import Found, tokens


class Share(NamedTuple):
    """What the words ``start`` to ``end`` add to the bad and to the good that a text says."""

    start: int
    end: int
    bad: float
    good: float


class Cues:
    """Explains the `Lexicon`."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def explain(self, text: str, scores: Scores) -> Explanation:
        """As `Explainer.explain`; what is past the lexicon's reach is left out.

        A sentiment's value is the mean of its log-odds against either other one. A topic's is what
        the word takes from ``log(1 - score)``.
        """
        words = text[:MAX_CHARS].split()
        label, topic = sentiment_of(scores), topic_of(scores)
        sentiment = self._sentiment(words, label)
        return Explanation("cues", sentiment, self._topic(words, topic) if topic else None)

    def _sentiment(self, words: Sequence[str], label: str) -> Attribution:
        bad, good = _LEAN[label]
        found = shares(self._lexicon.cues(_tokens(words)))
        each = [(it.start, it.end, SLOPE * (bad * it.bad + good * it.good)) for it in found]
        return Attribution(label, _by_word(words, each), 0.0)

    def _topic(self, words: Sequence[str], topic: str) -> Attribution:
        found = self._lexicon.themes(_tokens(words))
        each = [(it.start, it.end, -log(1.0 - it.value[1])) for it in found if it.value[0] == topic]
        return Attribution(topic, _by_word(words, each), 0.0)


# A class's score minus the mean of the other two: half of each is lost to it.
_LEAN = {"negative": (1.0, -0.5), "neutral": (-0.5, -0.5), "positive": (-0.5, 1.0)}


def shares(found: Sequence[Found[Cue]]) -> list[Share]:
    """What each cue adds to the two masses of `nlp.lexicon.lexicon`, which the shares add up to.

    A cue has its own weight, what a negation turns is the negation's, and the product of the
    factors is shared out by their logarithms. What is over the cap is taken from all alike.
    """
    plain = _turned(found)
    bad, good = sum(it.bad for it in plain), sum(it.good for it in plain)
    factors = [it for it in found if it.value.kind == "factor"]
    factor = prod(it.value.weight for it in factors)
    # (f - 1) / log f of the product: what each unit of a factor's logarithm multiplies by.
    per_log = (factor - 1.0) / log(factor) if factor != 1.0 else 1.0
    logs = [(it.start, it.end, per_log * log(it.value.weight)) for it in factors]
    spread = [*plain, *(Share(start, end, part * bad, part * good) for start, end, part in logs)]
    fit_bad, fit_good = _fit(bad * factor), _fit(good * factor)
    return [it._replace(bad=it.bad * fit_bad, good=it.good * fit_good) for it in spread]


def _turned(found: Sequence[Found[Cue]]) -> list[Share]:
    made: list[Share] = []
    negation, until = Share(0, 0, 0.0, 0.0), -1
    for start, end, (kind, weight) in found:
        if kind == "negation":
            negation, until = Share(start, end, 0.0, 0.0), end + NEGATION_REACH
        elif kind == "sentiment":
            own = _own(start, end, weight)
            made.append(own)
            if start < until:
                now = _own(start, end, opposite(weight))
                made.append(negation._replace(bad=now.bad - own.bad, good=now.good - own.good))
    return made


def _own(start: int, end: int, weight: float) -> Share:
    return Share(start, end, max(-weight, 0.0), max(weight, 0.0))


def _fit(mass: float) -> float:
    return MASS_CAP / mass if mass > MASS_CAP else 1.0


def _tokens(words: Sequence[str]) -> list[str]:
    return [token for word in words for token in tokens(word)]


def _by_word(
    words: Sequence[str], parts: Sequence[tuple[int, int, float]]
) -> tuple[tuple[str, float], ...]:
    """Values of runs of tokens, shared out evenly among them, added up to the words they are of."""
    each = [0.0] * len(_tokens(words))
    for start, end, value in parts:
        for place in range(start, end):
            each[place] += value / (end - start)
    left = iter(each)
    return tuple((word, sum(next(left) for _ in tokens(word))) for word in words)
