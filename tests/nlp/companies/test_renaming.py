"""Invented names of companies."""

from nlp.companies.masking import NameMasking
from nlp.companies.renaming import Renaming


def test_no_invented_name_is_a_company_s() -> None:
    """A model would learn nothing about names that are in no list: these would be masked."""
    renaming = Renaming(seed=1)
    names = [renaming.invent() for _ in range(20_000)]
    masking = NameMasking.builtin()
    assert [name for name in names if masking.mask(f"{name} shares fall").replacements] == []


def test_invented_names_are_of_all_kinds() -> None:
    """A model would take a name of two words, or a foreign one, for something else."""
    renaming = Renaming(seed=1)
    names = [renaming.invent() for _ in range(2_000)]
    assert len(set(names)) > 1_500
    assert {len(name.replace(" &", "").split()) for name in names} == {1, 2, 3}
    assert any(not name.isascii() for name in names)
    assert any("&" in name for name in names)
    assert names == [other.invent() for other in [Renaming(seed=1)] for _ in names]


def test_masked_copies_rename_what_would_be_masked_and_no_word() -> None:
    """A model would learn from headlines in which a target is a company."""
    text, subject = Renaming(seed=1).rename_masked("Ford misses target, Ford's rival gains", "Ford")
    assert text == f"{subject} misses target, {subject}'s rival gains"
    assert subject != "Ford"
