"""The language of a text: what its producer says, else its letters, else its words.

Headlines are short and full of names. So a text is only taken for another language than the usual
one if that is nearly certain: an English headline that no model reads would be lost.
"""

from copy import copy
from functools import cache
from typing import TYPE_CHECKING, Final

from nlp.languages.english import (
    are_names,
    has_english,
    is_english_without_marks,
    is_plainly_english,
    without_names,
)
from nlp.languages.scripts import (
    LANGUAGES,
    LATIN,
    dominant_script,
    is_written_in,
    possible_languages,
)
from nlp.languages.tags import normal_tag, primary
from nlp.normalise import normalise

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

MAX_CHARS: Final = 400
"""The rest of a text is not looked at."""
MAX_USUAL_PROBABILITY: Final = 0.02
"""A text is in another language if the usual one is less likely than this. Of 16 000 English
headlines none is taken for another language, and of 88 headlines in other languages with Latin
letters 3 are taken for English (`bench/languages.py`)."""
MAX_ENGLISH_PROBABILITY: Final = 0.001
"""The same for a text with an English word: names of banks are Italian, French and Spanish."""
MAX_USUAL_WITHOUT_NAMES: Final = 0.1
"""The same for what a text says beside its names: English news about the Société Générale de
Surveillance has more French letters than English ones."""
MIN_WORDS: Final = 3
MIN_LETTERS: Final = 12
"""Shorter texts are names and tickers as a rule."""
_NO_LANGUAGE: Final = "zxx"
"""The library's class of markup, numbers and identifiers."""


def recognise(text: str, declared: str = "", usual: str = "en") -> str:
    """Return the BCP 47 tag of a text's language.

    Args:
        text: The text.
        declared: The language that the producer says, or nothing. It is believed, unless the
            text is in letters that the language does not use.
        usual: The language of a text that does not say enough.
    """
    text = text[:MAX_CHARS]
    script = dominant_script(text)
    tag = normal_tag(declared) if declared else ""
    if tag and (is_written_in(primary(tag), script) or not any(map(str.isalpha, text))):
        # CA and SE are countries of English news, too.
        is_rare = primary(tag) not in LANGUAGES
        return "en" if is_rare and is_plainly_english(text) else tag
    if script is None:
        return "en" if is_plainly_english(text) else _latin_language(text, usual)
    languages = possible_languages(text, script)
    if len(languages) == 1:
        return languages[0]
    ranked = dict(_identifier(script.languages).rank(text))
    return max(languages, key=lambda name: ranked.get(name, 0.0))


def _latin_language(text: str, usual: str) -> str:
    """Return the language of a text in Latin letters, the usual one unless another is certain."""
    text = normalise(text)
    if is_english_without_marks(text):
        return "en"
    words = [word for word in text.split() if word[0].isalpha() or any(map(str.isalpha, word))]
    if len(words) < MIN_WORDS or sum(map(str.isalpha, text)) < MIN_LETTERS or are_names(words):
        return usual
    identifier = _identifier(LATIN)
    best, probability = identifier.classify(text)
    if best in {usual, _NO_LANGUAGE}:
        return usual
    if usual not in LATIN:  # such a text is in English rather than in the usual language
        return best if probability > 1 / 2 else usual
    limit = MAX_ENGLISH_PROBABILITY if has_english(words) else MAX_USUAL_PROBABILITY
    if dict(identifier.rank(text))[usual] >= limit:
        return usual
    others = " ".join(without_names(words))
    is_usual = others and dict(identifier.rank(others))[usual] >= MAX_USUAL_WITHOUT_NAMES
    return usual if is_usual else best


@cache
def _identifier(languages: tuple[str, ...]) -> "LanguageIdentifier":
    """Return the library's model for those of ``languages`` that it knows, and for none at all."""
    identifier = copy(_all_languages())
    identifier.set_languages({*languages, _NO_LANGUAGE} & {*identifier.labels})
    return identifier


@cache
def _all_languages() -> "LanguageIdentifier":
    """Return the library's model, which takes a second to load and is seldom needed."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
