"""The network of newsquake's own models as a graph of OpenVINO, made of weights in numpy.

It computes what `nlp.transformer.multitask` computes: an encoder, BERT (Devlin et al. 2019) or
MPNet (Song et al. 2020), the mean of the tokens' vectors, and the heads side by side. OpenVINO
fuses the operations of a layer itself.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nlp.inference.openvino_library import Model, Node, ops
from nlp.tasks import HEADS
from nlp.transformer.weights import Weights

MASKED: Final = np.float32(-1e4)
"""Added to the attention that padding would get: its exponential is zero."""
_WORDS: Final = "embeddings.word_embeddings.weight"
_PLACES: Final = "embeddings.position_embeddings.weight"
_TYPES: Final = "embeddings.token_type_embeddings.weight"
_DISTANCES: Final = "encoder.relative_attention_bias.weight"
_FARTHEST: Final = 128
"""Tokens apart from which on MPNet takes all for equally far."""


class _Attention(NamedTuple):
    """Names of the parts of a layer's attention, behind the name of the layer."""

    query: str
    key: str
    value: str
    joined: str
    norm: str


ATTENTIONS: Final = {
    "bert": _Attention(
        "attention.self.query",
        "attention.self.key",
        "attention.self.value",
        "attention.output.dense",
        "attention.output.LayerNorm",
    ),
    "mpnet": _Attention(
        "attention.attn.q",
        "attention.attn.k",
        "attention.attn.v",
        "attention.attn.o",
        "attention.LayerNorm",
    ),
}
"""The architectures that are known here, by the name that an encoder's configuration gives them."""


class Shape(NamedTuple):
    """The properties of an encoder that its weights do not show.

    Attributes:
        architecture: one of `ATTENTIONS`.
        heads: attention heads of each layer.
        epsilon: added to variances by the norms.
        padding: the token that fills up short windows.
    """

    architecture: str
    heads: int
    epsilon: float
    padding: int


