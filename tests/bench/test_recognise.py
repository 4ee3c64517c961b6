"""Learning to recognise unlisted names of companies from headlines that nobody marked."""

import random

from labelling.marked_texts import Marked, in_title_case
from labelling.recognise import learn

from nlp.name_recognition.recogniser import COMPANY, ORDINARY, OTHER_NAME, UNKNOWN, Span

DICE = random.Random(5)
ENDS = ("shares fall after profit warning", "recalls heaters", "to cut jobs", "profit rises")


def headlines(count: int = 600) -> list[Marked]:
    """Return headlines about companies with names of their own, and about a city and an office."""
    marked: list[Marked] = []
    for number in range(count):
        name = "".join(DICE.choices("bdfglmnr", k=7)).title()
        marked.append(Marked(f"{name} {DICE.choice(ENDS)}", [Span(0, len(name))]))
        place = ("Tokyo", "Lyon")[number % 2]
        marked.append(Marked(f"Trains stop as storm hits {place} and ports", []))
        marked.append(Marked(f"Fortis {DICE.choice(ENDS)}", []))
    return marked


def test_kinds_of_words_and_what_stands_around_names_are_learnt() -> None:
    """Names that no list has would be read as they are written, or places as companies."""
    recogniser = learn(headlines(), seed=1)
    words = ("storm", "tokyo", "fortis", "velmora")
    assert [*map(recogniser.kind, words)] == [ORDINARY, OTHER_NAME, COMPANY, UNKNOWN]

    def names(text: str) -> list[str]:
        return [text[start:end] for start, end in recogniser.names(text)]

    assert names("Storm recalls heaters") == ["Storm"]
    assert names("Storm hits Tokyo and ports") == []
    assert names("Fortis and Velmora to cut jobs") == ["Fortis", "Velmora"]


def test_what_is_learnt_does_not_differ_from_run_to_run() -> None:
    """Nobody could make the shipped file again."""
    texts = headlines(50)
    assert learn(texts, seed=2).weights.tolist() == learn(texts, seed=2).weights.tolist()


def test_title_case_keeps_short_words_and_the_place_of_each_character() -> None:
    """Marks of names would no longer fit the text."""
    text = "Velmora to cut 200 jobs in the U.S. after iPhone sales fall"
    assert in_title_case(text) == "Velmora to Cut 200 Jobs in the U.S. after IPhone Sales Fall"
