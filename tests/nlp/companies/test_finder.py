"""Search for companies: names that are found, and words that only look like one."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.companies.company_list import listed_company
from nlp.companies.finder import MAX_COMPANIES, CompanyFinder
from nlp.companies.settings import CompanySettings

LISTED = [
    listed_company("Acme Anvils Inc.", "ACME", ["Acme"]),
    listed_company("Orbit", "ORB", ["ORBT.L"]),
    listed_company("Tilt", "TLT", ["Tilt?"]),
    listed_company("Nordwärme AG", "NDW.DE", ["NWA"]),
]
USERS = CompanyFinder(LISTED)


@cache
def builtin_finder() -> CompanyFinder:
    """Return the finder with the built-in list, whatever the relevance."""
    finder = CompanyFinder.load(CompanySettings(floor=0))
    assert finder is not None
    return finder


def tickers(headline: str, body: str = "") -> set[str]:
    """Return the tickers that the finder with the built-in list finds."""
    return {company.ticker for company in builtin_finder().find(headline, body)}


@pytest.mark.parametrize(
    ("headline", "expected"),
    [
        ("Microsoft lifts its dividend", {"MSFT"}),
        ("MICROSOFT LIFTS ITS DIVIDEND", {"MSFT"}),
        ("Nestle\u2019s sales and Nestlé\u2019s profit rise", {"NESN.SW"}),
        ("UPDATE 2-Boeing delays jet", {"BA"}),
        ("Johnson & Johnson, AT&T and 3M climb", {"JNJ", "T", "MMM"}),
        ("JPMorgan Chase & Co. to raise pay", {"JPM"}),
        ("GAP shares fall", {"GAP"}),
        ("İİİ: Boeing\u3000soars", {"BA"}),
        ("Microsoft, Apple, Amazon and Target lead", {"MSFT", "AAPL", "AMZN", "TGT"}),
    ],
)
def test_well_known_names_are_found(headline: str, expected: set[str]) -> None:
    """A desk that sends no tickers would hear nothing of its companies."""
    assert expected <= tickers(headline)


@pytest.mark.parametrize(
    "headline",
    [
        "Bank officials intelligence unit tested",  # BT, Intel, Citi within words
        "The gap between forecasts and sales widens",
        "Gap between forecasts and sales widens",
        "Apple pie is back on the menu of markets",
        "Fed misses its inflation target as stocks fall",
        "Visa applications of workers fall as job market cools",
        "Oracle of Omaha buys stocks",
        "Snap election hits markets",
        "Delta variant hits markets, shares fall",
        "Harrison Ford sells his ranch",
        "Deal reached at the Citi Field stadium",
        "Dow Jones and Nasdaq Composite fall",
        "People's Bank of China cuts rates",
        "Shell companies hide billions, regulators say",
        "Good news for investors",
        "Analysts buy shares as Chase-Riboud retires",
        "Amazon rainforest fires cost billions",
    ],
)
def test_words_places_and_people_are_no_companies(headline: str) -> None:
    """A company would get the mood of news that is not about it."""
    assert tickers(headline) == set()


@pytest.mark.parametrize(
    ("headline", "ticker"),
    [
        ("Apple unveils new laptop", "AAPL"),
        ("Ford recalls 40,000 pickups", "F"),
        ("Visa Inc beats estimates", "V"),
        ("Gap to close 200 stores", "GAP"),
        ("Target CEO to step down", "TGT"),
        ("Oil major Shell cuts refining output", "SHEL"),
        ("Meta (META) rises after earnings", "META"),
        ("Square (NYSE: SQ) wins a bank charter", "XYZ"),
        ("Delta flight pilots vote to strike", "DAL"),
        ("Best Buy cuts its outlook", "BBY"),
        ("Chase Bank closes branches", "JPM"),
    ],
)
def test_ambiguous_names_count_beside_a_sign_of_a_company(headline: str, ticker: str) -> None:
    """Some of the largest companies would never be found."""
    assert ticker in tickers(headline)


@pytest.mark.parametrize(
    ("headline", "expected"),
    [
        ("$AAPL and $ZZQX jump", {"AAPL", "ZZQX"}),
        ("$msft slips", {"MSFT"}),
        ("$BRK.B buys back stock", {"BRK.B"}),
        ("Costs $5, or 3 $M, or US$AAA, or $5M in $B", set()),
        ("$BTC rallies", set()),
        ("Zebra Widgets (NYSE: ZBW) soars", {"ZBW"}),
        ("Zebra Widgets (Nasdaq:ZBW; TSX: ZBX) soars", {"ZBW"}),
        ("Zebra Widgets (TSX: ZBX) soars", {"ZBX.TO"}),
        ("Zebra Widgets (ZBW.N) soars", {"ZBW"}),
        ("Zebra Widgets (ZBWn.DE) soars", {"ZBWN.DE"}),
        ("Zebra Widgets <7999.T> soars", {"7999.T"}),
        ("Vodafone (VOD.L) soars", {"VOD"}),
        ("In the (U.S) and at the (U.N), as told (No.1)", set()),
    ],
)
def test_tickers_written_as_such_are_taken(headline: str, expected: set[str]) -> None:
    """Companies outside every list would be lost, or sums of money would be companies."""
    assert tickers(headline) == expected


def test_the_case_of_a_name_counts() -> None:
    """Words in small letters would be companies."""
    (capitals,), (name,) = USERS.find("ORBIT and Orbit"), USERS.find("Orbit")
    assert (capitals.ticker, capitals.relevance) == (name.ticker, name.relevance)
    assert USERS.find("in orbit, nwa of acme") == []
    assert [company.ticker for company in USERS.find("NWA up")] == ["NDW.DE"]
    assert USERS.find("Nwa up") == []


def test_a_name_marked_as_doubtful_needs_a_sign() -> None:
    """Users could not list a company whose name is a word."""
    assert USERS.find("Tilt of the earth measured") == []
    assert [company.ticker for company in USERS.find("Tilt shares fall")] == ["TLT"]


def test_a_doubtful_name_counts_where_its_ticker_is_sent_or_written() -> None:
    """The clearest sign of all would be overlooked."""
    (sent,) = USERS.find("Regulators to fine Tilt", sent_tickers=["TLT"])
    (written,) = USERS.find("Regulators to fine Tilt; $TLT")
    assert (sent.ticker, written.ticker) == ("TLT", "TLT")
    assert sent.relevance < 1


def test_a_users_name_wins_over_the_built_in_one() -> None:
    """A desk could not correct the built-in list."""
    finder = CompanyFinder(
        [listed_company("Microsoft", "OWN", []), listed_company("Microsoft", "MSFT", [])]
    )
    assert [company.ticker for company in finder.find("Microsoft up")] == ["OWN"]


def test_sent_tickers_stay_in_their_order_under_the_tables_ticker() -> None:
    """A producer's own tickers would be lost, or one company counted under two of them."""
    companies = USERS.find("Orbit soars", sent_tickers=["XYZ", "ORBT.L", "XYZ"])
    assert companies == [("XYZ", 1.0, ""), ("ORB", 1.0, "Orbit")]


