"""Names that no company has, of all the kinds that companies have."""

import random
from typing import Final

_BEGINNINGS: Final = "Al Bel Cor Dun Er Fal Gren Hol Is Jor Kel Lun Mar Nor Or Pel Quin Ros Sol Tor"
_ENDINGS: Final = "ab berg dale den ex field ford ia ic ington ix land mont ona stad ton um way"
_ONSETS: Final = "Br Cl Dr F Fl Gl J K Kr L M N Pr Qu R S Str T Tr V Vel W X Y Z Zen"
_VOWELS: Final = "a e i o u ai io y"
_CODAS: Final = "ba dex fy gen la lo lum mo na nex pio ra ro ron ta tek ti tra va via vio xa zo"
_SURNAMES: Final = (
    "Abernathy Ashcombe Birchall Calloway Drummond Ellery Fenwick Garrick Hollister Inskip Jessop "
    "Kittredge Lockhart Merriweather Norcross Oakden Pemberton Radcliffe Stavely Tolliver Underhay "
    "Vickery Wexcombe Yardley"
)
_ADJECTIVES: Final = (
    "Big Blue Bright Clear Crown Early Fair First Fresh Golden Good Grand Green High Iron Little "
    "New Next North Open Prime Pure Quick Real Red Silver Smart Swift True Urban West White"
)
_NOUNS: Final = (
    "Anchor Arrow Bay Bridge Canyon Castle Circle Cloud Crest Door Eagle Falcon Field Flower "
    "Garden Harbor Hill House Kitchen Lake Lantern Leaf Light Meadow Mile Mill Path Pine Point "
    "Price River Road Rock Spring Star Stone Store Summit Table Tree Valley Wave Wheel Window Wood"
)
_FOREIGN_FIRST: Final = (
    "Banco Grupo Compañía Société Compagnie Établissements Gruppo Banca PT Bank Zakłady Nordiska "
    "Aktiengesellschaft Hindustan Nippon Shin Daiichi Korea China Nan Huaxin"
)
_FOREIGN_STEMS: Final = (
    "Alvarado Bergström Çelik Delaunay Fukushiro Grünwald Hyunsan Iturralde Jiangbei Kowalczyk "
    "Lindqvist Marchetti Nakatomo Nusajaya Oyelaran Przybyl Quiñonero Rajkumar Sørvik Taewon "
    "Ulvang Vandersteen Wongsakul Xinyuan Yamagichi Zhongrui"
)
_FOREIGN_LAST: Final = "Bhd Denki Finans Gida Heavy Holding Kogyo Oyj SpA Sangyo Stahl Tbk Werke"
_TRADES: Final = (
    "Air Airlines Bank Bancorp Biosciences Capital Chemicals Energy Entertainment Financial Foods "
    "Gold Health Homes Hotels Industries Insurance Labs Logistics Media Mining Motors Networks Oil "
    "Partners Pharma Power Resources Retail Semiconductor Software Steel Stores Systems "
    "Technologies Telecom Therapeutics Water"
)
_LEGAL_FORMS: Final = "AG Co Corp Group Holdings Inc LLC Ltd NV SA SE plc"
_TRADE: Final = 0.35
"""Share of the shorter names with a trade, such as Norberg Foods."""
_LEGAL_FORM: Final = 0.15
"""Share of the shorter names with a legal form, such as Norberg plc."""
_MAX_WORDS: Final = 3
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTVWXZ"
_INITIALS: Final = (2, 3, 3, 4)
"""Numbers of letters of a name that is an abbreviation."""


class NameInventor:
    """Invents names of companies; the same dice always give the same names."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._kinds = [
            self._place, self._place, self._brand, self._brand, self._brand, self._partners,
            self._surname, self._words, self._words, self._words, self._foreign, self._foreign,
            self._abbreviation,
        ]  # fmt: skip

    def invent(self) -> str:
        """Return a name such as Kelington, Trivex Foods, Bright Lantern, or Jessop & Sons."""
        name = self._dice.choice(self._kinds)()
        for share, words in ((_TRADE, _TRADES), (_LEGAL_FORM, _LEGAL_FORMS)):
            if name.count(" ") < _MAX_WORDS - 1 and self._dice.random() < share:
                name = f"{name} {self._one(words)}"
        return name

    def _one(self, words: str) -> str:
        return self._dice.choice(words.split())

    def _place(self) -> str:
        return self._one(_BEGINNINGS) + self._one(_ENDINGS)

    def _brand(self) -> str:
        return self._one(_ONSETS) + self._one(_VOWELS) + self._one(_CODAS)

    def _surname(self) -> str:
        return self._one(_SURNAMES)

    def _partners(self) -> str:
        first, second = self._dice.sample(_SURNAMES.split(), 2)
        forms = (f"{first} & {second}", f"{first} & Sons", f"{first} Brothers", f"{first} {second}")
        return self._dice.choice(forms)

    def _words(self) -> str:
        adjective, noun = self._one(_ADJECTIVES), self._one(_NOUNS)
        return self._dice.choice((noun, f"{adjective} {noun}", f"{adjective} {noun}", noun + "s"))

    def _foreign(self) -> str:
        stem = self._one(_FOREIGN_STEMS)
        first, last = f"{self._one(_FOREIGN_FIRST)} {stem}", f"{stem} {self._one(_FOREIGN_LAST)}"
        return self._dice.choice((stem, first, last))

    def _abbreviation(self) -> str:
        return "".join(self._dice.choices(_LETTERS, k=self._dice.choice(_INITIALS)))
