"""The models of the workers, asked at real ports."""

import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from cli.operate.status import as_document
from cli.view.status import model_line
from dashboard import models as module
from dashboard.models import Models, ModelState
from infra.exporter import Exporter
from infra.http.own_ports import ask_port
from infra.kafka.port import free_ports
from infra.settings.dashboard import Dashboard
from infra.settings.metrics import Metrics
from infra.settings.model import Settings, Worker
from infra.worker_port import serve
from schemas.metrics.processing import CIRCUIT_OPENED, CIRCUIT_STATE, DEGRADED, TEXTS_SCORED, Sample
from tests.infra.http.test_worker_port import Busy
from tests.streams.authority import Authority

Start = Callable[..., tuple[Settings, Exporter]]


def started(**metrics: object) -> tuple[Settings, Exporter]:
    """Serve the port of a worker that scores, and return its settings and its metrics."""
    (port,) = free_ports(1)
    settings = Settings(
        worker=Worker(agents=("score",)),
        metrics=Metrics.model_validate({"port": port, **metrics}),
    )
    exporter = Exporter()
    exporter.publish_build_info(["score"], "0.1", "shipped-3")
    exporter("score", [Sample(CIRCUIT_STATE, 0.0)])
    serve(settings.metrics, exporter.registry, Busy())
    return settings, exporter


async def state_of(models: Models) -> ModelState:
    """Return what the only port says now."""
    await models.ask()
    (state,) = models.states
    return state


def scored(exporter: Exporter, *, asked: int, remembered: int) -> None:
    """Count texts as `score` does."""
    counts = {"model": asked, "memory": remembered}
    exporter("score", [Sample(TEXTS_SCORED, float(n), (by,)) for by, n in counts.items()])


async def test_texts_are_those_of_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator would see the hit rate of last week, and not that of the news of now."""
    settings, exporter = started()
    models = Models(settings)
    scored(exporter, asked=900, remembered=100)
    state = await state_of(models)
    assert (state.model, state.circuit, state.problem) == ("shipped-3", "closed", "")
    assert (state.asked, state.remembered) == (0, 0), "nobody knows when that was"
    scored(exporter, asked=30, remembered=10)
    state = await state_of(models)
    assert (state.asked, state.remembered) == (30, 10)
    monkeypatch.setattr(module, "WINDOW_SECONDS", 0.0)
    state = await state_of(models)
    assert (state.asked, state.remembered) == (0, 0)


async def test_a_process_that_began_anew_counts_from_nothing() -> None:
    """After each restart the page would say that minus a thousand texts were scored."""
    settings, exporter = started()
    models = Models(settings)
    scored(exporter, asked=900, remembered=100)
    await models.ask()
    exporter._families[TEXTS_SCORED.name].clear()
    scored(exporter, asked=7, remembered=300)
    state = await state_of(models)
    assert (state.asked, state.remembered) == (7, 300)


async def test_a_circuit_is_told() -> None:
    """An operator would see that score is behind, and not that its model fails."""
    settings, exporter = started()
    exporter("score", [Sample(CIRCUIT_STATE, 2.0), Sample(CIRCUIT_OPENED, 1.0)])
    exporter("score", [Sample(DEGRADED, 12.0)])
    models = Models(settings)
    state = await state_of(models)
    assert (state.circuit, state.opened, state.degraded) == ("open", 1, 12)
    assert "circuit is open" in model_line(state).plain
    exporter("score", [Sample(CIRCUIT_STATE, 1.0)])
    state = await state_of(models)
    assert state.circuit == "half-open"
    assert "on trial" in model_line(state).plain


async def test_a_port_is_asked_with_its_token_over_tls(tmp_path: Path) -> None:
    """A dashboard of a cluster that is closed as the documents say would know nothing."""
    cert, key = Authority(tmp_path / "own").sign("port")
    tls = {"cert_file": str(cert), "key_file": str(key), "token": SecretStr("s3cret")}
    settings, _ = started(**tls)
    assert (await state_of(Models(settings))).circuit == "closed"
    wrong = settings.metrics.model_copy(update={"token": SecretStr("other")})
    state = await state_of(Models(settings.model_copy(update={"metrics": wrong})))
    assert "token" in state.problem
    gone = settings.metrics.model_copy(update={"cert_file": str(tmp_path / "none.pem")})
    state = await state_of(Models(settings.model_copy(update={"metrics": gone})))
    assert "metrics.cert_file" in state.problem


async def test_a_port_that_says_nothing_is_told_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that is gone would look as if its model were well, or stop the page."""
    monkeypatch.setattr(module, "_ANSWER_SECONDS", 0.5)
    settings, _ = started()
    (free,) = free_ports(1)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):

        def babble() -> None:
            connection, _ = other.accept()
            with connection:
                connection.sendall(b"SSH-2.0-OpenSSH\r\n")

        thread = threading.Thread(target=babble, daemon=True)
        thread.start()
        ports = [free, silent.getsockname()[1], other.getsockname()[1]]
        workers = tuple(f"127.0.0.1:{port}" for port in ports)
        models = Models(settings.model_copy(update={"dashboard": Dashboard(workers=workers)}))
        await models.ask()
        thread.join(5)
    problems = [state.problem for state in models.states]
    assert [state.circuit for state in models.states] == ["", "", ""]
    for problem, words in zip(problems, ("not reached", "no answer", "no port of"), strict=True):
        assert words in problem


async def test_without_ports_nobody_is_asked() -> None:
    """A dashboard without the workers' ports would not start."""
    models = Models(Settings())
    await models.ask()
    assert (models.addresses, models.states) == ((), ())


def test_status_has_the_models_for_programs() -> None:
    """A script could not tell that a model fails."""
    from datetime import UTC, datetime

    from agents.silencing.silence_book import SilenceBook
    from cli.view.status import DeadLetters, Status

    state = ModelState("127.0.0.1:9201", circuit="open")
    now = datetime.now(UTC)
    document = as_document(
        Status(now, (), (), SilenceBook(), DeadLetters(0, is_complete=True), (state,))
    )
    assert document["models"][0]["circuit"] == "open"


def test_the_port_of_an_ipv6_address_is_asked() -> None:
    """A worker that listens at [::1] would never be reached."""
    with pytest.raises(OSError, match="refused"):
        ask_port(f"[::1]:{free_ports(1)[0]}", "/metrics", Metrics(), 2.0)
