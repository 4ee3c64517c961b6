"""A text as the model is given it, with the characters that each of its tokens stands for."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from nlp.explain.word_spans import Span
from nlp.normalise import normalise
from nlp.transformer.tokenize import Tokenizer


class Window(NamedTuple):
    """Tokens of a text that go through the model together.

    ``ours`` says which came from the text, not from the tokenizer.
    """

    ids: Sequence[int]
    ours: Sequence[bool]
    spans: Sequence[Span]


class Windows(Tokenizer):
    """Cuts as `Tokenizer` does, and says where."""

    @classmethod
    def of(cls, tokenizer: Any) -> Self:
        """Cuts as the `Tokenizer` that were made with this tokenizer last."""
        cut = tokenizer.backend_tokenizer.truncation
        return cls(tokenizer, cut["max_length"], windows=cut["stride"] > 0)

    def cut(self, text: str) -> tuple[str, list[Window]]:
        """``text`` as it is read, in whose characters the spans count, and its windows."""
        ready = normalise(text[: self._max_chars])
        encoded = self._backend.encode(ready)
        return ready, [_window(part) for part in (encoded, *encoded.overflowing)][
            : self._max_windows
        ]


def _window(encoded: Any) -> Window:
    ours = [not special for special in encoded.special_tokens_mask]
    return Window(encoded.ids, ours, [Span(*offsets) for offsets in encoded.offsets])
