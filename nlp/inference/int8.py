"""Matrix products of whole numbers of eight bits, on processors that have instructions for them.

Weights are in steps of a size a channel, inputs in steps of a size a token, from its least number
to its largest: steps of one size for a whole batch would be as coarse as its largest number asks
for, and a text's answer would depend on the texts beside it (Yao et al. 2022, "ZeroQuant",
section 4.1).
"""

from typing import Any, Final

import torch
from torch import Tensor, nn
from transformers.models.bert.modeling_bert import BertIntermediate, BertSelfAttention

_MOST: Final = 127
_SAFE: Final = 63
"""Without VNNI two products are summed in sixteen bits, which 2 * 255 * 63 still fits."""
_TINY: Final = 1e-12


class EightBit(nn.Module):
    """As the layers it is made of, side by side: (…, in) to (…, sum of out), in fp32."""

    def __init__(self, *layers: nn.Linear) -> None:
        super().__init__()
        weight = torch.cat([layer.weight.detach() for layer in layers]).float()
        most = _MOST if torch.cpu._is_vnni_supported() else _SAFE  # noqa: SLF001 - no public way
        step = (weight.abs().amax(dim=1, keepdim=True) / most).clamp(min=_TINY)
        whole = (weight / step).round()
        self._packed = torch.ops.onednn.qlinear_prepack(whole.to(torch.int8), None)
        self._step = step.flatten()
        self._zeros = torch.zeros(len(weight), dtype=torch.int32)
        self._sums = (whole * step).sum(dim=1)
        self._bias = torch.cat([_bias(layer) for layer in layers])

    def forward(self, inputs: Tensor) -> Tensor:
        """Linear's answer, within about a hundredth of its spread."""
        rows = inputs.reshape(-1, inputs.shape[-1])
        least, most = rows.amin(dim=1, keepdim=True), rows.amax(dim=1, keepdim=True)
        middle, step = (most + least) / 2, ((most - least) / (2 * _MOST)).clamp_(min=_TINY)
        fine = step.reciprocal()
        whole = (rows * fine).sub_(middle * fine).round_().to(torch.int8)
        offsets = torch.addr(self._bias, middle.flatten(), self._sums)
        return offsets.addcmul_(self._product(whole), step).view(*inputs.shape[:-1], -1)

    def _product(self, whole: Tensor) -> Tensor:
        # oneDNN is fast with unsigned inputs only: they are 128 more, which it takes away again.
        unsigned = whole.view(torch.uint8).bitwise_xor_(128)
        weight = (self._packed, self._step, self._zeros)
        answer = (None, 1.0, 0, torch.float32)
        found: Tensor = torch.ops.onednn.qlinear_pointwise(
            unsigned, 1.0, 128, *weight, *answer, "none", [], ""
        )
        return found


class _Attention(nn.Module):
    """BERT's self-attention with one product for queries, keys and values."""

    def __init__(self, attention: BertSelfAttention) -> None:
        super().__init__()
        self._three = EightBit(attention.query, attention.key, attention.value)
        self._heads, self._scaling = attention.num_attention_heads, attention.scaling

    def forward(
        self, hidden: Tensor, attention_mask: Tensor | None = None, **_: Any
    ) -> tuple[Tensor, None]:
        shape = (*hidden.shape[:-1], 3, self._heads, -1)
        query, key, value = self._three(hidden).view(shape).permute(2, 0, 3, 1, 4)
        weights = torch.matmul(query * self._scaling, key.transpose(2, 3))
        if attention_mask is not None:
            weights += attention_mask
        found = torch.matmul(weights.softmax(dim=-1), value)
        return found.transpose(1, 2).reshape(hidden.shape), None


def eightbit(model: nn.Module) -> nn.Module:
    """``model``, whose encoder's layers are replaced; what stands outside its layers stays."""
    for name, module in [*model.named_modules()]:
        if isinstance(module, BertSelfAttention):
            _replace(model, name, _Attention(module))
        elif isinstance(module, BertIntermediate):
            module.intermediate_act_fn = _Half(module.intermediate_act_fn)
        if isinstance(module, nn.Linear) and ".layer." in name and ".attention.self." not in name:
            _replace(model, name, EightBit(module))
    return model


class _Half(nn.Module):
    """An activation in bf16, which takes half of the memory's time that fp32 does."""

    def __init__(self, activation: Any) -> None:
        super().__init__()
        self._activation = activation

    def forward(self, inputs: Tensor) -> Tensor:
        found: Tensor = self._activation(inputs.bfloat16()).float()
        return found


def _replace(model: nn.Module, name: str, by: nn.Module) -> None:
    parent, _, own = name.rpartition(".")
    setattr(model.get_submodule(parent), own, by)


def _bias(layer: nn.Linear) -> Tensor:
    return torch.zeros(layer.out_features) if layer.bias is None else layer.bias.detach().float()
