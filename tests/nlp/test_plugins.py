"""Classifiers that other packages bring, by a real entry point of an installed distribution."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nlp.classifier import ModelBusy, ModelMissing, Unclassifiable
from nlp.contract import CHECKS
from nlp.load import load, load_fallback
from nlp.settings import ModelSettings

Install = Callable[..., None]
GOOD = """
from nlp.classifier import Scores

class Acme:
    def __init__(self, settings):
        self.model_id = f"acme-{settings.max_tokens}"
    def classify(self, texts):
        return [Scores(0.5, 0.25, 0.25, {"ipo": 0.75}, ("ipo",)) for _ in texts]
"""
CHANGED = """
from nlp.null import NEUTRAL

class Acme:
    model_id = "acme"
    def __init__(self, settings):
        pass
    def classify(self, texts):
        {}
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a package with a classifier named ``acme`` where Python finds it."""

    def put(code: str, package: str = "acme_news", name: str = "acme") -> None:
        (tmp_path / f"{package}.py").write_text(code)
        info = tmp_path / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        entry = f"[newsquake.classifiers]\n{name} = {package}:Acme\n"
        (info / "entry_points.txt").write_text(entry)
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(sys.modules, package, raising=False)

    return put


def test_a_classifier_of_another_package_is_loaded_by_its_name(install: Install) -> None:
    """A team could not use its own model without a fork."""
    install(GOOD)
    classifier = load(ModelSettings(model="acme", max_tokens=99))
    (scores,) = classifier.classify(["x"])
    assert classifier.model_id == "acme-99"
    assert (scores[:3], scores.topics) == ((0.5, 0.25, 0.25), {"ipo": 0.75})
    for check in CHECKS:
        check(classifier)


def test_it_mixes_with_our_own(install: Install) -> None:
    """A plug-in could be used alone or not at all."""
    install(GOOD)
    mixed = load(ModelSettings(model="acme+null", topics="acme", shadow="acme", max_tokens=8))
    (scores,) = mixed.classify(["x"])
    assert scores[:3] == (0.25, 0.625, 0.125)
    assert scores.about == ("ipo",)
    assert scores.shadow is not None
    assert scores.shadow.model == "acme-8"


def test_one_that_is_busy_at_the_start_is_taken_as_it_is(install: Install) -> None:
    """A worker could not start, and wait, while the server of its model is away."""
    code = "from nlp.classifier import ModelBusy\n" + CHANGED.format("raise ModelBusy('no server')")
    install(code)
    classifier = load(ModelSettings(model="acme"))
    assert classifier.model_id == "acme"
    with pytest.raises(ModelBusy, match="no server"):
        classifier.classify(["x"])


def test_a_fallback_has_neither_the_topics_nor_the_shadow_of_the_model(install: Install) -> None:
    """What stands in for a model that is down would ask the same model for topics."""
    install(GOOD)
    settings = ModelSettings(model="acme", topics="acme", shadow="acme")
    assert load_fallback(settings, "") is None
    fallback = load_fallback(settings, "lexicon")
    assert fallback is not None
    (scores,) = fallback.classify(["Acme faces bankruptcy"])
    assert fallback.model_id == "lexicon-2"
    assert scores.shadow is None
    assert "ipo" not in scores.topics


def test_the_package_stays_out_until_it_is_named(install: Install) -> None:
    """A broken plug-in would stop workers that do not use it."""
    install("raise RuntimeError('imported')")
    assert load(ModelSettings(model="null")).model_id == "null"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import no_such_library", "no_such_library"),
        ("x = 1", "Acme"),
        ("def Acme(settings): raise ValueError('no licence')", "no licence"),
        ("def Acme(settings): return None", "made a NoneType"),
        (GOOD.replace("acme-", "acme/"), "without a slash"),
        (CHANGED.format("raise ValueError('oh')"), "contract"),
        (CHANGED.format("return []"), "0 scores for 2 texts"),
        (CHANGED.format("return [(0.2, 0.3, 0.5)] * len(texts)"), "no distribution"),
        (CHANGED.format("return [NEUTRAL._replace(neutral=0.5)] * len(texts)"), "no distribution"),
        (CHANGED.format("return [NEUTRAL._replace(topics={'a': 9.0})] * len(texts)"), "no distr"),
        (CHANGED.format("return None"), "contract"),
    ],
)
def test_what_is_no_classifier_is_refused_at_the_start(
    install: Install, code: str, says: str
) -> None:
    """A worker would take articles and fail on each, with a stack trace out of somebody's code."""
    install(code)
    with pytest.raises(ModelMissing, match=says) as refused:
        load(ModelSettings(model="acme"))
    assert "acme of acme_news" in str(refused.value)


def test_nan_from_a_plugin_sets_the_text_aside(install: Install) -> None:
    """NaN would spread through every share of a subject, for ever."""
    nan = "NEUTRAL._replace(neutral=float('nan'))"
    install(CHANGED.format(f"return [{nan} if 'bad' in it else NEUTRAL for it in texts]"))
    classifier = load(ModelSettings(model="acme"))
    assert classifier.classify(["good"])[0].neutral == 1.0
    with pytest.raises(Unclassifiable):
        classifier.classify(["good", "bad"])


def test_two_packages_with_one_name_are_refused(install: Install) -> None:
    """The model in use would depend on the order of folders on a machine."""
    install(GOOD)
    install(GOOD, package="emca_news")
    with pytest.raises(ModelMissing, match=r"acme_news.*emca_news|emca_news.*acme_news"):
        load(ModelSettings(model="acme"))


@pytest.mark.parametrize("name", ["nobody/nothing", "/nowhere", "lexicom", "a model", "-"])
@pytest.mark.model
def test_a_name_of_nothing_lists_what_there_is(install: Install, name: str) -> None:
    """A user would not learn what to write instead."""
    install(GOOD)
    for setting in ("model", "topics", "shadow"):
        with pytest.raises(ModelMissing) as refused:
            load(ModelSettings(**{"model": "null", setting: name}))
        assert all(
            expected in str(refused.value)
            for expected in (name, "shipped", "lexicon", "null", "acme")
        )
        assert "\n" not in str(refused.value)


@pytest.mark.model
def test_a_folder_of_something_else_is_no_model(tmp_path: Path) -> None:
    """A folder with a typo in its path would be taken for a hub id."""
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(ModelMissing, match="is no model"):
        load(ModelSettings(model=str(tmp_path)))
    (tmp_path / "newsquake.json").write_text('{"format": 1}')
    with pytest.raises(ModelMissing, match="no manifest"):
        load(ModelSettings(model=str(tmp_path)))
