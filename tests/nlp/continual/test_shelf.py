"""Versions of a model, and which one is current."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from nlp.classifier import ModelMissing
from nlp.continual.registry import CURRENT, ModelRegistry
from nlp.settings import ModelSettings
from nlp.transformer import model_files
from nlp.transformer.model_files import read_manifest
from nlp.transformer.model_path import model_path
from nlp.transformer.reload import moved_on, state

Making = Callable[[str], Path]


def current(shelf: ModelRegistry) -> str:
    """What the current model calls itself."""
    assert shelf.current
    return read_manifest(shelf.current).name


def test_versions_stay_and_the_last_one_is_current(tmp_path: Path, hollow: Making) -> None:
    """What was promoted yesterday could not be had back."""
    shelf = ModelRegistry(tmp_path / "models")
    assert shelf.current is None
    assert [shelf.put(hollow(name)).name for name in "abc"] == ["v0001", "v0002", "v0003"]
    assert current(shelf) == "c"
    assert [read_manifest(shelf.folder / it).name for it in ("v0001", "v0002")] == ["a", "b"]


def test_rolling_back_passes_over_what_was_rolled_back(tmp_path: Path, hollow: Making) -> None:
    """The way back from a bad model would lead to another that was found bad before."""
    shelf = ModelRegistry(tmp_path / "models")
    for name in "abc":
        shelf.put(hollow(name))
    shelf.roll_back()
    assert current(shelf) == "b"
    assert shelf.put(hollow("d")).name == "v0004"
    shelf.roll_back()
    assert current(shelf) == "b"
    shelf.roll_back()
    assert current(shelf) == "a"
    with pytest.raises(ModelMissing, match="no version to go back to"):
        shelf.roll_back()
    assert current(shelf) == "a"


def test_who_looks_during_promotions_always_finds_a_whole_model(
    tmp_path: Path, hollow: Making
) -> None:
    """A worker that starts at that moment would crash, or load half of each of two models."""
    shelf = ModelRegistry(tmp_path / "models")
    shelf.put(hollow("first"))
    done, found = threading.Event(), set[str]()

    def look() -> None:
        while not done.is_set():
            folder = model_path(shelf.folder / CURRENT)
            model_files.check(folder)
            found.add(read_manifest(folder).name)

    looking = threading.Thread(target=look)
    looking.start()
    for number in range(100):
        shelf.put(hollow(f"m{number}"))
    done.set()
    looking.join()
    assert len(found) > 1
    assert current(shelf) == "m99"


def test_a_damaged_model_is_not_promoted(tmp_path: Path, hollow: Making) -> None:
    """All workers would start again and find nothing to run."""
    shelf = ModelRegistry(tmp_path / "models")
    shelf.put(hollow("good"))
    bad = hollow("bad")
    (bad / model_files.DELTA).write_bytes((bad / model_files.DELTA).read_bytes()[:-1])
    with pytest.raises(ModelMissing, match="damaged"):
        shelf.put(bad)
    assert current(shelf) == "good"
    assert sorted(path.name for path in shelf.folder.glob("*")) == [
        "current",
        "promotions.jsonl",
        "v0001",
    ]


def test_a_draft_that_is_not_promoted_leaves_nothing(tmp_path: Path, hollow: Making) -> None:
    """Each night's refused candidate would fill the disk."""
    shelf = ModelRegistry(tmp_path / "models")
    shelf.put(hollow("a"))
    before = sorted(tmp_path.glob("models/**/*"))
    with shelf.draft() as draft:
        (draft / "heads.safetensors").write_bytes(b"half")
    assert sorted(tmp_path.glob("models/**/*")) == before


def test_it_works_where_there_are_no_links(
    tmp_path: Path, hollow: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows without developer mode, and on some network drives, no model could be promoted."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError("links are not allowed")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    shelf = ModelRegistry(tmp_path / "models")
    for name in "ab":
        shelf.put(hollow(name))
    assert current(shelf) == "b"
    assert (shelf.folder / CURRENT).read_text() == "v0002\n"
    shelf.roll_back()
    assert current(shelf) == "a"


def test_a_promotion_is_noticed_and_a_broken_one_is_not_followed(
    tmp_path: Path, hollow: Making
) -> None:
    """Workers would go on with an old model for ever, or leave a good one for one that fails."""
    shelf = ModelRegistry(tmp_path / "models")
    shelf.put(hollow("a"))
    settings = ModelSettings(model=f"2*{shelf.folder / CURRENT}+lexicon")
    before = state(settings)
    assert len(before) == 1
    assert not moved_on(settings, before)
    (shelf.put(hollow("b")) / model_files.HEADS).write_bytes(b"short")
    with pytest.raises(ModelMissing, match="damaged"):
        moved_on(settings, before)
    shelf.put(hollow("c"))
    assert moved_on(settings, before)


def test_nothing_is_followed_where_no_folder_is_named() -> None:
    """A worker with the word lists would wait for files that are none of its business."""
    assert state(ModelSettings(model="lexicon", topics="", shadow="null")) == {}
