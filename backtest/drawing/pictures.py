"""Pictures of a backtest: the seismogram of one subject, or of each that alerted."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from backtest.alert_history import AlertHistory
from backtest.drawing.gallery import Gallery
from backtest.drawing.seismogram import Form, draw_seismogram
from infra.usage_error import UsageError

_FORMS: Final[dict[str, Form]] = {".png": "png", ".svg": "svg"}
"""The ending of a file's name to the form of the picture."""
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
_MAX_NAME: Final = 100


def form_of(path: Path) -> Form:
    """Return the form that a file's ending asks for.

    Raises:
        UsageError: There is no such form.
    """
    form = _FORMS.get(path.suffix.lower())
    if form is None:
        raise UsageError(f"--plot {path}: the name must end with {' or '.join(_FORMS)}")
    return form


def check_writable(path: Path) -> None:
    """Check that a picture can be written, before minutes of work are spent.

    Raises:
        UsageError: The file's ending says no form, or its folder can't be written to.
    """
    form_of(path)
    if path.is_dir():
        raise UsageError(f"--plot {path}: is a folder; --plots draws all subjects into one")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise UsageError(f"--plot {path}: there is no folder {folder}: make it first")
    if not os.access(folder, os.W_OK):
        raise UsageError(f"--plot {path}: the folder {folder} can't be written to")


def save_seismogram(
    path: Path, gallery: Gallery, histories: Sequence[AlertHistory], subject: str
) -> None:
    """Draw ``subject``, or else the subject with the strongest alert, to a file.

    Raises:
        UsageError: The subject has no trace, or the file's ending says no form.
        OSError: The file can't be written.
    """
    # An alert of the market has members. It is drawn only if it was asked for.
    of_subjects = [history for history in histories if not history.fired.members]
    strongest = max(of_subjects, key=lambda history: history.peak.evidence, default=None)
    name = subject or (strongest.fired.subject if strongest else gallery.first)
    _save(path, name, gallery, histories)


def save_all(
    folder: Path, gallery: Gallery, histories: Sequence[AlertHistory], form: Form
) -> Iterator[Path]:
    """Draw each subject with an alert into a folder, and yield the files.

    Subjects that alerted without a trace of their own, as there were too many, are left out.

    Raises:
        OSError: A file can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files: set[str] = set()
    for subject in sorted({history.fired.subject for history in histories}):
        if subject not in gallery:
            continue
        stem = name = _UNSAFE.sub("-", subject).strip("-.")[:_MAX_NAME] or "subject"
        number = 1
        while name.lower() in files:
            number += 1
            name = f"{stem}-{number}"
        files.add(name.lower())
        path = folder / f"{name}.{form}"
        _save(path, subject, gallery, histories)
        yield path


def _save(path: Path, subject: str, gallery: Gallery, histories: Sequence[AlertHistory]) -> None:
    """Replace the file at once, so that it is never incomplete."""
    drawn = [history for history in histories if subject in history.span().names]
    picture = draw_seismogram(subject, gallery.trace(subject), drawn, form_of(path))
    temporary = path.with_name(f".{path.name}.part")
    try:
        temporary.write_bytes(picture)
        temporary.replace(path)
    except OSError as error:
        raise OSError(f"{path} can't be written: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)
