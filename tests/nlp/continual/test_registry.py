"""The versions of a model, one of which is current."""

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


def current(registry: ModelRegistry) -> str:
    """Return the name in the current model's manifest."""
    assert registry.current
    return read_manifest(registry.current).name


def test_versions_stay_and_the_last_one_is_current(tmp_path: Path, hollow: Making) -> None:
    """Yesterday's model could not be restored."""
    registry = ModelRegistry(tmp_path / "models")
    assert registry.current is None
    assert [registry.promote_copy(hollow(name)).name for name in "abc"] == [
        "v0001",
        "v0002",
        "v0003",
    ]
    assert current(registry) == "c"
    older = [read_manifest(registry.folder / version).name for version in ("v0001", "v0002")]
    assert older == ["a", "b"]


def test_rolling_back_skips_versions_that_were_rolled_back(tmp_path: Path, hollow: Making) -> None:
    """A rollback from a bad model would lead to another bad one."""
    registry = ModelRegistry(tmp_path / "models")
    for name in "abc":
        registry.promote_copy(hollow(name))
    registry.roll_back()
    assert current(registry) == "b"
    assert registry.promote_copy(hollow("d")).name == "v0004"
    registry.roll_back()
    assert current(registry) == "b"
    registry.roll_back()
    assert current(registry) == "a"
    with pytest.raises(ModelMissing, match="no version to go back to"):
        registry.roll_back()
    assert current(registry) == "a"


def test_a_reader_during_promotions_always_finds_a_complete_model(
    tmp_path: Path, hollow: Making
) -> None:
    """A worker that starts at that moment would crash, or load halves of two models."""
    registry = ModelRegistry(tmp_path / "models")
    registry.promote_copy(hollow("first"))
    done, names = threading.Event(), set[str]()

    def read() -> None:
        while not done.is_set():
            folder = model_path(registry.folder / CURRENT)
            model_files.check(folder)
            names.add(read_manifest(folder).name)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(100):
        registry.promote_copy(hollow(f"m{number}"))
    done.set()
    reader.join()
    assert len(names) > 1
    assert current(registry) == "m99"


def test_a_damaged_model_is_not_promoted(tmp_path: Path, hollow: Making) -> None:
    """All workers would restart and fail to load a model."""
    registry = ModelRegistry(tmp_path / "models")
    registry.promote_copy(hollow("good"))
    bad = hollow("bad")
    (bad / model_files.DELTA).write_bytes((bad / model_files.DELTA).read_bytes()[:-1])
    with pytest.raises(ModelMissing, match="damaged"):
        registry.promote_copy(bad)
    assert current(registry) == "good"
    assert sorted(path.name for path in registry.folder.glob("*")) == [
        "current",
        "promotions.jsonl",
        "v0001",
    ]


def test_a_draft_that_is_not_promoted_leaves_nothing(tmp_path: Path, hollow: Making) -> None:
    """The refused candidates of each night would fill the disk."""
    registry = ModelRegistry(tmp_path / "models")
    registry.promote_copy(hollow("a"))
    before = sorted(tmp_path.glob("models/**/*"))
    with registry.draft() as draft:
        (draft / "heads.safetensors").write_bytes(b"half")
    assert sorted(tmp_path.glob("models/**/*")) == before


def test_it_works_where_there_are_no_links(
    tmp_path: Path, hollow: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows without developer mode, and on some network drives, no model could be promoted."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError("links are not allowed")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    registry = ModelRegistry(tmp_path / "models")
    for name in "ab":
        registry.promote_copy(hollow(name))
    assert current(registry) == "b"
    assert (registry.folder / CURRENT).read_text() == "v0002\n"
    registry.roll_back()
    assert current(registry) == "a"


def test_a_promotion_is_noticed_and_a_broken_one_is_not_followed(
    tmp_path: Path, hollow: Making
) -> None:
    """Workers would keep an old model for ever, or leave a good one for one that fails."""
    registry = ModelRegistry(tmp_path / "models")
    registry.promote_copy(hollow("a"))
    settings = ModelSettings(model=f"2*{registry.folder / CURRENT}+lexicon")
    before = state(settings)
    assert len(before) == 1
    assert not moved_on(settings, before)
    (registry.promote_copy(hollow("b")) / model_files.HEADS).write_bytes(b"short")
    with pytest.raises(ModelMissing, match="damaged"):
        moved_on(settings, before)
    registry.promote_copy(hollow("c"))
    assert moved_on(settings, before)


def test_nothing_is_followed_where_no_folder_is_named() -> None:
    """A worker with the word lists would watch files that it does not use."""
    assert state(ModelSettings(model="lexicon", topics="", shadow="null")) == {}
