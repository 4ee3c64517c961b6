#!/bin/sh
# In ONNX Runtime's dynamic int8 a headline's label depends on which headlines are scored beside it.
#
# Versions: onnxruntime 1.32.0, onnx 1.23.2, numpy 2.4.6.
# One would guess: the rows of a batch know nothing of each other. In float32 that holds, to the last bit or nearly.
# What happens: quantize_dynamic makes nodes that take one scale from the smallest and largest activation of the whole
# batch. Another headline with larger activations makes the steps of this one coarser, and a close call flips. The
# model is a classifier of three labels with fixed random weights; there is no padding, each headline has 12 tokens.
# Who is hurt: whoever scores a stream in batches as large as the moment has it. A replay, another number of workers or
# a restart cuts the batches elsewhere, and the same news is then positive that was negative: an exactly-once pipeline
# that writes two answers to one question. Dedupe by hash of the result and golden files break in the same way.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import logging

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import InferenceSession
from onnxruntime.quantization import QuantType, quantize_dynamic

logging.disable(logging.WARNING)
HEADLINES, TOKENS, WORDS, WIDTH, LABELS = 2048, 12, 1000, 64, 3
random = numpy.random.default_rng(7)


def weights(name: str, *shape: int) -> onnx.TensorProto:
    scale = 1.0 if name == "words" else shape[0] ** -0.5
    return numpy_helper.from_array((scale * random.normal(size=shape)).astype(numpy.float32), name)


layers = [
    helper.make_node("Gather", ["words", "tokens"], ["embedded"]),
    helper.make_node("MatMul", ["embedded", "first"], ["hidden"]),
    helper.make_node("Relu", ["hidden"], ["active"]),
    helper.make_node("MatMul", ["active", "second"], ["mixed"]),
    helper.make_node("ReduceMean", ["mixed"], ["headline"], axes=[1], keepdims=0),
    helper.make_node("MatMul", ["headline", "last"], ["scores"]),
]
graph = helper.make_graph(
    layers,
    "sentiment",
    [helper.make_tensor_value_info("tokens", TensorProto.INT64, ["headlines", TOKENS])],
    [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["headlines", LABELS])],
    [weights("words", WORDS, WIDTH), weights("first", WIDTH, WIDTH), weights("second", WIDTH, WIDTH),
     weights("last", WIDTH, LABELS)],
)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), "float32.onnx")
quantize_dynamic("float32.onnx", "int8.onnx", weight_type=QuantType.QInt8)
headlines = random.integers(0, WORDS, (HEADLINES, TOKENS))


def flips(model: str, size: int) -> int:
    """Return how many headlines get another label in batches of ``size`` than alone."""
    session = InferenceSession(model, providers=["CPUExecutionProvider"])

    def score(batch: int) -> numpy.ndarray:
        parts = [headlines[start : start + batch] for start in range(0, HEADLINES, batch)]
        return numpy.concatenate([session.run(None, {"tokens": part})[0] for part in parts])

    alone, together = score(1), score(size)
    changed = int((alone.argmax(axis=1) != together.argmax(axis=1)).sum())
    print(f"{model:12} alone and in batches of {size:2}: {changed:2} of {HEADLINES} labels differ,"
          f" scores by up to {abs(alone - together).max():.1e}")
    return changed


assert flips("float32.onnx", 2) == flips("float32.onnx", 32) == 0
assert flips("int8.onnx", 2) > 0, "a neighbour changes nothing now"
assert flips("int8.onnx", 32) > 0, "a batch changes nothing now"
PY
