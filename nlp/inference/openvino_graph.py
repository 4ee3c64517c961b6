"""The network of newsquake's own models as a graph of OpenVINO, made of weights in numpy.

It computes what `nlp.transformer.multitask` computes: BERT (Devlin et al. 2019), the mean of the
tokens' vectors, and the heads side by side. OpenVINO fuses the operations of a layer itself.
"""

from typing import Final, NamedTuple

import numpy as np
from openvino import Model, Node
from openvino import opset13 as ops

from nlp.tasks import HEADS
from nlp.transformer.weights import Weights

MASKED: Final = np.float32(-1e4)
"""Added to the attention that padding would get: its exponential is zero."""


class Shape(NamedTuple):
    """The numbers of a BERT encoder that its weights do not show.

    Attributes:
        heads: attention heads of each layer.
        epsilon: added to variances by the norms.
    """

    heads: int
    epsilon: float


class _Layers:
    """Makes the nodes of one network from its weights."""

    def __init__(self, weights: Weights, shape: Shape) -> None:
        self._weights = weights
        self._shape = shape
        self._width = len(weights["embeddings.LayerNorm.weight"])

    def embeddings(self, ids: Node) -> Node:
        """Return the sum of the vectors of each token and its place, (windows, tokens, width)."""
        # All tokens are of the first type, also those of the company that a text is asked about.
        places = (
            self._weights["embeddings.position_embeddings.weight"]
            + self._weights["embeddings.token_type_embeddings.weight"][0]
        )
        tokens = ops.gather(ops.shape_of(ids, output_type="i32"), _ints(1), _ints(0))
        numbers = ops.range(_ints(0), tokens, _ints(1), output_type="i32")
        words = self._weights["embeddings.word_embeddings.weight"]
        summed = ops.add(
            ops.gather(ops.constant(words), ids, _ints(0)),
            ops.gather(ops.constant(places), numbers, _ints(0)),
        )
        return self.norm(summed, "embeddings.LayerNorm")

    def layer(self, hidden: Node, mask: Node, name: str) -> Node:
        """Return the output of one layer, (windows, tokens, width)."""
        attended = self.attention(hidden, mask, f"{name}.attention.self")
        attended = self.linear(attended, f"{name}.attention.output.dense")
        hidden = self.norm(ops.add(attended, hidden), f"{name}.attention.output.LayerNorm")
        wide = ops.gelu(self.linear(hidden, f"{name}.intermediate.dense"), "erf")
        narrow = self.linear(wide, f"{name}.output.dense")
        return self.norm(ops.add(narrow, hidden), f"{name}.output.LayerNorm")

    def attention(self, hidden: Node, mask: Node, name: str) -> Node:
        """Return what each token takes from the others, (windows, tokens, width)."""
        scale = np.float32((self._width // self._shape.heads) ** -0.5)
        query, key, value = (
            self._by_head(self.linear(hidden, f"{name}.{part}"))
            for part in ("query", "key", "value")
        )
        likeness = ops.matmul(ops.multiply(query, ops.constant(scale)), key, False, True)  # noqa: FBT003 - OpenVINO's own
        shares = ops.softmax(ops.add(likeness, mask), 3)
        attended = ops.transpose(ops.matmul(shares, value, False, False), _ints(0, 2, 1, 3))  # noqa: FBT003 - OpenVINO's own
        return ops.reshape(attended, _ints(0, 0, self._width), special_zero=True)

    def linear(self, inputs: Node, *names: str) -> Node:
        """Return the linear layers ``names``, side by side."""
        weight = np.concatenate([self._weights[f"{name}.weight"] for name in names])
        bias = np.concatenate([self._weights[f"{name}.bias"] for name in names])
        product = ops.matmul(inputs, ops.constant(weight), False, True)  # noqa: FBT003 - OpenVINO's own
        return ops.add(product, ops.constant(bias))

    def norm(self, inputs: Node, name: str) -> Node:
        """Return each token's vector with mean 0 and variance 1, scaled and shifted."""
        centred = ops.mvn(inputs, _ints(-1), True, self._shape.epsilon, "inside_sqrt")  # noqa: FBT003 - OpenVINO's own
        scaled = ops.multiply(centred, ops.constant(self._weights[f"{name}.weight"]))
        return ops.add(scaled, ops.constant(self._weights[f"{name}.bias"]))

    def _by_head(self, hidden: Node) -> Node:
        heads = self._shape.heads
        split = ops.reshape(hidden, _ints(0, 0, heads, self._width // heads), special_zero=True)
        return ops.transpose(split, _ints(0, 2, 1, 3))


def build(weights: Weights, shape: Shape) -> Model:
    """Return the network: token ids, (windows, tokens) with 0 for padding, to rows of logits."""
    layers = _Layers(weights, shape)
    ids = ops.parameter([-1, -1], np.int32, "ids")
    is_text = ops.convert(ops.not_equal(ids, _ints(0)), "f32")
    padding = ops.multiply(ops.subtract(_floats(1.0), is_text), ops.constant(MASKED))
    mask = ops.unsqueeze(padding, _ints(1, 2))

    hidden = layers.embeddings(ids)
    for number in range(_count_layers(weights)):
        hidden = layers.layer(hidden, mask, f"encoder.layer.{number}")

    # [PAD] alone would divide by zero.
    counts = ops.maximum(ops.reduce_sum(is_text, _ints(1), keep_dims=True), _floats(1.0))
    shares = ops.unsqueeze(ops.divide(is_text, counts), _ints(1))
    pooled = ops.squeeze(ops.matmul(shares, hidden, False, False), _ints(1))  # noqa: FBT003 - OpenVINO's own
    return Model([layers.linear(pooled, *HEADS)], [ids], "newsquake")


def _count_layers(weights: Weights) -> int:
    return len({name.split(".")[2] for name in weights if name.startswith("encoder.layer.")})


def _ints(*numbers: int) -> Node:
    return ops.constant(np.array(numbers if len(numbers) > 1 else numbers[0], np.int32))


def _floats(number: float) -> Node:
    return ops.constant(np.float32(number))
