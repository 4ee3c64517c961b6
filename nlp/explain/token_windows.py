"""The windows of tokens in which a model reads a text, with the characters of each token."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from nlp.companies.masking import NameMasking, RenamedText
from nlp.explain.word_spans import Span
from nlp.normalise import normalise
from nlp.transformer.tokenize import Tokenizer


class Window(NamedTuple):
    """Tokens of a text that go through the model together.

    Attributes:
        ids: the id of each token.
        is_text: False for a token that the tokenizer added, such as [CLS].
        spans: the characters of `WindowedText.written` for which each token stands.
    """

    ids: Sequence[int]
    is_text: Sequence[bool]
    spans: Sequence[Span]


class WindowedText(NamedTuple):
    """A text as its author wrote it and as the model reads it.

    Attributes:
        written: the normalised text.
        read: the same text, in which names are masked if the model reads none.
        windows: the windows of the text as it is read.
    """

    written: str
    read: RenamedText
    windows: Sequence[Window]


class WindowTokenizer(Tokenizer):
    """Cuts texts into the same windows as `Tokenizer`, and keeps the position of each token."""

    @classmethod
    def like(cls, tokenizer: Any, masking: NameMasking | None = None) -> Self:
        """Return one with the window length and stride that `Tokenizer` set on ``tokenizer``."""
        truncation = tokenizer.truncation
        windows = truncation["stride"] > 0
        return cls(tokenizer, truncation["max_length"], windows=windows, masking=masking)

    def windows(self, text: str) -> WindowedText:
        """Return a text with its windows."""
        written = normalise(text[: self._max_chars])
        read = self._masking.mask(written) if self._masking else RenamedText(written)
        encoded = self._backend.encode(read.text)
        encodings = [encoded, *encoded.overflowing][: self._max_windows]
        windows = [
            Window(
                encoding.ids,
                is_text=[not special for special in encoding.special_tokens_mask],
                spans=[Span(*read.old_span(*offsets)) for offsets in encoding.offsets],
            )
            for encoding in encodings
        ]
        return WindowedText(written, read, windows)
