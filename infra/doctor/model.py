"""Check that the model loads, and the device that it will run on."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

from infra.doctor.examination import Examination
from infra.doctor.finding import Finding, fault, ok
from infra.settings.model import Settings
from nlp.automatic import choice_of
from nlp.classifier import ModelBusy, ModelError, ModelMissing
from nlp.companies.finder import CompanyFinder
from nlp.load import load
from nlp.settings import ModelSettings

_TEXT = "Shares of ACME fall after a warning on profit"
_WITHOUT_TORCH = {"lexicon", "lexicon-zh", "null"}

T = TypeVar("T")


async def model(examination: Examination) -> Iterator[Finding]:
    """Load the model and the companies, and score one text."""
    settings = examination.settings
    if not settings.worker.needs_model:
        return iter([ok("none of the agents needs one")])
    try:
        return iter([ok(await _in_thread(lambda: use_model(settings)))])
    except (ModelMissing, ModelError, ModelBusy, OSError, ValueError) as error:
        return iter([judge_failure(settings.nlp, error)])


def judge_failure(settings: ModelSettings, error: Exception) -> Finding:
    """Return the fault of a model that can't be used."""
    problem = " ".join(str(error).split()) or type(error).__name__
    cause, _, remedy = problem.partition(": ")
    instead = "set NEWSQUAKE_NLP__MODEL to a model that is here, such as shipped or lexicon"
    if not cause.startswith("nlp.languages."):  # which says so itself, of another model
        cause = f"{settings.model} can't be used: {cause}"
    return fault(cause, f"{remedy}; or {instead}".lstrip("; "))


def use_model(settings: Settings) -> str:
    """Load the model, score a text, and return what to tell."""
    classifier = load(settings.nlp)
    CompanyFinder.load(settings.companies)
    (scores,) = classifier.classify([_TEXT])
    choice = choice_of(settings.nlp)
    why = f"; nlp.model=auto chose {choice.model}: {choice.reason}" if choice else ""
    negative = f"negative {scores.negative:.2f} for a bad text"
    return f"{classifier.model_id} loads and scores ({negative}){why}"


async def device(examination: Examination) -> Iterator[Finding]:
    """Tell the device that ``nlp.device`` chooses."""
    settings = examination.settings
    if not settings.worker.needs_model or needs_no_device(settings.nlp):
        return iter([ok("none is needed")])
    try:
        name = await _in_thread(lambda: choose(settings.nlp))
    except ModelMissing as error:
        cause, _, remedy = str(error).partition(": ")
        return iter([fault(cause, remedy)])
    return iter([ok(f"nlp.device={settings.nlp.device} chooses {name}")])


def needs_no_device(settings: ModelSettings) -> bool:
    """Return whether the models do without torch."""
    specs = (settings.model, settings.topics, settings.shadow, *settings.languages.values())
    return {spec for spec in specs if spec} <= _WITHOUT_TORCH


def choose(settings: ModelSettings) -> str:
    """Return the device that newsquake's own models run on, on this machine.

    Raises:
        ModelMissing: There is no such device, or torch is not installed.
    """
    from nlp.inference.runtimes import needs_torch
    from nlp.optional import require

    if not needs_torch(settings):
        return "cpu"
    require("torch")
    from nlp.inference.torch_runtime import choose_device

    return choose_device(settings.device)


async def _in_thread(work: Callable[[], T]) -> T:
    """Return the result of ``work``, in a thread that the process need not wait for at its end."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            loop.call_soon_threadsafe(_fail, answer, error)
        else:
            loop.call_soon_threadsafe(_answer, answer, result)

    threading.Thread(target=run, daemon=True).start()
    return await answer


def _answer(future: "asyncio.Future[T]", result: T) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: "asyncio.Future[T]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
