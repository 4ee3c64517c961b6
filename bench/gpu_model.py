"""The shipped model's network in plain PyTorch, for a machine that has nothing else of it.

It computes what `nlp.transformer.multitask` does on the small encoder, a BERT (Devlin et al. 2019).
"""

import copy
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

LENGTH_STEP: Final = 8
"""Windows are filled up to a multiple of this, so that few shapes occur."""
WEIGHTS: Final = "weights.bin"
INDEX: Final = "weights.json"


class Shape(NamedTuple):
    """What the weights do not show.

    Attributes:
        heads: attention heads of a layer.
        epsilon: added to variances by the norms.
        padding: the token that fills up short windows.
        outputs: names of the linear layers behind the encoder, in the order of the logits.
    """

    heads: int
    epsilon: float
    padding: int
    outputs: Sequence[str]


def write_weights(folder: Path, weights: Mapping[str, Any], shape: Shape) -> None:
    """Write numpy arrays in half precision, one after the other, and an index of them."""
    index: dict[str, Sequence[int]] = {}
    with (folder / WEIGHTS).open("wb") as file:
        for name, array in weights.items():
            index[name] = array.shape
            file.write(array.astype("<f2").tobytes())
    (folder / INDEX).write_text(json.dumps({"shape": shape, "weights": index}))


def read_network(folder: Path) -> "Network":
    """Return the network that `write_weights` wrote, in fp32, on the CPU."""
    index = json.loads((folder / INDEX).read_text())
    stored = torch.frombuffer(bytearray((folder / WEIGHTS).read_bytes()), dtype=torch.float16)
    sizes = [torch.Size(shape).numel() for shape in index["weights"].values()]
    floats: Any = stored.float()  # PyTorch does not say what split takes
    arrays = zip(index["weights"].items(), floats.split(sizes), strict=True)
    weights = {name: array.reshape(shape).clone() for (name, shape), array in arrays}
    return Network(weights, Shape(*index["shape"])).eval()


class Network(nn.Module):
    """Token ids, (windows, tokens), to rows of logits of all heads, (windows, classes)."""

    def __init__(self, weights: Mapping[str, Tensor], shape: Shape) -> None:
        super().__init__()
        self.padding = shape.padding
        places = weights["embeddings.position_embeddings.weight"]
        # All tokens are of the first type.
        places = places + weights["embeddings.token_type_embeddings.weight"][0]
        self.words = _embedding(weights["embeddings.word_embeddings.weight"])
        self.places = _embedding(places)
        self.norm = _norm(weights, "embeddings.LayerNorm", shape)
        count = len({name.split(".")[2] for name in weights if ".layer." in name})
        self.layers = nn.ModuleList(
            _Layer(weights, f"encoder.layer.{number}.", shape) for number in range(count)
        )
        self.heads = _linear(weights, shape.outputs)

    def forward(self, ids: Tensor) -> Tensor:
        """Return the logits; the padding of a window changes none."""
        is_text = ids != self.padding
        hidden = self.norm(self.words(ids) + self.places.weight[: ids.shape[1]])
        for layer in self.layers:
            hidden = layer(hidden, is_text[:, None, None])
        shares = is_text.unsqueeze(2).to(hidden.dtype)
        pooled = (hidden * shares).sum(dim=1) / shares.sum(dim=1).clamp(min=1)
        rows: Tensor = self.heads(pooled)
        return rows

    def products(self, tokens: int) -> int:
        """Return the multiplications and additions of a window of so many tokens."""
        linear = [layer for layer in self.modules() if isinstance(layer, nn.Linear)]
        matrices = sum(layer.weight.numel() for layer in linear)
        attention = 2 * tokens * tokens * self.places.embedding_dim * len(self.layers)
        return 2 * (tokens * int(matrices) + attention)


