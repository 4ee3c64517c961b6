"""What the settings silence, as the doctor sees it."""

from infra.doctor.silences import judge_patterns

SUBJECTS = {"company:TSLA", "company:TSM", "topic:macro", "market:all"}


def test_a_misspelt_pattern_is_told_with_the_nearest_names() -> None:
    """People would be woken by what they had silenced, and not know why."""
    good, bad, odd = judge_patterns(["company:TS*", "company:TSLAA", "company:QQQQQQ"], SUBJECTS)
    assert (good.status, good.detail.split()[2]) == ("ok", "2")
    assert (bad.status, "did you mean company:TSLA" in bad.remedy) == ("warning", True)
    assert (odd.status, odd.remedy) == ("warning", "if producers do name it so, leave it")
