"""A model behind its circuit: a failure of the model is told from a text that it fails on.

A text is at fault only if the model answers something else at the time (`GuardedModel.verify`). If
it does not, the model is down: after some failures in a row its circuit opens, calls raise
`ModelDown`, and a task probes the model until it answers.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from math import inf
from typing import Any, Final

import structlog

from agents.asking.cause import one_line
from agents.asking.circuit import Circuit, CircuitSettings
from agents.asking.control_call import Ask, control_call
from agents.asking.isolate_poison import Text
from agents.asking.model_thread import ModelThread, NoAnswer
from nlp.classifier import (
    Classifier,
    DeviceLost,
    ModelBusy,
    ModelError,
    ModelMissing,
    Question,
    Scores,
)
from schemas.metrics.processing import CIRCUIT_OPENED, CIRCUIT_STATE, Sample
from streams.core.errors import Stalled
from streams.core.handler import Unavailable

_log = structlog.get_logger(__name__)
_NEEDS_PROCESS: Final = (ModelMissing, DeviceLost)
"""Failures that only a new process can get over."""

Observe = Callable[[Iterable[Sample]], None]


class ModelDown(Unavailable):
    """The model fails as a whole; no text is at fault."""


class GuardedModel:
    """Calls a model in its thread, and no longer once its circuit is open.

    Attributes:
        thread: The thread of the model.
    """

    def __init__(self, classifier: Classifier, settings: CircuitSettings) -> None:
        self.thread = ModelThread()
        self._classifier = classifier
        self._settings = settings
        self._circuit = Circuit(settings)
        self._observe: Observe = lambda _: None
        self._cause = ""
        self._sample: tuple[Ask, Sequence[Any]] | None = None
        self._probing: asyncio.Task[None] | None = None

    def observe_with(self, observe: Observe) -> None:
        """Count metrics with ``observe`` from now on."""
        self._observe = observe
        self._show_state()

    async def call(
        self, ask: Callable[[Sequence[Text]], list[Scores]], asked: Sequence[Text]
    ) -> list[Scores]:
        """Ask the model; ask again while it fails as a whole, until the circuit opens.

        Raises:
            ModelError: The batch can't be scored as it is.
            ModelDown: The circuit is open.
            Exception: The model has a defect, which shows with these texts alone.
        """
        has_failed = False
        while True:
            self._check()
            try:
                scores = await self.thread.ask(ask, asked, self._settings.call_timeout)
            except (ModelBusy, NoAnswer) as error:
                await self._fail(error, ask, asked)
            except (ModelError, *_NEEDS_PROCESS):
                raise
            except Exception:
                await self.verify(asked[0])
                if has_failed:
                    raise
                has_failed = True
            else:
                self._succeed()
                return scores

    async def verify(self, item: str | Question) -> None:
        """Return once the model answers something else than ``item``, by the same way.

        Raises:
            ModelDown: It does not, and the circuit is open.
        """
        ask, control = control_call(self._classifier, item)
        while True:
            self._check()
            try:
                await self.thread.ask(ask, control, self._settings.call_timeout)
            except _NEEDS_PROCESS:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the text is not at fault
                await self._fail(error, ask, [item])
            else:
                self._succeed()
                return

    async def closed(self, max_seconds: float | None = None) -> None:
        """Wait until the circuit is closed, or for ``max_seconds``.

        Raises:
            Stalled: It has been open for longer than the settings allow.
            Exception: Only a new process can get over the failure.
        """
        if self._probing and (await asyncio.wait([self._probing], timeout=max_seconds))[0]:
            self._probing.result()  # raises what ended the probes

    def describe(self) -> str:
        """Return what is wrong with the model, since when, and when it is asked again."""
        pause = self._circuit.pause(time.monotonic())
        probe = f"the next probe is in {pause:.0f} s" if pause else "a probe is under way"
        return (
            f"the model {self._classifier.model_id} fails ({self._cause}); its circuit has been "
            f"open for {self._down_seconds():.0f} s, {probe}"
        )

    def _check(self) -> None:
        if self._circuit.state == "closed":
            return
        if self._probing and self._probing.done():
            self._probing.result()  # raises what ended the probes
        raise ModelDown(self.describe())

    def _succeed(self) -> None:
        """Count an answer to an ordinary call; tell of it if it ends a trial."""
        if self._circuit.is_on_trial:
            _log.info("the model works again: it has answered more than a probe", **self._facts())
            self._circuit.succeed()
            self._show_state()
        self._circuit.succeed()

    async def _fail(self, error: Exception, ask: Ask, asked: Sequence[Any]) -> None:
        """Count a failure; wait, or open the circuit.

        Raises:
            ModelDown: The circuit is open.
        """
        self._check()
        self._cause = one_line(error)
        if not self._circuit.fail(time.monotonic(), hangs=isinstance(error, NoAnswer)):
            await asyncio.sleep(self._circuit.pause(time.monotonic()))
            return
        longest = max(asked, key=lambda one: len(one.text if isinstance(one, Question) else one))
        self._sample = ask, [longest]
        self._observe([Sample(CIRCUIT_OPENED, 1.0)])
        self._show_state()
        _log.error(
            "the circuit of the model is open",
            model=self._classifier.model_id,
            problem=self._cause,
            outcome=self._outcome(),
            next_probe_seconds=round(self._circuit.pause(time.monotonic()), 1),
            remedy="mend the model, its device or its server: it is probed until it answers, and "
            "work then goes on by itself; nothing is lost, and nothing is set aside",
        )
        self._probing = asyncio.create_task(self._probe(), name="probes of the model")
        # A failure counts as noticed: the next call raises it, if nobody waits for the task.
        self._probing.add_done_callback(lambda task: task.cancelled() or task.exception())
        raise ModelDown(self.describe())

    async def _probe(self) -> None:
        """Ask the model now and then until it answers."""
        while self._circuit.state != "closed":
            await self._wait_for_probe()
            self._circuit.begin_probe()
            self._show_state()
            try:
                await self._ask_sample()
            except _NEEDS_PROCESS:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the model does not work
                self._cause = one_line(error)
                self._circuit.end_probe(time.monotonic(), succeeded=False)
                _log.warning(
                    "the model was probed and still fails",
                    problem=self._cause,
                    outcome=self._outcome(),
                    **self._facts(),
                    next_probe_seconds=round(self._circuit.pause(time.monotonic()), 1),
                )
            else:
                self._circuit.end_probe(time.monotonic(), succeeded=True)
                _log.info("the circuit of the model is closed on trial", **self._facts())
            self._show_state()

    async def _ask_sample(self) -> None:
        """Ask about something harmless, and about what failed: that may be more than it can do."""
        if self._sample is None:
            return
        ask, asked = self._sample
        max_seconds = min(self._settings.call_timeout, self._time_left)
        await self.thread.ask(*control_call(self._classifier, asked[0]), max_seconds)
        try:
            await self.thread.ask(ask, asked, max_seconds)
        except (ModelBusy, NoAnswer, *_NEEDS_PROCESS):
            raise
        except Exception:  # noqa: BLE001, S110 - the text may be at fault: bisecting will tell
            pass

    async def _wait_for_probe(self) -> None:
        """Wait for the time of the next probe.

        Raises:
            Stalled: The model has been down for longer than the settings allow.
        """
        await asyncio.sleep(min(self._circuit.pause(time.monotonic()), self._time_left))
        if not self._time_left:
            raise Stalled(
                f"the model {self._classifier.model_id} has failed for "
                f"{self._down_seconds():.0f} s ({self._cause}): starting again loads it anew; "
                "NEWSQUAKE_CIRCUIT__LIMIT is the time to wait"
            )

    @property
    def _time_left(self) -> float:
        """The seconds until the process ends for a model that is down; infinite without a limit."""
        if self._settings.fallback or not self._settings.limit:
            return inf
        return max(0.0, self._settings.limit - self._down_seconds())

    def _outcome(self) -> str:
        if self._settings.fallback:
            return f"{self._settings.fallback} scores meanwhile, marked as degraded"
        return "records wait, partitions stay with this worker"

    def _down_seconds(self) -> float:
        since = self._circuit.down_since
        return 0.0 if since is None else round(time.monotonic() - since, 1)

    def _facts(self) -> dict[str, Any]:
        return {"model": self._classifier.model_id, "down_seconds": self._down_seconds()}

    def _show_state(self) -> None:
        self._observe([Sample(CIRCUIT_STATE, self._circuit.level)])