class _Layer(nn.Module):
    def __init__(self, weights: Mapping[str, Tensor], name: str, shape: Shape) -> None:
        super().__init__()
        self._heads = shape.heads
        parts = ("query", "key", "value")
        self.mixed = _linear(weights, (f"{name}attention.self.{part}" for part in parts))
        self.joined = _linear(weights, [f"{name}attention.output.dense"])
        self.attention_norm = _norm(weights, f"{name}attention.output.LayerNorm", shape)
        self.wide = _linear(weights, [f"{name}intermediate.dense"])
        self.narrow = _linear(weights, [f"{name}output.dense"])
        self.output_norm = _norm(weights, f"{name}output.LayerNorm", shape)

    def forward(self, hidden: Tensor, is_text: Tensor) -> Tensor:
        windows, tokens, width = hidden.shape
        mixed = self.mixed(hidden).view(windows, tokens, 3, self._heads, width // self._heads)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(query, key, value, is_text)
        attended = attended.transpose(1, 2).reshape(windows, tokens, width)
        hidden = self.attention_norm(self.joined(attended) + hidden)
        result: Tensor = self.output_norm(self.narrow(functional.gelu(self.wide(hidden))) + hidden)
        return result


class BareRuntime:
    """A runtime of `Network` (`nlp.inference.runtime.Runtime`), whatever folder it is given."""

    name = "torch"
    cores = 1
    parallel_batches = 1

    def __init__(self, network: Network, device: str, dtype: str) -> None:
        self.device, self.dtype = device, dtype
        self._network = network

    def load(self, folder: Path) -> "BareModel":  # noqa: ARG002 - the protocol's
        """Return the network, on the device and in the precision."""
        return BareModel(placed(self._network, self.device, self.dtype), self.device)

    def use_cores(self, count: int) -> None:
        """Do nothing: one batch uses the whole device."""

    def is_out_of_memory(self, error: Exception) -> bool:
        """Return whether a smaller batch may do."""
        return isinstance(error, torch.OutOfMemoryError)

    def is_device_lost(self, error: Exception) -> bool:
        """Return whether the device is lost."""
        return isinstance(error, torch.AcceleratorError)

    def is_device_taken(self) -> bool:
        """Return False: a measured machine is alone."""
        return False

    def softmax(self, logits: Any) -> Any:
        """Return probabilities that sum to 1 in each row."""
        return torch.from_numpy(logits).softmax(dim=1).numpy()

    def sigmoid(self, logits: Any) -> Any:
        """Return the logistic function of each number."""
        return torch.from_numpy(logits).sigmoid().numpy()


class BareModel:
    """A network on a device, as `nlp.inference.runtime.LoadedModel`."""

    def __init__(self, network: Network, device: str) -> None:
        self._network, self._device = network, device

    def forward(self, batch: Sequence[Sequence[int]]) -> Sequence[Any]:
        """Return the logits of each window."""
        with torch.inference_mode():
            ids = padded(batch, self._network.padding)
            rows = self._network(ids.to(self._device, non_blocking=True))
            return list(rows.float().cpu().numpy())


def placed(network: Network, device: str, dtype: str) -> Network:
    """Return a copy of the network on a device, in the precision ``fp32`` or ``bf16``."""
    return copy.deepcopy(network).to(device, torch.bfloat16 if dtype == "bf16" else torch.float32)


def padded(windows: Sequence[Sequence[int]], padding: int) -> Tensor:
    """Return token ids, (windows, tokens); the tokens are a multiple of `LENGTH_STEP`."""
    longest = -(-max(map(len, windows)) // LENGTH_STEP) * LENGTH_STEP
    return torch.tensor([[*window, *[padding] * (longest - len(window))] for window in windows])


def _embedding(weight: Tensor) -> nn.Embedding:
    layer = nn.Embedding(*weight.shape)
    layer.weight = nn.Parameter(weight)
    return layer


def _linear(weights: Mapping[str, Tensor], names: Iterable[str]) -> nn.Linear:
    """Return linear layers side by side."""
    names = list(names)
    weight = torch.cat([weights[f"{name}.weight"] for name in names])
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.weight = nn.Parameter(weight)
    layer.bias = nn.Parameter(torch.cat([weights[f"{name}.bias"] for name in names]))
    return layer


def _norm(weights: Mapping[str, Tensor], name: str, shape: Shape) -> nn.LayerNorm:
    weight = weights[f"{name}.weight"]
    norm = nn.LayerNorm(len(weight), shape.epsilon)
    norm.weight = nn.Parameter(weight)
    norm.bias = nn.Parameter(weights[f"{name}.bias"])
    return norm
