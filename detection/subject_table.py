"""The subjects of a population; one that was recalled is unpacked when it is first needed.

A worker that takes over a million subjects needs a few of them soon. Packed they take a quarter of
the memory, and hardly any time.
"""

from collections.abc import Iterator

from detection.subject_state import Subject, peek


class SubjectTable:
    """Subjects by name."""

    def __init__(self) -> None:
        self._unpacked: dict[str, Subject] = {}
        self._packed: dict[str, bytes] = {}

    def __len__(self) -> int:
        return len(self._unpacked) + len(self._packed)

    def __getitem__(self, name: str) -> Subject:
        """Return a subject.

        Raises:
            KeyError: There is none of this name.
        """
        subject = self.get(name)
        if subject is None:
            raise KeyError(name)
        return subject

    def get(self, name: str) -> Subject | None:
        """Return a subject, None if there is none of this name."""
        subject = self._unpacked.get(name)
        if subject is None and name in self._packed:
            subject = self._unpacked[name] = Subject.from_bytes(self._packed.pop(name))
        return subject

    def add(self, subject: Subject) -> None:
        """Add a new subject."""
        self._unpacked[subject.name] = subject

    def recall(self, name: str, data: bytes) -> bool:
        """Add a subject that `Subject.to_bytes` packed; return whether it is busy.

        Raises:
            ValueError: The bytes are no subject's.
            struct.error: They are too many or too few.
        """
        self._packed[name] = data
        return peek(data).is_busy

    def heard_since(self, number: int) -> Iterator[Subject]:
        """Yield the subjects that had news after bin ``number``."""
        for name in [name for name, data in self._packed.items() if peek(data).bin > number]:
            self.get(name)
        for subject in self._unpacked.values():
            if subject.caught_up_to.bin > number:
                yield subject
