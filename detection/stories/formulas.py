"""Formulas: headlines of regulatory news that say what kind of filing it is, and nothing else.

"Director/PDMR Shareholding" is the headline of hundreds of filings a day. Two of them are two
stories unless company and day are the same, so words can't tell their stories apart.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Final

from detection.stories.simhash import fingerprint
from detection.stories.wording import wording

MAX_CHARACTERS: Final = 160
"""Longer headlines are no formulas."""
MAX_NAME_WORDS: Final = 4
"""Words of a company's name that may stand before or behind a formula."""

_KINDS_OF_FILING: Final = """
10-K; 10-Q; 6-K; 8-K; Acquisition; Acquisitions; Additional Listing; AGM Results; AGM Statement;
Annual Financial Report; Annual Information Update; Annual Report; Annual Report and Accounts;
Annual Results; Appointment of Director; Base Prospectus; Block Listing; Block Listing
Application; Block Listing Interim Review; Block Listing Return; Blocklisting Interim Review;
Board Appointment; Board Change; Board Changes; Capital Markets Day; Change of Adviser; Change
of Auditor; Change of Name; Change of Registered Office; Circular; Close Period; Compliance with
Model Code; Conversion of Securities; Current Report; Date of AGM; Date of Results; Dealing
Disclosure; Director Dealing; Director Dealings; Director Declaration; Director's Details;
Director/PDMR Dealing; Director/PDMR Dealings; Director/PDMR Shareholding; Director/PDMR
Shareholdings; Directorate Change; Directorate Changes; Directors' Dealings; Directors' Share
Dealing; Disposal; Dividend Declaration; Doc re; Documents Available for Inspection; Drilling
Report; Exercise of Options; Exercise of Warrants; Final Results; Final Terms; First Quarter
Results; Form 10-K; Form 10-Q; Form 144; Form 3; Form 4; Form 5; Form 6-K; Form 8-K; FRN
Variable Rate Fix; Full Year Results; Further re Offer; Grant of Options; Grant of Share Awards;
Half Year Report; Half Year Results; Half Yearly Report; Half-year Report; Half-yearly Report;
Holding(s) in Company; Holdings in Company; Inside Information; Insider Information; Interim
Dividend; Interim Management Statement; Interim Report; Interim Results; Investor Presentation;
Issue of Debt; Issue of Equity; Issue of Shares; Launch of Offer; Listing of Securities; Major
Shareholding Notification; Managers' Transactions; Merger Update; Monthly Factsheet; Monthly
Report; Name Change; Net Asset Value; Net Asset Value(s); Net Asset Values; Notice of AGM;
Notice of Annual General Meeting; Notice of EGM; Notice of Final Results; Notice of GM; Notice
of Half Year Results; Notice of Interim Results; Notice of Meeting; Notice of Redemption; Notice
of Results; Notice of Trading Update; Notification of Major Holdings; Notification of
Transactions by Persons Discharging Managerial Responsibilities; Notification of Transactions of
Directors and Persons Discharging Managerial Responsibility; Offer Document Posted; Offer
Lapsed; Offer Period; Offer Update; Operational Update; PDMR Dealing; PDMR Dealings; PDMR
Shareholding; PDMR Transaction Notification; Portfolio Update; Posting of Annual Report;
Preliminary Results; Price Monitoring Extension; Production Report; Production Update;
Prospectus; Publication of a Prospectus; Publication of a Supplementary Prospectus; Publication
of Final Terms; Publication of Prospectus; Q1 Results; Q2 Results; Q3 Results; Q4 Results;
Quarterly Report; Regulatory Announcement; Regulatory Application; Regulatory Approval; Response
to Press Comment; Result of AGM; Result of Annual General Meeting; Result of EGM; Result of GM;
Result of Meeting; Result of Placing; Results of AGM; Rule 2.10 Announcement; Rule 2.9
Announcement; Rule 8.1 Announcement; Schedule 13D; Schedule 13G; Scheme of Arrangement; Scrip
Dividend; Second Price Monitoring Extn; Share Buyback; Share Buyback Programme; Share
Repurchase; Shareholder Meeting; Statement of Changes in Beneficial Ownership; Statement re
Possible Offer; Statement re Press Comment; Statement re Suspension; Strategy Update; Third
Quarter Results; Total Voting Rights; TR-1 Notification of Major Holdings; Trading Statement;
Trading Update; Transaction in Own Shares; Transaction in Own Shares and Total Voting Rights;
Transactions in Own Shares; Treasury Shares; Treasury Stock; Voting Rights and Capital
"""
_FORMULAS: Final = frozenset(map(wording, _KINDS_OF_FILING.split(";")))
_TAKEOVER_FORM: Final = re.compile(r"form 8(?:\.[35])?(?: .{1,40})?$", re.IGNORECASE)
"""The disclosures of the UK's takeover code: "Form 8.3 - Acme plc"."""
_SEPARATORS: Final = (": ", " - ", " \u2013 ", " \u2014 ", " | ")
"""What may stand between a formula and a company's name."""
_START_LENGTH: Final = 3
_STARTS: Final = frozenset(
    [formula[:_START_LENGTH] for formula in _FORMULAS] + ["for"]  # "for" starts a takeover form
)
"""The first letters of all formulas, by which nearly all headlines are told apart from them."""


def is_formula(headline: str) -> bool:
    """Return whether a headline is a formula, perhaps with a company's name at one end.

    >>> is_formula("Holding(s) in Company"), is_formula("Acme plc - Trading Statement")
    (True, True)
    >>> is_formula("Trading update: Acme warns that profit will be far below forecasts")
    False
    """
    if len(headline) > MAX_CHARACTERS:
        return False
    separators = [separator for separator in _SEPARATORS if separator in headline]
    if not separators:
        return _is_kind(headline)
    first, _, other = headline.partition(separators[0])
    if len(separators) > 1 or separators[0] in other:
        return False
    return (_is_kind(first) and len(other.split()) <= MAX_NAME_WORDS) or (
        _is_kind(other) and len(first.split()) <= MAX_NAME_WORDS
    )


def _is_kind(text: str) -> bool:
    start = text[:_START_LENGTH].lower()
    if start.isascii() and start.isalnum() and start not in _STARTS:
        return False
    return wording(text) in _FORMULAS or _TAKEOVER_FORM.match(text) is not None


def story_of(headline: str, published: datetime, companies: Sequence[str] = ()) -> int:
    """Return the fingerprint of a headline's story, or 0 if it has no word.

    That of a formula is of day (UTC) and companies too: another day or company is another story.
    """
    if not is_formula(headline):
        return fingerprint(headline)
    text = "\n".join([wording(headline), f"{published:%Y-%m-%d}", *sorted(companies)])
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") or 1
