"""Check that what the settings silence exists."""

from collections.abc import Collection, Iterable, Iterator

from agents.silencing.known_subjects import matching, nearest, subjects_of
from infra.doctor.examination import Examination
from infra.doctor.finding import Finding, ok, warning
from nlp.companies.finder import listed_companies
from nlp.tasks import TOPICS


async def silences(examination: Examination) -> Iterator[Finding]:
    """Compare the patterns of `detect.silenced` with the companies and topics that are listed."""
    settings = examination.settings
    if not (patterns := settings.detect.silenced):
        return iter([ok("the settings silence nothing")])
    tickers = (company.ticker for company in listed_companies(settings.companies))
    return judge_patterns(patterns, subjects_of(tickers, TOPICS))


def judge_patterns(patterns: Iterable[str], subjects: Collection[str]) -> Iterator[Finding]:
    """Yield what each pattern covers; one that covers nothing may be misspelt."""
    for pattern in patterns:
        if covered := matching(pattern, subjects):
            yield ok(f"{pattern} covers {len(covered)} of the subjects that are listed")
            continue
        meant = ", ".join(nearest(pattern, subjects))
        guess = f"did you mean {meant}? If not, and" if meant else "if"
        yield warning(
            f"detect.silenced: {pattern} covers no company or topic that is listed",
            f"{guess} producers do name it so, leave it",
        )
