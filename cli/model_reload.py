"""A worker whose model was replaced ends, so that its supervisor starts it with the new one."""

import asyncio
import random
from typing import TYPE_CHECKING

import structlog

from nlp.classifier import ModelMissing
from nlp.transformer.reload import State, moved_on, state

if TYPE_CHECKING:
    from infra.settings.model import Settings

_log = structlog.get_logger("newsquake.worker")


async def starting(settings: "Settings") -> State:
    """What the models are like; asked before they are loaded, so that no change is overlooked."""
    return await asyncio.to_thread(state, settings.nlp) if follows(settings) else {}


def follows(settings: "Settings") -> bool:
    """Whether the worker runs a model, and is to follow it."""
    return settings.worker.follow_model > 0.0 and settings.worker.needs_model


async def follow(settings: "Settings", before: State, stop: asyncio.Event) -> None:
    """Set ``stop`` when another model than ``before`` is current, and whole; return only then.

    A random pause of up to ``worker.follow_model`` seconds comes first: of many workers most go on
    while one starts again.
    """
    longest = settings.worker.follow_model
    while not await _moved_on(settings, before):  # noqa: ASYNC110 - files have no event
        await asyncio.sleep(longest)
    pause = random.uniform(0.0, longest)  # noqa: S311 - nobody gains by guessing it
    _log.info("another model is current: this worker starts again", seconds=round(pause, 1))
    await asyncio.sleep(pause)
    stop.set()


async def _moved_on(settings: "Settings", before: State) -> bool:
    try:
        return await asyncio.to_thread(moved_on, settings.nlp, before)
    except (ModelMissing, OSError) as error:
        _log.warning("the model that is current now can't be used", problem=str(error))
        return False
