"""Linear layers with eight-bit whole numbers."""

import pytest
import torch
from torch import nn

from nlp.inference.int8 import Int8Linear, quantize
from nlp.transformer.encoder import load_encoder

pytestmark = pytest.mark.model


def error(approximate: torch.Tensor, exact: torch.Tensor) -> float:
    """Return the root mean square error as a share of the exact answer's spread."""
    return float((approximate - exact).square().mean().sqrt() / exact.std())


@pytest.mark.parametrize("shift", [0.0, 3.0])
def test_one_loud_token_costs_the_others_no_precision(shift: float) -> None:
    """A headline beside one with an outlier would get another label."""
    torch.manual_seed(1)
    biased, unbiased = nn.Linear(64, 48), nn.Linear(64, 16, bias=False)
    inputs = torch.randn(2, 5, 64) + shift
    inputs[0, 0] *= 1_000
    with torch.inference_mode():
        exact = torch.cat([biased(inputs), unbiased(inputs)], dim=-1)
        quantized = Int8Linear(biased, unbiased)(inputs)
    assert error(quantized[1], exact[1]) < 0.03


def test_rows_of_one_number_are_finite() -> None:
    """A padded or empty row would spread NaN through the batch."""
    layer = nn.Linear(8, 4)
    inputs = torch.zeros(3, 8)
    inputs[1] = 2.0
    with torch.inference_mode():
        assert torch.allclose(Int8Linear(layer)(inputs), layer(inputs), atol=0.05)


def test_an_encoder_answers_nearly_as_before_whatever_is_beside_a_text() -> None:
    """Scores would turn on the batch that a text happens to be in, or be another model's."""
    torch.manual_seed(1)
    ids, mask = torch.randint(1_000, 20_000, (4, 12)), torch.ones(4, 12, dtype=torch.long)
    mask[0, 7:] = 0
    encoder = load_encoder().train(mode=False)
    with torch.inference_mode():
        exact = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        encoder = quantize(encoder)
        together = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        alone = encoder(input_ids=ids[:1, :7]).last_hidden_state
    assert error(together[0, :7], exact[0, :7]) < 0.15
    assert error(alone[0], together[0, :7]) < 0.05
