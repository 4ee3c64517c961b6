"""Linear layers with eight-bit whole numbers, for processors that have instructions for them.

Weights are quantised with one step size a channel, inputs with one step size and one offset a
token. One step size for a whole batch would be as coarse as the batch's largest number demands, and
a text's answer would depend on the texts beside it (Yao et al. 2022, "ZeroQuant", section 4.1).
"""

from typing import Any, Final

import torch
from torch import Tensor, nn
from transformers.models.bert.modeling_bert import BertIntermediate, BertSelfAttention
from transformers.models.mpnet.modeling_mpnet import MPNetIntermediate, MPNetSelfAttention

_MAX_INPUT: Final = 127
"""Largest quantised input: the limit of a signed byte."""
_MAX_WEIGHT: Final = 127
"""Largest quantised weight on a processor with VNNI instructions."""
_MAX_WEIGHT_WITHOUT_VNNI: Final = 63
"""Without VNNI two products are summed in sixteen bits, which 2 * 255 * 63 still fits."""
_ATTENTION: Final = (".attention.self.", ".attention.attn.")
"""Parts of the names of layers in the self-attention, which is replaced as a whole."""
_MIN_STEP: Final = 1e-12
"""Keeps the step of a channel or token whose numbers are all equal above zero."""


class Int8Linear(nn.Module):
    """Linear layers side by side: (…, in) to (…, sum of out), in fp32."""

    def __init__(self, *layers: nn.Linear) -> None:
        super().__init__()
        weight = torch.cat([layer.weight.detach() for layer in layers]).float()
        vnni = torch.cpu._is_vnni_supported()  # noqa: SLF001 - there is no public way
        largest = _MAX_WEIGHT if vnni else _MAX_WEIGHT_WITHOUT_VNNI
        step = (weight.abs().amax(dim=1, keepdim=True) / largest).clamp(min=_MIN_STEP)
        quantized = (weight / step).round()
        self._packed = torch.ops.onednn.qlinear_prepack(quantized.to(torch.int8), None)
        self._step = step.flatten()
        self._zeros = torch.zeros(len(weight), dtype=torch.int32)
        self._sums = (quantized * step).sum(dim=1)
        self._bias = torch.cat([_bias(layer) for layer in layers])

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the layers' output, within about a hundredth of its spread."""
        rows = inputs.reshape(-1, inputs.shape[-1])
        lowest, highest = rows.amin(dim=1, keepdim=True), rows.amax(dim=1, keepdim=True)
        middle = (highest + lowest) / 2
        step = ((highest - lowest) / (2 * _MAX_INPUT)).clamp_(min=_MIN_STEP)
        inverse = step.reciprocal()
        quantized = (rows * inverse).sub_(middle * inverse).round_().to(torch.int8)
        offsets = torch.addr(self._bias, middle.flatten(), self._sums)

        # oneDNN is fast with unsigned inputs only: add 128 here, and let it subtract the 128.
        unsigned = quantized.view(torch.uint8).bitwise_xor_(128)
        weight = (self._packed, self._step, self._zeros)
        output = (None, 1.0, 0, torch.float32)
        product: Tensor = torch.ops.onednn.qlinear_pointwise(
            unsigned, 1.0, 128, *weight, *output, "none", [], ""
        )
        return offsets.addcmul_(product, step).view(*inputs.shape[:-1], -1)


class _Int8SelfAttention(nn.Module):
    """BERT's self-attention with one matrix product for queries, keys and values."""

    def __init__(self, attention: BertSelfAttention) -> None:
        super().__init__()
        self._projection = Int8Linear(attention.query, attention.key, attention.value)
        self._heads, self._scaling = attention.num_attention_heads, attention.scaling

    def forward(
        self,
        hidden: Tensor,
        attention_mask: Tensor | None = None,
        **_: Any,  # transformers passes more arguments than this layer needs
    ) -> tuple[Tensor, None]:
        shape = (*hidden.shape[:-1], 3, self._heads, -1)
        query, key, value = self._projection(hidden).view(shape).permute(2, 0, 3, 1, 4)
        weights = torch.matmul(query * self._scaling, key.transpose(2, 3))
        if attention_mask is not None:
            weights += attention_mask
        attended = torch.matmul(weights.softmax(dim=-1), value)
        return attended.transpose(1, 2).reshape(hidden.shape), None


class _Int8MPNetAttention(nn.Module):
    """MPNet's self-attention: BERT's, with biases of relative positions and the output layer."""

    def __init__(self, attention: MPNetSelfAttention) -> None:
        super().__init__()
        self._projection = Int8Linear(attention.q, attention.k, attention.v)
        self._output = Int8Linear(attention.o)
        self._heads = attention.num_attention_heads
        self._scaling = attention.attention_head_size**-0.5

    def forward(
        self,
        hidden: Tensor,
        attention_mask: Tensor | None = None,
        position_bias: Tensor | None = None,
        **_: Any,  # transformers passes more arguments than this layer needs
    ) -> tuple[Tensor]:
        shape = (*hidden.shape[:-1], 3, self._heads, -1)
        query, key, value = self._projection(hidden).view(shape).permute(2, 0, 3, 1, 4)
        weights = torch.matmul(query * self._scaling, key.transpose(2, 3))
        for addend in (position_bias, attention_mask):
            if addend is not None:
                weights += addend
        attended = torch.matmul(weights.softmax(dim=-1), value)
        return (self._output(attended.transpose(1, 2).reshape(hidden.shape)),)


class _Bf16Activation(nn.Module):
    """An activation in bf16, which moves half as many bytes through memory as fp32 does."""

    def __init__(self, activation: nn.Module) -> None:
        super().__init__()
        self._activation = activation

    def forward(self, inputs: Tensor) -> Tensor:
        outputs: Tensor = self._activation(inputs.bfloat16()).float()
        return outputs


def quantize(model: nn.Module) -> nn.Module:
    """Replace the layers of a BERT or MPNet encoder in place, and return ``model``.

    Embeddings, norms and the heads behind the encoder stay in fp32.
    """
    for name, module in [*model.named_modules()]:
        if isinstance(module, BertSelfAttention):
            _replace(model, name, _Int8SelfAttention(module))
        elif isinstance(module, MPNetSelfAttention):
            _replace(model, name, _Int8MPNetAttention(module))
        elif isinstance(module, BertIntermediate | MPNetIntermediate):
            module.intermediate_act_fn = _Bf16Activation(module.intermediate_act_fn)
        in_attention = any(part in name for part in _ATTENTION)
        if isinstance(module, nn.Linear) and ".layer." in name and not in_attention:
            _replace(model, name, Int8Linear(module))
    return model


def _replace(model: nn.Module, name: str, replacement: nn.Module) -> None:
    parent, _, attribute = name.rpartition(".")
    setattr(model.get_submodule(parent), attribute, replacement)


def _bias(layer: nn.Linear) -> Tensor:
    return torch.zeros(layer.out_features) if layer.bias is None else layer.bias.detach().float()
