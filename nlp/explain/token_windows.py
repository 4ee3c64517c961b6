"""The windows of tokens in which a model reads a text, with the characters of each token."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from nlp.explain.word_spans import Span
from nlp.normalise import normalise
from nlp.transformer.tokenize import Tokenizer


class Window(NamedTuple):
    """Tokens of a text that go through the model together.

    Attributes:
        ids: the id of each token.
        is_text: False for a token that the tokenizer added, such as [CLS].
        spans: the characters of the text for which each token stands.
    """

    ids: Sequence[int]
    is_text: Sequence[bool]
    spans: Sequence[Span]


class WindowTokenizer(Tokenizer):
    """Cuts texts into the same windows as `Tokenizer`, and keeps the position of each token."""

    @classmethod
    def like(cls, tokenizer: Any) -> Self:
        """Return one with the window length and stride that `Tokenizer` set on ``tokenizer``."""
        truncation = tokenizer.truncation
        return cls(tokenizer, truncation["max_length"], windows=truncation["stride"] > 0)

    def windows(self, text: str) -> tuple[str, list[Window]]:
        """Return the normalised text, to whose characters the spans refer, and its windows."""
        normalised = normalise(text[: self._max_chars])
        encoded = self._backend.encode(normalised)
        encodings = [encoded, *encoded.overflowing][: self._max_windows]
        return normalised, [
            Window(
                encoding.ids,
                is_text=[not special for special in encoding.special_tokens_mask],
                spans=[Span(*offsets) for offsets in encoding.offsets],
            )
            for encoding in encodings
        ]
