"""Windows of several lengths as one batch: short ones are filled up with a token that is masked."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from nlp.inference.runtime import TokenIds


def padding_of(encoder: Any) -> int:
    """Return the id of the token that fills up short texts: 0 for BERT, 1 for MPNet."""
    padding: int = encoder.config.pad_token_id
    return padding


def pad(batch: Sequence[TokenIds], padding: int, device: str) -> tuple[Tensor, Tensor]:
    """Return an encoder's inputs on ``device``: token ids and mask, (windows, longest) each."""
    longest = max(map(len, batch))
    ids = torch.tensor([[*window, *[padding] * (longest - len(window))] for window in batch])
    if device.startswith("cuda"):
        ids = ids.pin_memory()
    ids = ids.to(device, non_blocking=True)
    # No text has the token: a tokenizer takes "[PAD]" in a text for padding, too, which is masked.
    return ids, (ids != padding).long()
