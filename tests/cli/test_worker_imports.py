"""Stages that need no model import nothing of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from agents.pipeline import AGENTS

ROOT = Path(__file__).parents[2]
LIBRARIES = frozenset(
    {"numpy", "openvino", "pandas", "py3langid", "rjieba", "safetensors", "scipy", "sklearn"}
    | {"sentence_transformers", "tokenizers", "torch", "transformers"}
)
"""What models are made of."""
UNREADING = [name for name, agent in AGENTS.items() if not (agent.needs_model or agent.is_edge)]
"""Those that run without settings of their own."""
ROOMS = ("nlp.checkpoints", "nlp.ensembles", "nlp.inference", "nlp.load", "nlp.transformer")
"""The modules that read a model or run it."""
START = """
import asyncio, sys
import cli.main, cli.worker, streams.faust.worker
from infra.settings.model import Settings
from streams.monitoring.progress import Progress

settings = cli.worker.with_agents(Settings(), sys.argv[1])
asyncio.run(cli.worker._load_stages(settings, None, Progress(5.0), None))
print(*sys.modules)
"""


@pytest.mark.parametrize("agent", UNREADING)
def test_a_stage_without_a_model_imports_nothing_of_it(agent: str) -> None:
    """Each process of a worker would hold a model's libraries, though one of them uses any."""
    done = subprocess.run(
        [sys.executable, "-c", START, agent],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    modules = done.stdout.split()
    assert "streams.faust.worker" in modules
    assert LIBRARIES.isdisjoint(modules)
    assert [name for name in modules if name.startswith(ROOMS)] == []
