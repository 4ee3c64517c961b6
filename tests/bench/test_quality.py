"""The test set of labelled headlines is of stories that no model learnt."""

from labelling.quality import stories_in

TITLES = {
    "a": "Acme to close its plant in Ohio, 400 jobs go",
    "b": "UPDATE 1-Acme to close its plant in Ohio, 400 jobs go",
    "c": "Bolt recalls a million cars over brakes",
}


def test_a_story_that_was_learnt_is_found() -> None:
    """A model would be praised for headlines that it has all but seen."""
    assert stories_in({"a"}, {"b", "c"}, TITLES) == {"b"}
    assert stories_in({"c"}, {"a", "b"}, TITLES) == set()
