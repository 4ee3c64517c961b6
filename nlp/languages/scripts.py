"""Writing systems: what the letters of a text say about its language."""

import re
from functools import lru_cache
from typing import Final, NamedTuple


class Script(NamedTuple):
    """A writing system.

    Attributes:
        letters: Its letters, as ranges of a regular expression.
        languages: The languages that are written in it, the commonest first.
        words_per_letter: Words for each letter, about.
    """

    letters: str
    languages: tuple[str, ...]
    words_per_letter: float = 0.2


HAN: Final = Script("\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff", ("zh",), 0.5)
# Not the middle dot, which Chinese writes between the parts of a foreign name.
KANA: Final = Script("\u3041-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f", ("ja",), 0.5)
HANGUL: Final = Script("\uac00-\ud7af\u1100-\u11ff\u3130-\u318f", ("ko",), 0.5)
SCRIPTS: Final = (
    HAN,
    KANA,
    HANGUL,
    Script("\u0400-\u052f", ("ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn")),
    Script("\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc", ("ar", "fa", "ur", "ps")),
    Script("\u0900-\u097f", ("hi", "mr", "ne")),
    Script("\u0370-\u03ff\u1f00-\u1fff", ("el",)),
    Script("\u0590-\u05ff", ("he",)),
    Script("\u0e00-\u0e7f", ("th",)),
    Script("\u0980-\u09ff", ("bn",)),
    Script("\u0a00-\u0a7f", ("pa",)),
    Script("\u0a80-\u0aff", ("gu",)),
    Script("\u0b80-\u0bff", ("ta",)),
    Script("\u0c00-\u0c7f", ("te",)),
    Script("\u0c80-\u0cff", ("kn",)),
    Script("\u0d00-\u0d7f", ("ml",)),
    Script("\u0d80-\u0dff", ("si",)),
    Script("\u0e80-\u0eff", ("lo",)),
    Script("\u1000-\u109f", ("my",)),
    Script("\u1780-\u17ff", ("km",)),
    Script("\u10a0-\u10ff", ("ka",)),
    Script("\u0530-\u058f", ("hy",)),
    Script("\u1200-\u137f", ("am",)),
)
"""All writing systems but the Latin one."""
LATIN: Final = (
    "en", "de", "fr", "es", "pt", "it", "nl", "da", "sv", "no", "fi", "pl", "cs", "sk", "hu", "ro",
    "tr", "id", "vi", "hr",
)  # fmt: skip
"""Languages in Latin letters that are told apart: those with news of markets.

With further ones, headlines full of names would be taken for Catalan or Estonian.
"""
LANGUAGES: Final = frozenset(LATIN) | {name for script in SCRIPTS for name in script.languages}
"""Languages that are recognised."""
ALSO_LATIN: Final = frozenset({"sr", "kk", "mn"})
"""Languages of `SCRIPTS` that are written in Latin letters, too."""

_FOREIGN: Final = re.compile(f"[{''.join(script.letters for script in SCRIPTS)}]")
_LETTERS: Final = {script: re.compile(f"[{script.letters}]") for script in SCRIPTS}
_IN_BRACKETS: Final = re.compile("[(\uff08\\[\u3010][^)\uff09\\]\u3011]*[)\uff09\\]\u3011]")
_LATIN_WORD: Final = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+")
_LOWER_WORD_WEIGHT: Final = 2.0
_NAME_WEIGHT: Final = 0.5
"""A capitalised Latin word weighs less than one in lower case: names occur in every language."""
_EAST_ASIAN: Final = (HAN, KANA, HANGUL)
_CHINESE_KANA: Final = "の"
"""Chinese brands write it for style; any other kana is Japanese."""
_UNIQUE: Final = {
    "uk": "іїєґ", "be": "ўі", "sr": "ђјљњћџ", "mk": "ѓѕјљњќ", "kk": "әғқңөұүһі", "ky": "ңөү",
    "mn": "өү", "fa": "پچژگک", "ur": "ٹڈڑںے", "ps": "ټډړښڅځ",
}  # fmt: skip
"""Letters of languages whose script others share. A headline has one of them as a rule."""
_JAPANESE: Final = frozenset(
    "価営円発経済気対続変単実図広応関検権験険県駅鉄戦沢桜総込働売黒徴読薬覚転軽辺択拠拡挙払掲摂壊圏"
    "囲団労剣剤処両仮伝値増歩毎渋満瀬焼犠猟畑畳稲穂竜粋絵緑縦繊聴脳臓蔵蛍覧観訳譲賛郷醸釈銭陥隠雑霊"
    "騒髪鶏塩斎収亜栄駆帰"
)
"""Ideographs in forms of Japan's list of 1946 that neither of the Chinese scripts uses."""
_MAX_CACHED_PAIRS: Final = 1_024
"""Languages that producers say, with the letters of their texts."""


def dominant_script(text: str) -> Script | None:
    """Return the writing system of a text; None for Latin letters, and for none at all.

    Names in Latin letters count little, and what stands in brackets does not count: headlines in
    every language quote foreign names.

    >>> dominant_script("Acme Holdings 宣布裁员三千人").languages
    ('zh',)
    >>> dominant_script("BYD (比亚迪) profit rises")
    """
    if text.isascii() or not _FOREIGN.search(text):
        return None
    outside = _IN_BRACKETS.sub(" ", text)
    if any(character.isalpha() for character in outside):
        text = outside
    words = {
        script: len(letters.findall(text)) * script.words_per_letter
        for script, letters in _LETTERS.items()
    }
    east_asian = sum(words[script] for script in _EAST_ASIAN)
    largest = max(words, key=words.__getitem__)
    latin = sum(
        _LOWER_WORD_WEIGHT if word.islower() else _NAME_WEIGHT for word in _LATIN_WORD.findall(text)
    )
    if latin > max(east_asian, words[largest]):
        return None
    if words[largest] > east_asian:
        return largest
    # The three share ideographs.
    if words[HANGUL] > words[KANA]:
        return HANGUL
    kana = [letter for letter in _LETTERS[KANA].findall(text) if letter != _CHINESE_KANA]
    return KANA if kana or not _JAPANESE.isdisjoint(text) else HAN


def possible_languages(text: str, script: Script) -> list[str]:
    """Return the languages of ``script`` that a text may be in, by the letters that it has.

    >>> possible_languages("Прибуток зріс", SCRIPTS[3])
    ['ru', 'uk', 'bg', 'be', 'kk']
    """
    low = text.lower()
    return [
        name
        for name in script.languages
        if name not in _UNIQUE or any(letter in low for letter in _UNIQUE[name])
    ]


@lru_cache(_MAX_CACHED_PAIRS)
def is_written_in(language: str, script: Script | None) -> bool:
    """Return whether texts in ``language`` use ``script``; a language of no list may.

    >>> is_written_in("zh", None), is_written_in("de", HAN), is_written_in("ja", HAN)
    (False, False, True)
    """
    scripts = [other for other in SCRIPTS if language in other.languages]
    if script is None:
        return not scripts or language in ALSO_LATIN
    if language == "ja" and script is HAN:
        return True
    return script in scripts or not (scripts or language in LATIN)
