"""The quick look for English words, which most headlines get instead of the recogniser."""

import csv
import subprocess
import sys
import unicodedata
from itertools import combinations, islice
from pathlib import Path
from typing import Final, get_args

import pytest

from nlp.languages.english import (
    Kind,
    is_english_without_marks,
    is_plainly_english,
    words_of_kind,
)
from nlp.languages.scripts import LATIN

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared/data/rss-2023/headlines_2023-02_2023-04.csv"
UNDECOMPOSED: Final = str.maketrans("øłđ\u0131", "oldi")
"""Letters whose strokes are no accents to Unicode, and those without."""
WITHOUT_ACCENTS = {
    "de": """
    Nordbau senkt Prognose nach schwachem Quartal
    Hafenbank verkauft Hochhaus in New York
    Stahlwerk Sued meldet Insolvenz an
    Autobauer in Not: Absatz bricht ein
    Falls Zinsen fallen, steigen Aktien
    Ruestungskonzern gewinnt Auftrag: Umsatz steigt um zehn Prozent
    Trading Group plant Verkauf von Wireless Business
    Aktien Frankfurt Schluss: Dax faellt weiter
    Big Tech verliert Milliarden an Wert
    Global Health Trust kauft Start-up in Muenchen
    Kurssturz: Anleger der Solar Holding warten ab
    Gericht: Klage gegen Energy Group abgewiesen
    """,
    "es": """
    Bancosur gana mas dinero gracias al turismo
    Acerias del Norte recorta plantilla
    Las bolsas suben tras el dato de empleo
    Marks and Spencer cierra tiendas en Sevilla
    Standard and Poor's rebaja la calificacion de Acerias
    The Bank of New York Mellon compra un banco chileno
    Telecom Group despide a 300 trabajadores
    El sector de la construccion crece un 4%
    Ventas de autos caen por segundo mes consecutivo
    Energy Capital vende su filial en Peru
    Gobierno aprueba plan de rescate
    Ganancias record en Minera Austral
    """,
    "fr": """
    Les gains de Banque du Rhone depassent les attentes
    Electra supprime mille postes en Lorraine
    Plans sociaux: le gouvernement recoit les syndicats
    Le cours de Textiles Reunis chute apres la publication des resultats
    Acquisition: Global Media Group rachete un editeur lyonnais
    Hausse des ventes au second trimestre
    But supprime des magasins
    Commerce: six chaines sur dix ferment
    Le titre Energy Trust gagne 3% a Paris
    Fusion de deux geants, les Bourses applaudissent
    """,
    "it": """
    Acciaierie Venete taglia la produzione
    Banca Alpina lancia offerta per Credito Lariano
    Utili record per Moda Group nel trimestre
    Borsa di Milano chiude in rialzo
    """,
    "pt": """
    Mineradora corta investimentos e demite trabalhadores
    Lucro do Banco Atlantico cai no trimestre
    Bolsa fecha em alta com bancos
    """,
    "nl": """
    Chemieconcern schrapt duizend banen
    Omzet van Trading Group daalt opnieuw deze week
    Beurs sluit hoger na cijfers van banken
    """,
    "sv": """
    Volvo Group varnar svag efterfragan
    Nordstal sanker prognosen efter svag kvartalsrapport
    Borsen stiger pa nya rekordsiffror
    """,
    "da": """
    Vindkraft Group nedjusterer forventningerne for aaret
    Banken fyrer 200 og skifter direktoer
    New York Trust and Partner varsler tab
    """,
}


def fold(text: str) -> str:
    """Return a text without accents, as old feeds send it."""
    letters = unicodedata.normalize("NFKD", text.translate(UNDECOMPOSED))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def taken_for_english(texts: list[str]) -> list[str]:
    """Return the texts that the quick look takes for English."""
    return [text for text in texts if is_plainly_english(text) or is_english_without_marks(text)]


@pytest.mark.parametrize("language", WITHOUT_ACCENTS)
def test_a_headline_without_accents_is_not_taken_for_english(language: str) -> None:
    """News in German, Spanish or French would be scored as English for an English name in it."""
    texts = [line.strip() for line in WITHOUT_ACCENTS[language].strip().splitlines()]
    assert all(text.isascii() for text in texts)
    assert taken_for_english(texts) == []


def test_headlines_in_other_languages_are_not_english_with_or_without_accents() -> None:
    """The quick look would hide a language from the recogniser."""
    with (ROOT / "bench/foreign_headlines.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["language"] != "en"]
    texts = [row["headline"] for row in rows if row["language"] in LATIN]
    assert len(texts) > 80
    assert taken_for_english(texts + [fold(text) for text in texts]) == []


def test_most_english_headlines_need_no_recogniser() -> None:
    """A worker would spend more time on the language of English news than on its transport."""
    assert DATA.exists(), f"{DATA} is missing: the shared data belong beside the repository"
    with DATA.open(encoding="utf-8", newline="") as lines:
        texts = [row["title"] for row in islice(csv.DictReader(lines), 4_000)]
    assert sum(map(is_plainly_english, texts)) > 0.85 * len(texts)
    assert len(taken_for_english(texts)) > 0.9 * len(texts)


@pytest.mark.parametrize(
    ("model", "language", "text"),
    [
        ("null", "en", "Nordbau senkt Prognose erneut"),
        ("lexicon", "*", "Nordbau senkt Prognose erneut"),
        ("lexicon", "en", "Acme shares fall after profit warning"),
        ("lexicon", "en", "Acme Corp"),
    ],
)
def test_the_recogniser_is_not_loaded_for_nothing(model: str, language: str, text: str) -> None:
    """A worker that no language matters to would take 85 MB and a second for them."""
    code = f"""
import sys
from nlp.load import load
from nlp.settings import ModelSettings
load(ModelSettings(model={model!r}, language={language!r})).classify([{text!r}])
print("py3langid" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_no_word_is_of_two_kinds() -> None:
    """The last kind would win, and a small word of Spanish be proof of English."""
    shared = {
        word
        for one, other in combinations(get_args(Kind), 2)
        for word in words_of_kind(one) & words_of_kind(other)
    }
    assert shared == set()
