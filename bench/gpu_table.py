"""The tables of a run on a graphics card, in Markdown."""

from collections.abc import Iterator
from typing import Any, Final

from gpu_phase_watch import DONE, Report

NETWORKS: Final = ("fp32", "bf16", "bf16 graph", "bf16 compiled")
WHOLES: Final = {
    "model": "the model, from text to scores",
    "worker": "the agent score, fed from memory",
}
TOLERANCE: Final = 0.005
"""The largest difference of a probability in fp32 that weights in half precision explain."""


def problems(report: Report) -> list[str]:
    """Return a sentence for each phase that failed, and if the answers are not the model's."""
    failed = [f"{name}: {each.end}" for name, each in report.phases.items() if each.end != DONE]
    wrong = [
        f"the answers in fp32 differ by {row['difference']:.3f}: the figures mean nothing"
        for row in report.rows("answers")
        if row["dtype"] == "fp32" and not row["difference"] <= TOLERANCE  # also if it is NaN
    ]
    return failed + wrong


def render(report: Report) -> str:
    """Return the tables, what else is to be known about them, and what is missing in them."""
    machine = ", ".join(f"{name} {value}" for name, value in report.machine.items() if value)
    notes = [
        f"{name}: {row['note']}."
        for name, each in report.phases.items()
        for row in each.rows
        if "note" in row
    ]
    lines = [*_networks(report), "", *_wholes(report), "", *_answers(report), *notes]
    lines += [f"**{each}.**" for each in problems(report)]
    return "\n".join([*lines, "", f"{machine}.", ""])


def _networks(report: Report) -> Iterator[str]:
    peaks = {row["dtype"]: row["tflops"] for row in report.rows("peak")}
    yield "| the network alone | in a batch | headlines/s | TFLOP/s | of the peak | card at work |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for mode in NETWORKS:
        peak = peaks.get(mode.partition(" ")[0])
        for row in report.rows(mode):
            share = _share(row["tflops"] / peak if peak else None)
            yield (
                f"| {mode} | {row['size']:,} | {row['rate']:,.0f} | {row['tflops']:.2f} "
                f"| {share} | {_share(row['busy'])} |"
            )
    if peaks:
        shown = ", ".join(f"{peak:,.2f} in {dtype}" for dtype, peak in peaks.items())
        yield ""
        yield f"The peak is that of a large product of matrices in TFLOP/s: {shown}."


def _wholes(report: Report) -> Iterator[str]:
    yield "| | precision | headlines/s | card at work |"
    yield "| --- | --- | --- | --- |"
    for name, words in WHOLES.items():
        for row in report.rows(name):
            yield f"| {words} | {row['dtype']} | {row['rate']:,.0f} | {_share(row['busy'])} |"


def _answers(report: Report) -> Iterator[str]:
    for row in report.rows("answers"):
        yield (
            f"In {row['dtype']} the probabilities of {row['compared']} headlines differ by at most "
            f"{row['difference']:.4f} from those in fp32 where it was packed; "
            f"{row['sentiments']:.1%} of the sentiments and {row['topics']:.1%} of the topics are "
            "the same."
        )


def _share(value: Any) -> str:
    return "not known" if value is None else f"{value:.0%}"
