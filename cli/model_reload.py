"""End a worker whose model was replaced, so that its supervisor starts it with the new one."""

import asyncio
import random
from typing import TYPE_CHECKING

import structlog

from nlp.classifier import ModelMissing

if TYPE_CHECKING:
    from infra.settings.model import Settings
    from nlp.transformer.reload import State

_log = structlog.get_logger("newsquake.worker")


async def initial_model_state(settings: "Settings") -> "State":
    """Return the state of the models on disk, or {} if the worker does not follow them.

    It must be taken before the models are loaded; a change during loading would go unnoticed.
    """
    if settings.worker.follow_model > 0.0 and settings.worker.needs_model:
        from nlp.transformer.reload import state

        return await asyncio.to_thread(state, settings.nlp)
    return {}


async def follow(settings: "Settings", before: "State", stop: asyncio.Event) -> None:
    """Wait until another model than in ``before`` is current and complete, then set ``stop``.

    A random pause of up to ``worker.follow_model`` seconds precedes it, so that of many workers
    most keep running while one restarts.
    """
    from nlp.transformer.reload import moved_on

    interval = settings.worker.follow_model
    is_replaced = False
    while not is_replaced:
        try:
            is_replaced = await asyncio.to_thread(moved_on, settings.nlp, before)
        except (ModelMissing, OSError) as error:
            _log.warning("the model that is current now can't be used", problem=str(error))
        if not is_replaced:
            await asyncio.sleep(interval)

    pause = random.uniform(0.0, interval)  # noqa: S311 - nobody gains by guessing it
    _log.info("another model is current: this worker starts again", seconds=round(pause, 1))
    await asyncio.sleep(pause)
    stop.set()
