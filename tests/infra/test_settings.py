from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from infra.settings.model import Settings, SettingsError, load, show
from infra.settings.schema import settings_of

SECRET = "hunter2"  # noqa: S105 - what must not be seen
VARIABLES = {setting.variable for setting in settings_of(Settings).values()}


def problems(environ: dict[str, str], config: Path | None = None) -> list[str]:
    """Return the problems of these settings, one line each."""
    with pytest.raises(SettingsError) as caught:
        load(config, environ)
    assert caught.value.problems == str(caught.value).splitlines()
    return caught.value.problems


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A configuration file, to be written."""
    return tmp_path / "newsquake.toml"


def test_nothing_given_is_a_working_configuration() -> None:
    """The first start must need no settings, and not look at the environment by itself."""
    assert load(None, {}) == Settings()
    assert {shown.origin for shown in show(load(None, {"PATH": "/bin"}))} == {"default"}


def test_the_environment_beats_the_file_and_the_file_the_default(file: Path) -> None:
    """An operator overrides one value of a shared file without editing it."""
    file.write_text('[kafka]\nprefix = "file."\npartitions = 7\n')
    settings = load(file, {"NEWSQUAKE_KAFKA__PREFIX": "env."})
    assert (settings.kafka.prefix, settings.kafka.partitions) == ("env.", 7)
    shown = {setting.name: (setting.value, setting.origin) for setting in show(settings)}
    assert shown["kafka.prefix"] == ("env.", "NEWSQUAKE_KAFKA__PREFIX")
    assert shown["kafka.partitions"] == ("7", f"{file}: kafka.partitions")
    assert shown["log.level"] == ("info", "default")


def test_variables_are_read_as_what_they_set() -> None:
    """The environment knows only text; numbers, lists and spans of time come out of it."""
    settings = load(
        None,
        {
            "NEWSQUAKE_WORKER__AGENTS": "score, detect",
            "NEWSQUAKE_WORKER__SESSION_TIMEOUT": "7.5",
            "NEWSQUAKE_DETECT__LATENESS": "PT1H",
            "NEWSQUAKE_LOG__LEVEL": "DEBUG",
        },
    )
    assert settings.worker.agents == ("score", "detect")
    assert settings.worker.session_timeout == 7.5
    assert settings.detect.lateness == timedelta(hours=1)
    assert settings.log.level == "debug"
    agents = load(None, {"NEWSQUAKE_WORKER__AGENTS": '["ingest"]'}).worker.agents
    assert agents == ("ingest",)


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("NEWSQUAKE_KAFKA__BOOTSTRP", "NEWSQUAKE_KAFKA__BOOTSTRAP"),
        ("NEWSQUAKE_KAFAK__PREFIX", "NEWSQUAKE_KAFKA__PREFIX"),
        ("NEWSQUAKE_KAFKA_BOOTSTRAP", "NEWSQUAKE_KAFKA__BOOTSTRAP"),
        ("NEWSQUAKE_BOOTSTRAP", "NEWSQUAKE_KAFKA__BOOTSTRAP"),
        ("newsquake_kafka__bootstrap", "NEWSQUAKE_KAFKA__BOOTSTRAP"),
    ],
)
def test_a_misspelt_variable_is_an_error_that_knows_better(wrong: str, meant: str) -> None:
    """A misspelt variable that is ignored runs production on the defaults."""
    assert problems({wrong: "x"}) == [f"{wrong}: no such setting; did you mean {meant}?"]


@pytest.mark.parametrize(
    ("text", "wrong", "meant"),
    [
        ('[kafak]\nprefix = "x"', "kafak", "kafka"),
        ('[kafka]\nbootstrp = "x"', "kafka.bootstrp", "kafka.bootstrap"),
        ('bootstrap = "x"', "bootstrap", "kafka.bootstrap"),
        ('[worker]\nbootstrap = "x"', "worker.bootstrap", "kafka.bootstrap"),
    ],
)
def test_a_misspelt_key_is_an_error_that_knows_better(
    file: Path, text: str, wrong: str, meant: str
) -> None:
    """A misspelt key that is ignored runs production on the defaults."""
    file.write_text(text)
    assert problems({}, file) == [f"{file}: {wrong}: no such setting; did you mean {meant}?"]


def test_kubernetes_service_links_are_not_settings() -> None:
    """A Service named newsquake puts these into every pod; refusing them would stop all workers."""
    links = {
        "NEWSQUAKE_SERVICE_HOST": "10.0.0.1",
        "NEWSQUAKE_SERVICE_PORT_METRICS": "9090",
        "NEWSQUAKE_PORT": "tcp://10.0.0.1:9090",
        "NEWSQUAKE_PORT_9090_TCP_ADDR": "10.0.0.1",
        "NEWSQUAKE_DASHBOARD_SERVICE_HOST": "10.0.0.1",
    }
    assert load(None, links) == Settings()


def test_all_problems_are_listed_at_once(file: Path) -> None:
    """Fixing a deployment one error per restart takes an afternoon."""
    file.write_text('worker = 3\n[kafka]\nbootstrp = "x"\npartitions = "many"\n')
    lines = problems({"NEWSQUAKE_LOG__LEVEL": "loud", "NEWSQUAKE_DETEKT__X": "1"}, file)
    assert len(lines) == 5
    assert any("kafka.partitions: 'many' is not allowed: " in line for line in lines)
    assert f"{file}: worker: is a table of settings, not a value" in lines


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        (
            {"NEWSQUAKE_LOG__LEVEL": "loud"},
            (
                "NEWSQUAKE_LOG__LEVEL: 'loud' is not allowed: "
                "Input should be 'debug', 'info', 'warning' or 'error'"
            ),
        ),
        (
            {"NEWSQUAKE_WORKER__AGENTS": "ingest,ingest"},
            (
                "NEWSQUAKE_WORKER__AGENTS: ['ingest', 'ingest'] is not allowed: "
                "an agent is named twice"
            ),
        ),
        (
            {"NEWSQUAKE_WORKER__AGENTS": "[ingest"},
            "NEWSQUAKE_WORKER__AGENTS: is neither a list with commas nor JSON",
        ),
        (
            {"NEWSQUAKE_DETECT__FIRING_SURGE": "1.9"},
            (
                "NEWSQUAKE_DETECT__FIRING_SURGE: removed: the detector learns what is usual for "
                "each subject; detect.false_alarms_per_subject_month says how often it may be wrong"
            ),
        ),
    ],
)
def test_a_wrong_value_names_its_variable_and_what_is_allowed(
    environ: dict[str, str], line: str
) -> None:
    """The reader of the message has the variable at hand, not the source."""
    assert problems(environ) == [line]


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (b"[kafka\n", "is not TOML: at line 1, column 7"),
        (b'[kafka]\npassword = "' + SECRET.encode(), "is not TOML: at end of document"),
        (b"\xff\xfe", "is not TOML: it is not UTF-8"),
    ],
)
def test_a_broken_file_is_one_line_with_the_place(file: Path, content: bytes, ending: str) -> None:
    """A stack trace of the TOML parser helps nobody, and may show what stands in the file."""
    file.write_bytes(content)
    assert problems({}, file) == [f"{file}: {ending}"]


def test_a_file_that_is_not_there_is_an_error(file: Path) -> None:
    """A named file that is missing means a forgotten volume, not default settings."""
    assert problems({}, file) == [f"{file}: can't be read: No such file or directory"]
    assert problems({}, file.parent) == [f"{file.parent}: can't be read: Is a directory"]


def test_secrets_are_masked_when_shown() -> None:
    """The output of `config show` ends up in tickets."""
    settings = load(None, {"NEWSQUAKE_KAFKA__PASSWORD": SECRET})
    assert settings.kafka.password.get_secret_value() == SECRET
    assert SECRET not in repr(settings) + str(show(settings))
    assert ("kafka.password", "**********", "NEWSQUAKE_KAFKA__PASSWORD") in show(settings)


def test_no_error_contains_a_secret(file: Path) -> None:
    """Errors are logged: a secret given in the wrong shape must not go with them."""
    file.write_text(f'[kafka]\npassword = ["{SECRET}"]\n')
    (line,) = problems({}, file)
    assert line.startswith(f"{file}: kafka.password: ********** is not allowed")
    assert SECRET not in line
    file.write_text(f'[kafka.password]\nvalue = "{SECRET}"\n')
    assert SECRET not in "".join(problems({"NEWSQUAKE_KAFKA__PASWORD": SECRET}, file))


@pytest.mark.property
@given(st.from_regex(r"NEWSQUAKE_[A-Z]{1,12}(_{1,2}[A-Z]{1,12}){0,2}", fullmatch=True))
def test_no_variable_with_the_prefix_is_ignored(name: str) -> None:
    """Whatever somebody sets under our name either is a setting or is complained about."""
    assume(name not in VARIABLES and "SERVICE" not in name and "PORT" not in name)
    (line,) = problems({name: "x"})
    assert line.startswith(f"{name}: no such setting")


def test_a_setting_named_as_a_keyword_of_python_is_set_by_its_plain_name(file: Path) -> None:
    """Users would have to write an underscore that means nothing to them."""
    file.write_text("[detect]\nfor = 7200\n")
    assert load(file, {}).detect.for_ == timedelta(hours=2)
    settings = load(file, {"NEWSQUAKE_DETECT__FOR": "1h"})
    assert settings.detect.for_ == timedelta(hours=1)
    shown = {setting.name: setting.origin for setting in show(settings)}
    assert shown["detect.for"] == "NEWSQUAKE_DETECT__FOR"
    assert problems({"NEWSQUAKE_DETECT__FOR": "soon"})[0].startswith("NEWSQUAKE_DETECT__FOR: ")


@pytest.mark.parametrize("written", ["5400", "90m", "1.5 h", "PT1H30M", "01:30:00"])
def test_durations_are_written_as_people_write_them(file: Path, written: str) -> None:
    """An hour and a half would need a manual, or be taken for something else."""
    file.write_text(f'[detect]\nfor = "{written}"\n')
    for settings in (load(file, {}), load(None, {"NEWSQUAKE_DETECT__FOR": written})):
        assert settings.detect.for_ == timedelta(minutes=90)


def test_silenced_subjects_are_a_list_with_commas() -> None:
    """A desk that silences two companies would silence none, or fail to start."""
    settings = load(None, {"NEWSQUAKE_DETECT__SILENCED": "company:ACME, topic:*"})
    assert settings.detect.silenced == ("company:ACME", "topic:*")
