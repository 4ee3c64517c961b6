"""What a runtime prepared is kept whole or not at all, and does not fill the disk."""

from pathlib import Path

from nlp.inference.prepared_models import MAX_KEPT, PreparedModels


def test_what_was_kept_is_read(tmp_path: Path) -> None:
    """Each start would prepare the model again."""
    models = PreparedModels(tmp_path / "new" / "models")
    models.keep("key", b"prepared")
    content = models.read("key")
    assert content is not None
    assert content.tobytes() == b"prepared"
    assert models.read("another") is None


def test_what_a_process_writes_there_stays_in_it(tmp_path: Path) -> None:
    """A library would change the model of all other workers."""
    models = PreparedModels(tmp_path)
    models.keep("key", b"prepared")
    content = models.read("key")
    assert content is not None
    content[:] = 0
    again = models.read("key")
    assert again is not None
    assert again.tobytes() == b"prepared"


def test_a_damaged_file_is_as_good_as_none(tmp_path: Path) -> None:
    """A library that is given half a file ends the process, at every start."""
    models = PreparedModels(tmp_path)
    models.keep("key", b"prepared" * 100)
    (file,) = tmp_path.iterdir()
    for content in (file.read_bytes()[:-1], b"", b"x" * 900):
        file.write_bytes(content)
        assert models.read("key") is None


def test_old_models_go(tmp_path: Path) -> None:
    """A pipeline that is retrained each night would fill the disk."""
    models = PreparedModels(tmp_path)
    for number in range(MAX_KEPT + 3):
        models.keep(str(number), b"prepared")
    assert len([*tmp_path.iterdir()]) == MAX_KEPT


def test_a_folder_that_cannot_be_written_is_left_alone(tmp_path: Path) -> None:
    """A container with a read-only disk could not start."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    models = PreparedModels(tmp_path / "file")
    models.keep("key", b"prepared")
    assert models.read("key") is None
