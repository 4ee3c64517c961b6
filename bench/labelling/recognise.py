"""Learn to recognise unlisted names of companies: ``python -m labelling.recognise FILE``.

Nobody marked the names in headlines. Those of listed companies are known, and get names that no
company has, or rare words, so that only what stands around them gives them away. Headlines without
a listed company show what is no name. But they name unlisted companies, too: a frequent capitalised
word is taken for a name or not by where it stands on average ("distant supervision", M. Mintz et
al., ACL 2009). A rare one that is never written in lower case counts as a name, whatever it names:
a model knows nothing of it, so that nothing is lost where it reads a placeholder.
"""

import argparse
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from statistics import fmean
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from torch.nn.functional import binary_cross_entropy_with_logits

from labelling.marked_texts import Marked, in_title_case, marked_texts
from nlp.name_recognition.recogniser import (
    COMPANY,
    FILE,
    KIND_BUCKETS,
    ORDINARY,
    OTHER_NAME,
    NameRecogniser,
    Span,
)
from nlp.name_recognition.words import BUCKETS, FEATURES, Word, bucket, features, words

OUT: Final = Path(__file__).parents[2] / "nlp" / "name_recognition" / FILE
TITLE_CASE: Final = 0.5
"""Share of the headlines that are learnt in title case, which shows what words are no names."""
FREQUENT: Final = 5
"""Times from which a word is judged by where it stands on average."""
IS_NAME: Final = 0.5
"""Mean probability from which a frequent word that has no lower case is a company's."""
STANDS_LIKE_A_NAME: Final = -1.0
"""Score from which another name stands where names of companies stand, and is left out."""
EPOCHS: Final = (2, 2, 5)
"""Epochs of each round; each begins with what the last one found."""
RATE: Final = 0.15
BATCH: Final = 2_048
MIN_WEIGHT: Final = 0.1
"""Smaller weights are dropped: most are of what was seen once."""
Numbers = NDArray[np.float32]


class Rows(NamedTuple):
    """Words that may be names.

    Attributes:
        features: hashed, (words, `FEATURES`).
        is_name: 1 or 0, (words,).
        words: the words in lower case.
        is_certain: whether the word's headline names a listed company, (words,).
        follows: whether the word stands right after the one before it in these rows, (words,).
    """

    features: NDArray[np.int64]
    is_name: Numbers
    words: list[str]
    is_certain: NDArray[np.bool_]
    follows: NDArray[np.bool_]


class Linear(NamedTuple):
    """Weights by bucket, and the bias."""

    weights: Numbers
    bias: float

    def scores(self, hashed: NDArray[np.int64]) -> Numbers:
        """Return the score of each word, (words, features) to (words,)."""
        total: Numbers = self.weights[hashed].sum(1) + np.float32(self.bias)
        return total


def rows_of(marked: Sequence[Marked], dice: random.Random) -> Rows:
    """Return the words of headlines, some of them in title case."""
    hashed: list[list[int]] = []
    is_name: list[bool] = []
    certain: list[bool] = []
    follows: list[bool] = []
    low: list[str] = []
    for text, names in marked:
        written = in_title_case(text) if dice.random() < TITLE_CASE else text
        parts, last = words(written), -2
        for index, hashes in features(written, parts):
            hashed.append(hashes)
            is_name.append(any(_lies_in(parts[index], name) for name in names))
            low.append(parts[index].text.lower())
            certain.append(bool(names))
            follows.append(index == last + 1)
            last = index
    return Rows(
        np.array(hashed).reshape(-1, FEATURES),
        np.array(is_name, np.float32),
        low,
        np.array(certain),
        np.array(follows),
    )


def _lies_in(word: Word, name: Span) -> bool:
    return name.start <= word.start < name.end


