"""Benchmarks are scripts that import each other by name, as if started in their folder."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))
