"""The models of a worker."""

import asyncio
from typing import TYPE_CHECKING, NamedTuple

import structlog

if TYPE_CHECKING:
    from infra.settings.model import Settings
    from nlp.classifier import Classifier
    from nlp.companies.finder import CompanyFinder
    from nlp.drift.reference import Reference

_log = structlog.get_logger("newsquake.worker")


class Models(NamedTuple):
    """What the agents of a worker ask.

    Attributes:
        classifier: scores texts.
        fallback: scores them while the circuit is open, if there is one.
        companies: finds companies in them; None where no agent needs a model.
        reference: what the model says of ordinary news, if that is known.
    """

    classifier: "Classifier"
    fallback: "Classifier | None" = None
    companies: "CompanyFinder | None" = None
    reference: "Reference | None" = None


async def load_models(settings: "Settings") -> Models:
    """Load the models where an agent needs them, and log what stands for ``auto``.

    Where none needs any, nothing is imported that reads or runs a model.

    Raises:
        ModelMissing: a model can't be loaded, or its reference can't be used.
        BadTable: the company list can't be used.
    """
    from nlp.null import NullClassifier

    if not settings.worker.needs_model:
        return Models(NullClassifier())

    from nlp.automatic import choice_of
    from nlp.companies.finder import CompanyFinder
    from nlp.drift.reference import reference_of
    from nlp.load import load, load_fallback, missing_tasks

    classifier = await asyncio.to_thread(load, settings.nlp)
    fallback = await asyncio.to_thread(load_fallback, settings.nlp, settings.circuit.fallback)
    if choice := await asyncio.to_thread(choice_of, settings.nlp):
        _log.info("model chosen", model=choice.model, reason=choice.reason)
    for sentence in missing_tasks(settings.nlp):
        _log.warning("model lacks a task", problem=sentence)
    companies = await asyncio.to_thread(CompanyFinder.load, settings.companies)
    reference = reference_of(classifier.model_id, settings.nlp.reference)
    return Models(classifier, fallback, companies, reference)