def fit(hashed: NDArray[np.int64], is_name: Numbers, epochs: int) -> Linear:
    """Fit a linear model by AdaGrad (J. Duchi et al., 2011), which suits rare features."""
    table = torch.nn.EmbeddingBag(BUCKETS, 1, mode="sum")
    torch.nn.init.zeros_(table.weight)
    bias = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.Adagrad([table.weight, bias], lr=RATE)
    inputs, wanted = torch.from_numpy(hashed), torch.from_numpy(is_name)
    for epoch in range(epochs):
        total = 0.0
        order = torch.randperm(len(inputs))
        for chosen in order.split(BATCH):  # type: ignore[no-untyped-call]
            optimizer.zero_grad()
            scores = table(inputs[chosen]).squeeze(1) + bias
            loss = binary_cross_entropy_with_logits(scores, wanted[chosen])
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += float(loss.detach()) * len(chosen)
        print(f"epoch {epoch + 1}: loss {total / len(inputs):.4f}", flush=True)
    return Linear(table.weight.detach().squeeze(1).numpy(), float(bias.detach()))


def kinds_of(rows: Rows, scores: Numbers, ordinary: AbstractSet[str]) -> dict[str, int]:
    """Return the kinds of known words; frequent names are told apart by where they stand.

    What stands around a word of a listed company says nothing here: it has another word's place.
    """
    by_word: dict[str, list[float]] = defaultdict(list)
    for word, score, certain in zip(rows.words, scores.tolist(), rows.is_certain, strict=True):
        if not certain and word not in ordinary:
            by_word[word].append(1.0 / (1.0 + math.exp(-score)))
    frequent = {word: fmean(shares) for word, shares in by_word.items() if len(shares) >= FREQUENT}
    names = {word: COMPANY if share > IS_NAME else OTHER_NAME for word, share in frequent.items()}
    return dict.fromkeys(ordinary, ORDINARY) | names


def learnt(rows: Rows, scores: Numbers, kinds: Mapping[str, int]) -> NDArray[np.bool_]:
    """Return which words are learnt: in headlines without a listed company, none that may be names.

    Ordinary words and names of other things are no names there, but next to a name they may be a
    part of it, as in Talisman Energy.
    """
    may_be_name = np.array([kinds.get(word, COMPANY) == COMPANY for word in rows.words])
    after = rows.follows & np.roll(may_be_name, 1)
    before = np.roll(rows.follows & may_be_name, -1)
    is_ordinary = np.array([kinds.get(word) == ORDINARY for word in rows.words])
    is_other = np.array([kinds.get(word) == OTHER_NAME for word in rows.words])
    alone = ~(after | before) & (is_ordinary | (is_other & (scores <= STANDS_LIKE_A_NAME)))
    chosen: NDArray[np.bool_] = rows.is_certain | alone
    return chosen


def learn(marked: Sequence[Marked], seed: int) -> NameRecogniser:
    """Return a recogniser that learnt from headlines."""
    torch.manual_seed(seed)
    dice = random.Random(seed)
    ordinary = frozenset(_lower_case(marked))
    rows = rows_of(marked, dice)
    is_learnt = np.ones(len(rows.words), np.bool_)
    for epochs in EPOCHS:
        model = fit(rows.features[is_learnt], rows.is_name[is_learnt], epochs)
        scores = model.scores(rows.features)
        kinds = kinds_of(rows, scores, ordinary)
        is_learnt = learnt(rows, scores, kinds)
        print(f"{Counter(kinds.values())}, {int((~is_learnt).sum())} words left out", flush=True)
    table = np.zeros(KIND_BUCKETS, np.int8)
    for word, kind in kinds.items():
        table[bucket(word, KIND_BUCKETS)] = kind
    scale = float(np.abs(model.weights).max()) / 127.0
    kept = np.where(np.abs(model.weights) < MIN_WEIGHT, 0.0, model.weights)
    return NameRecogniser(table, np.round(kept / scale).astype(np.int8), scale, model.bias)


def _lower_case(marked: Sequence[Marked]) -> Iterator[str]:
    for text, _ in marked:
        yield from (word.text for word in words(text) if word.text.islower())


def main() -> None:
    """Learn, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "out", type=Path, nargs="?", default=OUT, help="(default: the shipped file)"
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    marked = marked_texts(random.Random(options.seed))
    print(f"{len(marked)} texts, {sum(bool(it.names) for it in marked)} name companies")
    save_file(learn(marked, options.seed).stored(), options.out)
    print(f"{options.out}: {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
