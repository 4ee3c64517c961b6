"""Texts to token ids, in slices: a thread prepares the next while the model works on one."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from nlp.companies.masking import NameMasking
from nlp.inference.meter import METER
from nlp.inference.runtime import Matrix
from nlp.normalise import CHARS_PER_TOKEN, normalise
from nlp.transformer.ngrams import Ngrams, Vector

if TYPE_CHECKING:
    from tokenizers import Tokenizer as Backend

FIRST_SLICE_TEXTS: Final = 32
"""Texts in the first slice: the device waits for it. Each slice has twice as many as the last."""
MAX_SLICE_TEXTS: Final = 256
"""Texts in a slice at most."""
MAX_WINDOWS: Final = 8
"""Windows of a text at most; the rest of the text is not read."""


CUT: Final = "longest_first"
"""What is cut where a text is too long: not the subject that it is asked about, unless that is
longer than half of what the model reads."""


def question(text: str, subject: str = "") -> str | tuple[str, str]:
    """Return what a model reads: a text, with the company behind it that it is asked about."""
    return (text, subject) if subject else text


class TokenWindow(NamedTuple):
    """Token ids of a text, or of one window of it.

    Attributes:
        text: index of the text in its slice.
        ids: token ids, with the tokenizer's special tokens.
    """

    text: int
    ids: list[int]


class TextSlice(NamedTuple):
    """Texts that are ready for the model.

    Attributes:
        windows: the windows of all texts, in the order of the texts.
        margins: the n-gram model's margins of each text, (texts, classes), if there is one.
    """

    windows: list[TokenWindow]
    margins: Vector | None


class Tokenizer:
    """A tokenizer that cuts long texts: after ``max_tokens``, or into windows of that length.

    Windows overlap by a quarter, so that no sentence is cut in all of them.
    """

    def __init__(
        self,
        tokenizer: "Backend",
        max_tokens: int,
        *,
        ngrams: Ngrams | None = None,
        windows: bool = False,
        masking: NameMasking | None = None,
    ) -> None:
        self._backend = tokenizer
        self._backend.no_padding()
        self._backend.enable_truncation(
            max_tokens, stride=max_tokens // 4 if windows else 0, strategy=CUT
        )
        self._ngrams = ngrams
        self._masking = masking
        self._max_windows = MAX_WINDOWS if windows else 1
        self._max_chars = max_tokens * CHARS_PER_TOKEN * self._max_windows

    def prepare(self, texts: Sequence[str], subjects: Sequence[str] = ()) -> TextSlice:
        """Normalise ``texts``, mask names if the model reads none, tokenize, and compute margins.

        With ``subjects``, one for each text, the texts are asked about them. There are no margins
        then: the n-gram model knows of no subject.
        """
        normalised = [normalise(text[: self._max_chars]) for text in texts]
        names = list(map(normalise, subjects))
        if self._masking:
            normalised, names = self._masking.mask_all(normalised, names)
        asked: list[str | tuple[str, str]] = [*normalised]
        if subjects:
            asked = [question(text, name) for text, name in zip(normalised, names, strict=True)]
        windows: list[TokenWindow] = []
        for index, encoded in enumerate(self._backend.encode_batch_fast(asked)):
            encodings = [encoded, *encoded.overflowing][: self._max_windows]
            windows += [TokenWindow(index, encoding.ids) for encoding in encodings]
        margins = self._ngrams.margins(normalised) if self._ngrams and not subjects else None
        return TextSlice(windows, margins)

    def _measured(self, texts: Sequence[str], subjects: Sequence[str]) -> TextSlice:
        with METER.phase("tokenize"):
            return self.prepare(texts, subjects)

    def prepare_ahead(
        self, texts: Sequence[str], subjects: Sequence[str] = ()
    ) -> Iterator[TextSlice]:
        """Yield the slices of ``texts``; a thread prepares the next while the caller uses one."""
        with ThreadPoolExecutor(1, "newsquake-tokens") as thread:
            previous = None
            start, size = 0, FIRST_SLICE_TEXTS
            while start < len(texts):
                stop = start + size
                following = thread.submit(self._measured, texts[start:stop], subjects[start:stop])
                start, size = start + size, min(2 * size, MAX_SLICE_TEXTS)
                if previous:
                    yield previous.result()
                previous = following
            if previous:
                yield previous.result()


def mean_by_text(windows: Sequence[TokenWindow], logits: Matrix) -> Matrix:
    """Average the logits of each text's windows: (windows, classes) to (texts, classes).

    The windows of a text stand together, in order.
    """
    texts = np.array([window.text for window in windows])
    count = int(texts[-1]) + 1
    if count == len(windows):
        return logits
    sums = np.zeros((count, logits.shape[1]))
    np.add.at(sums, texts, logits)
    return sums / np.bincount(texts, minlength=count)[:, np.newaxis]
