"""Texts to token ids, in slices that a thread prepares while the model works on the one before."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NamedTuple

from nlp.normalise import CHARS_PER_TOKEN, normalise
from nlp.transformer.ngrams import Ngrams, Vector

FIRST: Final = 32
"""Texts that are prepared first, since the device waits for them; then twice as many each time."""
SLICE: Final = 256
"""Texts that are prepared at a time, at most."""


class TokenWindow(NamedTuple):
    """Token ids of a text, or of one window of it; ``text`` is the text's index."""

    text: int
    ids: list[int]


class TextSlice(NamedTuple):
    """Texts that are ready: their pieces, and each text's margins, (texts, classes), if any."""

    pieces: list[TokenWindow]
    margins: Vector | None


class Tokenizer:
    """A tokenizer that cuts: a text is cut after ``longest`` tokens, or cut up into windows.

    Windows overlap by a quarter, so that no sentence is cut in all of them, and there are at most
    ``most`` of a text.
    """

    def __init__(
        self,
        tokenizer: Any,
        longest: int,
        *,
        ngrams: Ngrams | None = None,
        windows: bool = False,
        most: int = 8,
    ) -> None:
        self._backend = tokenizer.backend_tokenizer
        self._backend.no_padding()
        self._backend.enable_truncation(longest, stride=longest // 4 if windows else 0)
        self._ngrams = ngrams
        self._most = most if windows else 1
        self._chars = longest * CHARS_PER_TOKEN * self._most

    def prepare(self, texts: Sequence[str]) -> TextSlice:
        """The pieces of ``texts``, whose indices begin at 0, and their margins."""
        ready = [normalise(text[: self._chars]) for text in texts]
        found: list[TokenWindow] = []
        for index, encoded in enumerate(self._backend.encode_batch_fast(ready)):
            whole = [encoded, *encoded.overflowing][: self._most]
            found += [TokenWindow(index, part.ids) for part in whole]
        return TextSlice(found, self._ngrams.margins(ready) if self._ngrams else None)

    def ahead(self, texts: Sequence[str]) -> Iterator[TextSlice]:
        """Slices of ``texts``; the next is prepared while one is worked on."""
        with ThreadPoolExecutor(1, "newsquake-tokens") as thread:
            begun = None
            for part in _slices(texts):
                coming = thread.submit(self.prepare, part)
                if begun:
                    yield begun.result()
                begun = coming
            if begun:
                yield begun.result()


def _slices(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    start, size = 0, FIRST
    while start < len(texts):
        yield texts[start : start + size]
        start, size = start + size, min(2 * size, SLICE)
