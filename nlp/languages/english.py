"""English headlines, told by their words alone: most news is English, and a look at it is cheap."""

from collections.abc import Iterable, Sequence
from typing import Final

_ENGLISH_WORDS: Final = """
the and with from after its it's says said against amid among between despite during before into
than less because about while when how why what who which would could should has been being
that this these those their they our your new up down out first third low high
shares stocks growth earnings sales results quarter rises rise falls drops jumps plunges climbs
loses cuts cut raises raise beats misses buys sells sees faces seeks wins launches warns reports
expects announces declares oil prices price markets workers government debt loss losses rates
year years week weeks month months day days billion million percent pct u.s. update
company market asset value disclosure rule group following shareholding conference annual
rights security technology russia germany turkey chinese russian german european american
japanese british french spanish state states urges health trade investors appoints talks offers
trust ahead calls world funds big share industry opens provides boost north south help board
takes trading gets house latest statement makes releases early research military banks launch
digest attack adds amendment network key news need meet review seen issue close end trial
economic eyes completes acquires equity strike office presidential healthcare repurchase visit
make official city foreign outlook seek demand officer higher lower cancellation home ban two
four five aid best partners leadership costs available response gas fire treasury directors
small join finds supply files wireless cash medical financing resources pay earthquake spending
challenge chief named tax killed dead see show shows plans names exits bln mln hires joins quits
leaves hits keeps gains lifts sets slides slips tumbles rejects denies backs ex-chief
"""
_ENGLISH: Final = frozenset(_ENGLISH_WORDS.split())
"""Words that are English and nothing else, among the languages of `nlp.languages.scripts.LATIN`."""
_SHARED: Final = frozenset({"of", "to", "for", "by", "at", "is", "as", "in", "on", "a"})
"""English words that another language has, too."""
_OTHER_WORDS: Final = """
der die das und von mit für nach bei wird ist nicht ein eine einen dem den auf aus zum zur im
le les des du de et est pour dans sur avec une un au aux par plus qui sa ses ne pas
el los las del y en por con para una su que al se lo gli di da e è per che non nel della delle
dei il o os um uma do dos em no na com não het een van op voor met naar te bij niet
och att ett på är för som av og til ikke w z na i się nie bir ve için că și la og je
"""
_OTHER: Final = frozenset(_OTHER_WORDS.split())
"""Small words of the other languages."""
_MIN_SCORE: Final = 2
_MAX_NAME_WORDS: Final = 4
_PARTICLES: Final = frozenset(
    {"de", "du", "des", "la", "le", "les", "di", "da", "dei", "del", "della", "der", "den", "van"}
    | {"von", "et", "und", "och", "og", "of", "y", "e", "do", "dos", "en", "i", "ja", "för", "für"}
)
"""Words in lower case that stand in names of companies."""


def has_english(words: Iterable[str]) -> bool:
    """Return whether one of the words is English and nothing else."""
    return any(word.lower() in _ENGLISH for word in words)


def are_names(words: Sequence[str]) -> bool:
    """Return whether all words may belong to names, which are in no language.

    >>> are_names("UBS, Banco de Sabadell".split()), are_names("Acme fällt tief".split())
    (True, False)
    """
    if all(word.isupper() for word in words):  # a headline in capitals, unless it is short
        return len(words) <= _MAX_NAME_WORDS
    return not any(word[:1].islower() and word not in _PARTICLES for word in words)


def is_plainly_english(text: str) -> bool:
    """Return whether the words of a text say that it is English. False says nothing.

    >>> is_plainly_english("Acme shares fall after warning"), is_plainly_english("Acme AG fällt")
    (True, False)
    """
    words = set(text.lower().split())
    english = 2 * len(words & _ENGLISH)
    if not english:
        return False
    return english + len(words & _SHARED) - 3 * len(words & _OTHER) >= _MIN_SCORE
