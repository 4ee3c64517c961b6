"""``newsquake reference``: what the model says of ordinary news, and how far news is from that."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import orjson
import typer

from agents.scoring.article_reader import article_text
from infra.input.messages import read_messages
from infra.input.options import InputOptions
from infra.input.read_share import ReadShare
from infra.input.verdicts import Judge
from infra.progress.meter import Meter
from infra.terminal import print_notice
from infra.usage_error import UsageError
from nlp.drift.distributions import NAMES, Distributions
from nlp.drift.reference import Reference, make_reference, reference_of
from nlp.drift.stability_index import stability_index
from nlp.settings import ModelSettings

_BATCH_ARTICLES = 500
LITTLE_ARTICLES = 500
"""Articles below which an index of twenty topics says more of chance than of change."""


class Job(NamedTuple):
    """Arguments of the command.

    Attributes:
        files: Names of input files, ``-`` for standard input.
        options: How they are read.
        out: The file to write; None to write none.
        news: Description of the news, which is written too.
        as_json: Print JSON.
    """

    files: Sequence[str]
    options: InputOptions
    out: Path | None = None
    news: str = ""
    as_json: bool = False


def run(settings: ModelSettings, judge: Judge, job: Job) -> None:
    """Score the articles of the files; compare with the reference, or write one, or both.

    Raises:
        UsageError: No article could be read, or there is nothing to compare with and to write.
        ModelMissing: The model or the reference can't be used.
        ModelError: The model fails on a text.
        OSError: A file can't be read or written.
    """
    from nlp.load import load

    model = load(settings)
    # A file that is about to be written anew may be the one of the settings, of another model.
    same = job.out is not None and job.out == settings.reference
    before = reference_of(model.model_id, None if same else settings.reference)
    if before is None and job.out is None:
        raise UsageError(
            f"there is no reference of {model.model_id} to compare with: write one with --out"
        )
    counted, articles = Distributions(), 0
    share = ReadShare(job.files)
    texts = _texts(judge, job, share)
    with Meter() as meter:
        meter.begin(f"answers of {model.model_id}", "articles")
        while batch := list(islice(texts, _BATCH_ARTICLES)):
            counted += Distributions.of(model.classify(batch))
            articles += len(batch)
            meter.update(articles, share.value)
    if not counted.articles:
        raise UsageError("no article could be read; newsquake check shows how each row is read")
    if job.out:
        reference = make_reference(model.model_id, counted, job.news)
        job.out.write_bytes(
            orjson.dumps(reference.model_dump(), option=orjson.OPT_INDENT_2) + b"\n"
        )
    _print(model.model_id, counted, before, job)


def _texts(judge: Judge, job: Job, share: ReadShare) -> Iterator[str]:
    """Yield the text of each article that is no copy, as models read it."""
    messages = read_messages(job.files, job.options, print_notice, share.opened)
    for message in messages:
        for item in judge.verdicts(message):
            if item.reading and item.status == "article":
                yield article_text(item.reading.article)


def _print(model: str, counted: Distributions, before: Reference | None, job: Job) -> None:
    drift = {
        name: stability_index(counted.counts(name), before.counts(name))
        for name in NAMES
        if before is not None
    }
    if job.as_json:
        document = {"model": model, "articles": counted.articles, "psi": drift}
        typer.echo(orjson.dumps(document | {"out": job.out and str(job.out)}).decode())
        return
    typer.echo(f"{counted.articles} articles, scored by {model}")
    for name, index in drift.items():
        typer.echo(f"{name:<12}psi {index:.3f}")
    if drift:
        typer.echo("Below 0.1: as the reference. Above 0.25: other news, or another feed.")
    if drift and counted.articles < LITTLE_ARTICLES:
        typer.echo(f"Under {LITTLE_ARTICLES} articles the index rises by chance alone.")
    if job.out:
        typer.echo(f"written to {job.out}: set NEWSQUAKE_NLP__REFERENCE to it")
