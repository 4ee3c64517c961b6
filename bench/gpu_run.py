"""Measure the model on this machine's graphics card. `gpu.py` packs this with all that it needs.

It unpacks itself and runs the phases of `gpu_phases.py` in a process of its own, which it ends if a
phase takes longer than its limit; the phases that are left then run in another process. So a phase
that fails, crashes or hangs costs its own figures only, and the whole ends within eight minutes.
"""

import argparse
import json
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Final

from gpu_phase_watch import Report, run_phases
from gpu_table import problems, render

SITE: Final = "site"
SIZES: Final = (32, 128, 512, 2_048, 8_192, 32_768)
LIMITS: Final[dict[str, float]] = {
    "peak": 40,
    "bf16": 60,
    "bf16 graph": 50,
    "fp32": 50,
    "answers": 50,
    "model": 45,
    "worker": 45,
    "bf16 compiled": 90,
}
"""Seconds of each phase, in the order in which they run; the first also has the imports."""
MAX_SECONDS: Final = 440.0
"""Seconds of all phases together; unpacking takes some more."""
CPU_SLACK: Final = 4.0
"""The factor of a phase's limit on a processor, where it is tried out beside other work."""


def main() -> None:
    """Unpack, measure, print the tables and write them to files."""
    options = _arguments()
    report = Report()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with zipfile.ZipFile(sys.argv[0]) as archive:
            archive.extractall(folder)
        slack = CPU_SLACK if options.device == "cpu" else 1.0
        limits = {phase: LIMITS[phase] * slack for phase in LIMITS if phase in options.phases}
        wanted = {"device": options.device, "turn": options.turn, "sizes": options.sizes}
        arguments = [str(folder), json.dumps(wanted | {"limits": limits})]
        command = [sys.executable, str(folder / SITE / "gpu_phases.py"), *arguments]
        run_phases(command, limits, time.monotonic() + options.seconds, report)
    text = render(report)
    print(text)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "gpu.json").write_text(json.dumps(report.as_dict(), indent=1))
        (options.out / "gpu.md").write_text(text)
    if wrong := problems(report):
        sys.exit("\n".join(wrong))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="folder for gpu.json and gpu.md")
    parser.add_argument("--device", choices=("cuda", "cpu"), help="default: cuda if there is one")
    parser.add_argument("--phases", nargs="+", choices=LIMITS, default=list(LIMITS))
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="windows in a batch")
    parser.add_argument("--turn", type=float, default=3.0, help="seconds of each measurement")
    parser.add_argument(
        "--seconds", type=float, default=MAX_SECONDS, help="of all phases (default: %(default)s)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
