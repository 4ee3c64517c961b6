"""The language of headlines."""

import csv
from itertools import islice
from pathlib import Path

import pytest

from nlp.languages.recognise import recognise
from nlp.languages.tags import normal_tag

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared/data/rss-2023/headlines_2023-02_2023-04.csv"


def own_headlines(file: str) -> list[dict[str, str]]:
    """Return the rows of a file of the benchmarks."""
    with (ROOT / "bench" / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_headlines_in_twenty_languages_are_recognised() -> None:
    """News in another language would be scored as if it were English."""
    rows = own_headlines("foreign_headlines.csv")
    wrong = [row for row in rows if recognise(row["headline"]) != row["language"]]
    assert len(wrong) <= 0.03 * len(rows), wrong


def test_chinese_headlines_are_recognised() -> None:
    """The word lists for Chinese would not be asked."""
    rows = own_headlines("chinese_headlines.csv")
    assert [row for row in rows if recognise(row["headline"]) != "zh"] == []


def test_english_headlines_are_practically_never_taken_for_another_language() -> None:
    """English news would go unread and count for nothing."""
    assert DATA.exists(), f"{DATA} is missing: the shared data belong beside the repository"
    with DATA.open(encoding="utf-8", newline="") as lines:
        texts = [row["title"] for row in islice(csv.DictReader(lines), 8_000)]
    others = [text for text in texts if recognise(text) != "en"]
    assert len(others) <= 8, others


@pytest.mark.parametrize(
    "text",
    [
        "",
        "NVDA",
        "📉",
        "-5%",
        "Deutsche Bank",
        "Crédit Agricole SA",
        "UBS, Société Générale, BNP Paribas",
        "L'Oréal Q3 sales rise",
        "São Paulo bourse falls on Petrobras",
        "BYD (比亚迪) Q3 profit beats estimates",
        "BYD Company (比亚迪股份有限公司) Q3",
        "Tencent 腾讯 rises 5%",
        "Beta-blocker (β) trial fails",
        "Banca Monte dei Paschi di Siena shares fall",
        "Grupo Financiero Banorte beats estimates",
        "half a surrogate \ud800",
    ],
)
def test_names_and_short_texts_are_in_the_usual_language(text: str) -> None:
    """A foreign name would take English news from the detector."""
    assert recognise(text) == "en"
    assert recognise(text[:4], usual="fr") == "fr"


@pytest.mark.parametrize(
    "name", ["Société Générale de Surveillance", "Pão de Açúcar", "Banca Monte dei Paschi di Siena"]
)
def test_a_long_foreign_name_does_not_outweigh_an_english_sentence(name: str) -> None:
    """Much English news about a company with such a name would go unread."""
    texts = [row["headline"].replace("{company}", name) for row in own_headlines("name_swap.csv")]
    others = [text for text in texts if recognise(text) != "en"]
    assert len(others) <= 0.01 * len(texts), others


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ACME KÜNDIGT DIE ÜBERNAHME DER BANK AN", "de"),
        ("Société Générale : le bénéfice recule", "fr"),
        ("BMW: Gewinn bricht ein", "de"),
        ("Banco Santander gana menos", "es"),
    ],
)
def test_a_text_beside_names_is_in_its_language(text: str, language: str) -> None:
    """News with many names would be scored as if it were English."""
    assert recognise(text) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Acme Technologies International 宣布裁员", "zh"),
        ("iPhone 17 销量下滑", "zh"),
        ("优の品公司业绩大增", "zh"),
        ("NVIDIA 주가 급락", "ko"),
        ("トヨタ、株価急落", "ja"),
        ("日銀総裁会見", "ja"),
        ("Акции Apple и Microsoft упали", "ru"),
        ("Прибуток «Нафтогазу» зріс", "uk"),
        ("تراجع أسهم Apple", "ar"),
    ],
)
def test_letters_decide_even_between_foreign_names(text: str, language: str) -> None:
    """A product's name would make Chinese news English."""
    assert recognise(text) == language


def test_the_producer_is_believed() -> None:
    """Short headlines would be guessed at though the feed says what they are."""
    assert recognise("Acme fällt", "de") == "de"
    assert recognise("Acme shares fall", "DE_at") == "de-at"
    assert recognise("央行降息", "zh-Hant-TW") == "zh-hant-tw"
    assert recognise("5%", "ja") == "ja"


def test_the_producer_is_not_believed_against_the_letters() -> None:
    """A feed that says en-us of all it sends would have its Chinese news scored as English."""
    assert recognise("海恒股份宣布破产", "en-us") == "zh"
    assert recognise("Acme shares fall after profit warning", "zh") == "en"
    assert recognise("Акции упали", "de") == "ru"
    assert recognise("海恒股份宣布破产", "und") == "zh"


@pytest.mark.parametrize(
    "country", ["US", "GB", "UK", "IE", "SG", "usa", "IN", "CA", "SE", "global"]
)
def test_a_country_is_no_language(country: str) -> None:
    """A feed that sends a country in the field would have all of its news unread."""
    assert recognise("Acme shares fall after profit warning", country) == "en"


def test_tags_are_brought_to_one_form() -> None:
    """A model for zh would not be found for cmn, or one for no for nb."""
    tags = ["cmn-Hans-CN", "Chinese", "nb-NO", "zxx", "", "de!", "EN"]
    assert [normal_tag(tag) for tag in tags] == ["zh-hans-cn", "zh", "no-no", "", "", "", "en"]
