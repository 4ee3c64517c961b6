"""docker-compose.yml on an engine: the whole way of news, a kill, a rolling restart, pages."""

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import httpx
import pytest

from agents.cluster_layout import ClusterLayout
from demo.account import Account, balance
from demo.feed.generate import Feed, generate
from demo.player import Player
from demo.reader import Reader
from infra.kafka.port import free_ports
from tests.compose.engine import engine
from tests.compose.project import IMAGE, Project, bases, call
from tests.delays import Delays

pytestmark = [pytest.mark.compose, pytest.mark.timeout(1_800)]

LIMIT_SECONDS = 5.0
ARTICLES = 2_000
FEED_SECONDS = 90.0
WORKERS = 3
PATIENCE_SECONDS = 180.0
QUIET_SECONDS = 3.0
TOKEN = "shown-once"  # noqa: S105 - a token of this test
ROUTES = {"desk": {"to": "webhook", "url": "http://webhook:8000/", "allow_private": True}}
SETTINGS = {
    "NEWSQUAKE_NLP__MODEL": "lexicon",
    "NEWSQUAKE_DETECT__MAX_AHEAD": "36500d",
    "NEWSQUAKE_NOTIFY__ROUTES": f"'{json.dumps(ROUTES)}'",
    "NEWSQUAKE_DASHBOARD__TOKEN": TOKEN,
}


class Outcome(NamedTuple):
    """What came of a feed that was sent to the project.

    Attributes:
        account: The account of its articles.
        alerts: Ids of the alerts on the topic.
        longest_stop: Seconds that the slowest worker took to stop.
        longest_wait: Seconds that an article waited for its score in the rolling restart.
        figures: The same, and more, in words.
    """

    account: Account
    alerts: frozenset[str]
    longest_stop: float
    longest_wait: float
    figures: dict[str, str]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The image, built; a broker, three workers, `notify` with a receiver, and the dashboard."""
    settings = tmp_path_factory.mktemp("compose") / "settings.env"
    port, page = free_ports(2)
    with engine() as environ:
        images = bases(environ)
        image = _built(environ, images["BASE"])
        ports = {"KAFKA_PORT": str(port), "DASHBOARD_PORT": str(page)}
        values = {**images, **ports, "IMAGE": image, "ENV_FILE": str(settings)}
        lines = [f"{name}={value}\n" for name, value in (values | SETTINGS).items()]
        settings.write_text("".join(lines))
        project = Project(environ, f"newsquake-{uuid.uuid4().hex[:8]}", settings, port, page)
        try:
            scale = ("--scale", f"worker={WORKERS}")
            services = ("worker", "notify", "webhook", "dashboard")
            project.compose("up", "--detach", "--no-build", *scale, *services)
            project.wait_until_ready(project.containers("worker"))
            yield project
        except BaseException:
            print(project.logs)  # noqa: T201 - pytest shows it
            raise
        finally:
            project.compose("down", "--volumes", "--timeout", "10")


def _built(environ: dict[str, str], base: str) -> str:
    """Return the image that COMPOSE_IMAGE names, or one that is built now."""
    if named := environ.get("COMPOSE_IMAGE"):
        return named
    options = ("--network", "host", "--build-arg", f"BASE={base}", "--tag", IMAGE)
    legacy = {"DOCKER_BUILDKIT": "0"} | environ
    file = ("--file", "infra/docker/Dockerfile")
    call(legacy, "docker", "build", *options, *file, ".", seconds=1_200.0)
    return IMAGE


def test_containers_are_kept_in_bounds(project: Project) -> None:
    """Whoever breaks into a worker could change it, or take the machine's memory."""
    for service in ("worker", "notify", "dashboard"):
        for container in project.containers(service):
            document = project.inspect(container)
            host, image = document["HostConfig"], document["Config"]
            assert host["ReadonlyRootfs"]
            assert host["CapDrop"] == ["ALL"]
            assert host["SecurityOpt"] == ["no-new-privileges:true"]
            assert host["Memory"] > 0
            assert host["PidsLimit"] > 0
            assert image["User"] == "10001:10001"
            written = call(project.environ, "docker", "exec", container, "id", "-u")
            assert written.strip() == "10001"


@pytest.fixture(scope="module")
def outcome(project: Project) -> Outcome:
    """The feed was sent, while a worker was killed, and all were restarted one by one."""
    figures: dict[str, str] = {}
    try:
        return asyncio.run(_play(project, generate(articles=ARTICLES), figures))
    except BaseException:
        print(figures, project.logs)  # noqa: T201 - pytest shows it
        raise


def test_a_kill_and_a_rolling_restart_lose_nothing_and_alerts_are_told(outcome: Outcome) -> None:
    """News would be lost or doubled, or wait, when containers die or are replaced."""
    assert outcome.account.closes, outcome.account.problems
    assert outcome.longest_stop <= LIMIT_SECONDS, outcome.figures
    assert outcome.longest_wait <= LIMIT_SECONDS, outcome.figures


