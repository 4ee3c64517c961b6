"""The models of the workers, asked at the ports of their processes."""

import asyncio
import http.client
import time
from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from agents.asking.circuit import STATES
from infra.http.own_ports import CertificateUnreadable, ask_port, reachable_host
from infra.settings.model import Settings
from schemas.metrics.processing import (
    BUILD_INFO,
    CIRCUIT_OPENED,
    CIRCUIT_STATE,
    DEGRADED,
    TEXTS_SCORED,
)

ASK_SECONDS: Final = 5.0
"""Seconds between two questions."""
WINDOW_SECONDS: Final = 120.0
"""Texts are counted over so long."""
_ANSWER_SECONDS: Final = 3.0
_OK: Final = 200
_CIRCUITS: Final = {number: name for name, number in STATES.items()}
_NO_MODEL: Final = "it runs no model: name the port of a process that runs score"


class ModelState(NamedTuple):
    """The model of one process.

    Attributes:
        address: The port that was asked.
        model: The id of the model; empty if the process says none.
        circuit: The state of its circuit; empty if it is not known.
        opened: Times that the circuit opened since the process began.
        degraded: Articles that a fallback scored since then.
        asked: Texts that the model scored within `WINDOW_SECONDS`.
        remembered: Texts within that time whose scores were remembered from an equal one.
        problem: Why nothing is known; empty if something is.
    """

    address: str
    model: str = ""
    circuit: str = ""
    opened: int = 0
    degraded: int = 0
    asked: int = 0
    remembered: int = 0
    problem: str = ""


class _Counts(NamedTuple):
    """Texts that a process has scored since it began, at a monotonic time."""

    at: float
    asked: float
    remembered: float


class Models:
    """Asks the ports of all processes that run a model, every five seconds.

    Attributes:
        addresses: The ports; none if the settings name none.
        states: The latest answers.
    """

    def __init__(self, settings: Settings) -> None:
        metrics, own = settings.metrics, settings.ports.get("score")
        default = (f"{reachable_host(metrics.host)}:{own}",) if own else ()
        self.addresses: tuple[str, ...] = settings.dashboard.workers or default
        self.states: tuple[ModelState, ...] = ()
        self._metrics = metrics
        self._counts: dict[str, deque[_Counts]] = {at: deque() for at in self.addresses}

    async def watch(self) -> None:
        """Ask until cancelled."""
        while self.addresses:
            await self.ask()
            await asyncio.sleep(ASK_SECONDS)
        await asyncio.Event().wait()

    async def ask(self) -> None:
        """Ask all ports at once."""
        asking = (asyncio.to_thread(self._ask, address) for address in self.addresses)
        self.states = tuple(await asyncio.gather(*asking))

    def _ask(self, address: str) -> ModelState:
        try:
            status, body = ask_port(address, "/metrics", self._metrics, _ANSWER_SECONDS)
            if status != _OK:
                return ModelState(address, problem=_words(body) or f"it answers {status}")
            families = list(text_string_to_metric_families(body.decode()))
        except CertificateUnreadable as error:
            return ModelState(address, problem=str(error))
        except TimeoutError:
            return ModelState(address, problem=f"no answer within {_ANSWER_SECONDS:.0f} s")
        except OSError as error:
            return ModelState(address, problem=f"not reached ({error.strerror or error})")
        except (http.client.HTTPException, ValueError):
            return ModelState(address, problem="no port of a worker")
        samples = [sample for family in families for sample in family.samples]
        return self._state(address, samples, time.monotonic())

    def _state(self, address: str, samples: Sequence[Sample], now: float) -> ModelState:
        values = {(one.name, one.labels.get("by", "")): one.value for one in samples}
        named = [one.labels["model"] for one in samples if one.name == BUILD_INFO.name]
        circuit = values.get((CIRCUIT_STATE.name, ""))
        if circuit is None:
            return ModelState(address, problem=_NO_MODEL)

        def total(name: str, by: str = "") -> float:
            return values.get((f"{name}_total", by), 0.0)

        latest = _Counts(now, total(TEXTS_SCORED.name, "model"), total(TEXTS_SCORED.name, "memory"))
        asked, remembered = self._grown(address, latest)
        return ModelState(
            address,
            next(filter(None, named), ""),
            _CIRCUITS.get(circuit, ""),
            int(total(CIRCUIT_OPENED.name)),
            int(total(DEGRADED.name)),
            asked,
            remembered,
        )

    def _grown(self, address: str, latest: _Counts) -> tuple[int, int]:
        """Return by how much the counts grew within the window; a new process counts from 0."""
        counts = self._counts[address]
        last = counts[-1] if counts else latest
        if latest.asked < last.asked or latest.remembered < last.remembered:
            counts.clear()
            counts.append(_Counts(latest.at, 0.0, 0.0))
        counts.append(latest)
        while latest.at - counts[0].at > WINDOW_SECONDS:
            counts.popleft()
        first = counts[0]
        return int(latest.asked - first.asked), int(latest.remembered - first.remembered)


def _words(body: bytes) -> str:
    """Return the first line of an answer in plain text."""
    return body.decode("utf-8", "replace").strip().partition("\n")[0][:200]