class _Encoder:
    """Makes the nodes of one encoder from its weights."""

    def __init__(self, weights: Weights, shape: Shape) -> None:
        self._weights = weights
        self._shape = shape
        self._names = ATTENTIONS[shape.architecture]
        self._width = len(weights["embeddings.LayerNorm.weight"])

    def encode(self, ids: Node, is_text: Node) -> Node:
        """Return the vectors of the tokens, (windows, tokens, width)."""
        tokens = ops.gather(ops.shape_of(ids, output_type="i32"), _int(1), _int(0))
        numbers = ops.range(_int(0), tokens, _int(1), output_type="i32")
        padding = ops.multiply(ops.subtract(_float(1.0), is_text), ops.constant(MASKED))
        bias = ops.unsqueeze(padding, _ints(1, 2))
        if _DISTANCES in self._weights:
            bias = ops.add(bias, self._distances(numbers))
        hidden = self._embed(ids, numbers, is_text)
        layers = {name.split(".")[2] for name in self._weights if ".layer." in name}
        for number in range(len(layers)):
            name = f"encoder.layer.{number}."
            attended = self.linear(self._attend(hidden, bias, name), name + self._names.joined)
            hidden = self._norm(ops.add(attended, hidden), name + self._names.norm)
            wide = ops.gelu(self.linear(hidden, f"{name}intermediate.dense"), "erf")
            narrow = self.linear(wide, f"{name}output.dense")
            hidden = self._norm(ops.add(narrow, hidden), f"{name}output.LayerNorm")
        return hidden

    def linear(self, inputs: Node, *names: str) -> Node:
        """Return the linear layers ``names``, side by side."""
        weight = np.concatenate([self._weights[f"{name}.weight"] for name in names])
        bias = np.concatenate([self._weights[f"{name}.bias"] for name in names])
        return ops.add(_product(inputs, ops.constant(weight), turned=True), ops.constant(bias))

    def _embed(self, ids: Node, numbers: Node, is_text: Node) -> Node:
        """Return the sum of the vectors of each token and its place, (windows, tokens, width)."""
        places = self._weights[_PLACES]
        if self._shape.architecture == "mpnet":  # it counts from the padding on, and only text
            counted = ops.multiply(ops.cum_sum(is_text, _int(1)), is_text)
            numbers = ops.add(ops.convert(counted, "i32"), _int(self._shape.padding))
        else:
            # All tokens are of the first type, also those of a company that a text is asked about.
            places = places + self._weights[_TYPES][0]
        summed = ops.add(
            ops.gather(ops.constant(self._weights[_WORDS]), ids, _int(0)),
            ops.gather(ops.constant(places), numbers, _int(0)),
        )
        return self._norm(summed, "embeddings.LayerNorm")

    def _attend(self, hidden: Node, bias: Node, name: str) -> Node:
        """Return what each token takes from the others, (windows, tokens, width)."""
        scale = np.float32((self._width // self._shape.heads) ** -0.5)
        query, key, value = (
            self._by_head(self.linear(hidden, name + part)) for part in self._names[:3]
        )
        likeness = _product(ops.multiply(query, ops.constant(scale)), key, turned=True)
        shares = ops.softmax(ops.add(likeness, bias), 3)
        attended = ops.transpose(_product(shares, value), _ints(0, 2, 1, 3))
        return ops.reshape(attended, _ints(0, 0, self._width), special_zero=True)

    def _distances(self, numbers: Node) -> Node:
        """Return what MPNet adds to the attention between tokens, (1, heads, tokens, tokens)."""
        learnt = self._weights[_DISTANCES]
        farthest = len(self._weights[_PLACES])
        by_distance = learnt[buckets(np.arange(-farthest, farthest + 1), len(learnt))]
        apart = ops.subtract(ops.unsqueeze(numbers, _int(0)), ops.unsqueeze(numbers, _int(1)))
        rows = ops.gather(ops.constant(by_distance), ops.add(apart, _int(farthest)), _int(0))
        return ops.unsqueeze(ops.transpose(rows, _ints(2, 0, 1)), _int(0))

    def _norm(self, inputs: Node, name: str) -> Node:
        """Return each token's vector with mean 0 and variance 1, scaled and shifted."""
        normalise_variance = True
        centred = ops.mvn(inputs, _ints(-1), normalise_variance, self._shape.epsilon, "inside_sqrt")
        scaled = ops.multiply(centred, ops.constant(self._weights[f"{name}.weight"]))
        return ops.add(scaled, ops.constant(self._weights[f"{name}.bias"]))

    def _by_head(self, hidden: Node) -> Node:
        heads = self._shape.heads
        split = ops.reshape(hidden, _ints(0, 0, heads, self._width // heads), special_zero=True)
        return ops.transpose(split, _ints(0, 2, 1, 3))


def build(weights: Weights, shape: Shape) -> Model:
    """Return the network: token ids with padding, (windows, tokens), to rows of logits."""
    encoder = _Encoder(weights, shape)
    ids = ops.parameter([-1, -1], np.int32, "ids")
    is_text = ops.convert(ops.not_equal(ids, _int(shape.padding)), "f32")
    hidden = encoder.encode(ids, is_text)
    # A window of padding alone would be divided by zero.
    counts = ops.maximum(ops.reduce_sum(is_text, _ints(1), keep_dims=True), _float(1.0))
    shares = ops.unsqueeze(ops.divide(is_text, counts), _int(1))
    pooled = ops.squeeze(_product(shares, hidden), _int(1))
    return Model([encoder.linear(pooled, *HEADS)], [ids], "newsquake")


def buckets(distances: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return the number of the bias that MPNet learnt for each distance between two tokens.

    Half of ``count`` are for tokens to the right. Of each half the first half is for one distance
    each, the others for ever wider ranges (Raffel et al. 2020, section 2.1).
    """
    half = count // 2
    exact = half // 2
    sizes = np.abs(distances)
    logarithms = np.log(np.maximum(sizes, 1).astype(np.float32) / exact)
    ranges = exact + (logarithms / np.log(_FARTHEST / exact) * (half - exact)).astype(np.int64)
    within = np.where(sizes < exact, sizes, np.minimum(ranges, half - 1))
    return np.where(distances > 0, half, 0) + within


def _product(left: Node, right: Node, *, turned: bool = False) -> Node:
    """Return the product of matrices; ``turned``: the right one is transposed."""
    as_it_is = False
    return ops.matmul(left, right, as_it_is, turned)


def _ints(*numbers: int) -> Node:
    return ops.constant(np.array(numbers, np.int32))


def _int(number: int) -> Node:
    return ops.constant(np.int32(number))


def _float(number: float) -> Node:
    return ops.constant(np.float32(number))