def test_the_dashboard_shows_the_alerts_to_who_has_the_token(
    project: Project, outcome: Outcome
) -> None:
    """Whoever reaches the port would read all news, or nobody would see an alert there."""
    with httpx.Client(base_url=f"http://127.0.0.1:{project.page}", timeout=30.0) as stranger:
        assert stranger.get("/api/live").json()["state"] == "live"
        page = stranger.get("/")
        assert (page.status_code, "<title>" in page.text) == (200, True)
        wrong = {"Authorization": "Bearer guessed"}
        for path in ("/api/now", "/api/alerts", "/api/flow", "/api/stream"):
            assert stranger.get(path).status_code == 401
            assert stranger.get(path, headers=wrong).status_code == 401
        assert stranger.post("/api/session", json={"token": "guessed"}).status_code == 401

        program = {"Authorization": f"Bearer {TOKEN}"}
        shown = _alerts(stranger.get("/api/alerts?limit=500", headers=program))
        assert outcome.alerts <= shown.keys()
        flow = stranger.get("/api/flow", headers=program).json()
        assert {agent["agent"] for agent in flow["agents"]} >= {"ingest", "score", "detect"}

        assert stranger.post("/api/session", json={"token": TOKEN}).status_code == 200
        assert (
            _alerts(stranger.get("/api/alerts?limit=500")).keys() == shown.keys()
        )  # with its cookie
        name = next(iter(outcome.alerts))
        assert stranger.get(f"/api/alerts/{name}").json()["headlines"]
    (container,) = project.containers("dashboard")
    assert project.inspect(container)["State"]["Health"]["Status"] == "healthy"


def _alerts(answer: httpx.Response) -> dict[str, Any]:
    """Return the alerts of an answer, by id."""
    return {alert["id"]: alert for alert in answer.json()["alerts"]}


async def _play(project: Project, feed: Feed, figures: dict[str, str]) -> Outcome:
    """Send the feed; kill a worker and restart all of them meanwhile; return the account."""
    layout = ClusterLayout(bootstrap=f"localhost:{project.port}")
    player, reader, delays = Player(layout, feed.sent, FEED_SECONDS), Reader(layout), Delays(layout)
    watching = [asyncio.create_task(part) for part in (reader.read(), delays.run())]
    playing = asyncio.create_task(player.play())
    try:
        await delays.begin()
        workers = project.containers("worker")
        restarts = await asyncio.to_thread(project.restarts, workers[0])
        await asyncio.to_thread(project.kill, workers[0])
        await asyncio.to_thread(project.wait_until_ready, workers)
        assert await asyncio.to_thread(project.restarts, workers[0]) > restarts
        figures["longest wait after SIGKILL"] = f"{delays.longest:.1f} s"
        await delays.begin()
        longest_stop = 0.0
        for container in workers:
            seconds, code = await asyncio.to_thread(project.stop, container)
            assert code == 0
            longest_stop = max(longest_stop, seconds)
            await asyncio.to_thread(call, project.environ, "docker", "start", container)
            await asyncio.to_thread(project.wait_until_ready, [container])
        await asyncio.wait_for(delays.settled(), PATIENCE_SECONDS)
        assert not playing.done(), "the feed ended before the restarts: make FEED_SECONDS longer"
        assert delays.until_scored > 0.0
        longest_wait = delays.longest
        figures["longest stop"] = f"{longest_stop:.1f} s"
        figures["longest wait in a rolling restart"] = f"{longest_wait:.1f} s"
        await playing
        await _until(lambda: _is_done(reader, feed) and bool(reader.alerts))
        changes = {alert.event_id for alert in reader.alerts}
        await _until(lambda: changes <= _told(project))
    finally:
        for task in (playing, *watching):
            task.cancel()
        await asyncio.gather(playing, *watching, return_exceptions=True)
    account = balance(reader.tally(player.published), feed)
    figures |= {line.label: str(line.counted) for line in account.lines}
    figures["alerts told"] = str(len(_told(project)))
    print(", ".join(f"{name} {value}" for name, value in figures.items()))  # noqa: T201 - the line of figures
    alerts = frozenset(alert.id for alert in reader.alerts)
    return Outcome(account, alerts, longest_stop, longest_wait, figures)


def _is_done(reader: Reader, feed: Feed) -> bool:
    """Return whether all that was sent was scored, dropped as a copy, or set aside."""
    tally = reader.tally(0)
    done = sum(tally.scored.values()) + tally.duplicates + tally.dead
    return done >= len(feed.sent) and reader.quiet_seconds > QUIET_SECONDS


def _told(project: Project) -> set[str]:
    """Return the ids of the changes of alerts that the receiver was told of."""
    lines = call(project.environ, "docker", "logs", project.containers("webhook")[0]).splitlines()
    bodies = [json.loads(line) for line in lines if line.startswith("{")]
    return {alert["event_id"] for body in bodies for alert in body["alerts"]}


async def _until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await asyncio.to_thread(is_so):
        assert time.monotonic() < deadline, f"waited for {PATIENCE_SECONDS:.0f} s"
        await asyncio.sleep(0.5)
