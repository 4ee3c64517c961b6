"""Check that what the settings silence exists."""

from collections.abc import Collection, Iterator

from agents.silencing.known_subjects import listed_subjects, matching, uncovering
from infra.doctor.examination import Examination
from infra.doctor.finding import Finding, ok, warning


async def silences(examination: Examination) -> Iterator[Finding]:
    """Compare the patterns of `detect.silenced` with the companies and topics that are listed."""
    settings = examination.settings
    if not (patterns := settings.detect.silenced):
        return iter([ok("the settings silence nothing")])
    return judge_patterns(patterns, listed_subjects(settings.companies))


def judge_patterns(patterns: Collection[str], subjects: Collection[str]) -> Iterator[Finding]:
    """Yield what each pattern covers; one that covers nothing may be misspelt."""
    wrong = dict(uncovering(patterns, subjects))
    for pattern in patterns:
        if remedy := wrong.get(pattern):
            problem = f"detect.silenced: {pattern} covers no company or topic that is listed"
            yield warning(problem, remedy)
        else:
            covered = len(matching(pattern, subjects))
            yield ok(f"{pattern} covers {covered} of the subjects that are listed")
