"""What holds for the source as a whole: arrows between rooms, light imports, sizes and names."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = {"torch", "transformers", "openvino", "aiokafka", "faust", "mode"}
KAFKA = {
    "agents.growth",
    "agents.kafka_topics",
    "agents.present_layout",
    "agents.sending.producer",
    "streams.backup.group_members",
    "streams.batches.batch_content",
    "streams.batches.guarded_fetch",
    "streams.batches.leader_epochs",
    "streams.batches.raw_batches",
    "streams.batches.transaction_batch",
    "streams.clocks.broker_clock",
    "streams.clocks.sending_clock",
    "streams.faust.app",
    "streams.faust.consumer",
    "streams.faust.consumer_thread",
    "streams.faust.leasing_consumer",
    "streams.faust.membership",
    "streams.faust.stopping",
    "streams.faust.transport",
    "streams.faust.worker",
    "streams.growth.grow",
    "streams.growth.layout_guard",
    "streams.growth.layout_store",
    "streams.growth.move",
    "streams.growth.start",
    "streams.kafka.connection",
    "streams.kafka.ended_producer",
    "streams.kafka.kafka_log",
    "streams.kafka.kafka_session",
    "streams.kafka.reading",
    "streams.kafka.refused_records",
    "streams.kafka.requests",
    "streams.kafka.skip",
    "streams.kafka.topic_comparison",
    "streams.kafka.topics",
    "streams.kafka.transactional_producer",
    "streams.monitoring.broker_health",
    "streams.positions.group_offsets",
    "streams.positions.topic_ids",
    "streams.monitoring.diagnosis",
    "streams.monitoring.explain",
    "streams.monitoring.explain_connection",
    "streams.monitoring.guarded_connections",
    "streams.monitoring.topic_visibility",
    "streams.monitoring.watchdog",
    "streams.security.token_login",
    "streams.security.tokens",
}
"""The modules that may import the Kafka libraries."""
OPENVINO = {
    "nlp.inference.openvino_graph",
    "nlp.inference.openvino_library",
    "nlp.inference.openvino_runtime",
}
"""The modules that may import OpenVINO."""
TORCH = {
    "nlp.inference.int8",
    "nlp.inference.padding",
    "nlp.inference.torch_runtime",
    "nlp.transformer.assemble",
    "nlp.transformer.delta",
    "nlp.transformer.multitask",
    "nlp.transformer.zero_shot",
    "nlp.continual.retrain",
    "nlp.continual.head_to_head",
} | {
    f"nlp.training.{name}"
    for name in (
        "calibrate",
        "data",
        "distributed",
        "initial_model",
        "optimizer",
        "run",
        "save",
        "snapshot",
        "train",
        "weight_averaging",
    )
}
"""The modules that may import torch: what loads or trains a transformer, and nothing else."""
LONGEST_FILE = 250
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
# In halves, so that this file does not name what it looks for.
REGISTRIES = ("py" + "pi.org", "python" + "hosted", "maven" + ".org", "ghcr" + ".io")


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - git is where the user's PATH has it
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [file for file in files if file.is_file()]


def _lines(file: Path) -> int:
    return len(file.read_text("utf-8").splitlines())


def _modules(room: str) -> list[str]:
    files = sorted((ROOT / room).rglob("*.py"))
    names = [file.relative_to(ROOT).with_suffix("").parts for file in files]
    return [".".join(parts).removesuffix(".__init__") for parts in names]


def _heavy_after(modules: list[str]) -> set[str]:
    code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)\n"
    done = subprocess.run(
        [sys.executable, "-c", code + "print(*sys.modules)", *modules],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return HEAVY & set(done.stdout.split())


@pytest.mark.parametrize("room", ["schemas", "nlp", "detection", "streams", "agents"])
def test_pure_parts_are_light(room: str) -> None:
    """Commands and tests that touch no Kafka and no model would take seconds to start."""
    modules = [name for name in _modules(room) if name not in KAFKA | TORCH | OPENVINO]
    assert _heavy_after(modules) == set()


def test_arrows_between_rooms_hold() -> None:
    """A room could no longer be understood, or replaced, without those to its right."""
    # In a process of its own: import-linter turns off the loggers of its process.
    code = (
        "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_are_short() -> None:
    """Whoever looks for a decision would have to read more than a screenful or two to find it."""
    lengths = {file: _lines(file) for file in _tracked() if file.suffix == ".py"}
    assert lengths
    assert [str(file) for file, lines in lengths.items() if lines > LONGEST_FILE] == []


def test_no_file_has_a_vague_name() -> None:
    """A stranger could not guess what is in it, and so everything would end up there."""
    assert [str(file) for file in _tracked() if file.stem.lower() in VAGUE] == []


def test_no_registry_is_named() -> None:
    """Those behind a mirror could not install from it: their tools know where packages are."""
    texts = {file: file.read_text("utf-8", "replace").lower() for file in _tracked()}
    named = [str(file) for file, text in texts.items() if any(it in text for it in REGISTRIES)]
    assert named == []


def test_ignored_linter_rules_carry_a_reason() -> None:
    """A reader could not tell a considered exception from a rule that was in the way."""
    directive = re.compile(r"# noqa(?!: [A-Z0-9, ]+ - \S)")
    files = [file for file in _tracked() if file.suffix == ".py" and file != Path(__file__)]
    lines = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in files
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if directive.search(line)
    ]
    assert lines == []