def test_a_list_of_hundreds_is_cut() -> None:
    """One article would make hundreds of signals."""
    cashtags = [f"$Q{chr(65 + n // 26)}{chr(65 + n % 26)}" for n in range(300)]
    assert len(USERS.find(" ".join(cashtags))) == MAX_COMPANIES


WORDS = st.text(st.characters(categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=3)


@pytest.mark.property
@given(WORDS, WORDS, st.sampled_from(["Acme", "Orbit", "Acme Anvils Inc.", "NWA"]))
def test_no_name_is_found_inside_a_word(before: str, after: str, name: str) -> None:
    """Parts of other words would be companies."""
    assert USERS.find(f"{before}{name} soars") == []
    if name[-1].isalnum():
        assert USERS.find(f"The {name}{after} soars") == []


@pytest.mark.property
@given(st.text(), st.text(), st.lists(st.text(min_size=1), max_size=3))
def test_any_text_is_read(headline: str, body: str, sent_tickers: list[str]) -> None:
    """One strange article would stop the worker."""
    companies = builtin_finder().find(headline, body, sent_tickers)
    assert companies == builtin_finder().find(headline, body, sent_tickers)
    assert all(0 < company.relevance <= 1 for company in companies)
    names = [company.ticker for company in companies]
    assert len(set(names)) == len(names)
    assert names[: len(set(sent_tickers))] == list(dict.fromkeys(sent_tickers))


def test_a_search_that_is_turned_off_loads_no_list() -> None:
    """A desk that turns the search off would have it all the same."""
    assert CompanyFinder.load(CompanySettings(find=False)) is None


@pytest.mark.parametrize(
    ("headline", "body", "mention"),
    [
        ("Acme Anvils recalls anvils", "Acme fell.", "Acme Anvils"),
        ("ACME falls", "", "ACME"),
        ("Shares  of\u00a0Nordwa\u0308rme and Nordwärme\u2019s rival rise", "", "Nordwärme"),
        ("Markets fall", "First Acme Anvils, then Acme fell.", "Acme Anvils"),
        ("Acme (NYSE: ACME) falls", "", "Acme"),
        ("Anvils of $ACME recalled", "", "ACME"),
        ("Anvil maker (NYSE: ACME) falls", "", "ACME"),
        ("Anvil maker (ACME.N) falls", "", "ACME.N"),
        ("Tilt opens; Acme shut", "", "Acme"),
    ],
)
def test_a_company_is_mentioned_as_the_text_first_names_it(
    headline: str, body: str, mention: str
) -> None:
    """A model would be asked about a name that does not stand in the text."""
    (company,) = (c for c in USERS.find(headline, body) if c.ticker in {"ACME", "NDW.DE"})
    assert company.mention == mention
    assert mention in " ".join(f"{headline} {body}".split())


def test_a_company_that_only_the_producer_names_has_no_mention() -> None:
    """A model would be asked what a text says about a company that it does not name."""
    companies = USERS.find("Orbit soars", sent_tickers=["ACME"], sent_names=["NWA"])
    assert [company.mention for company in companies] == ["", "", "Orbit"]
