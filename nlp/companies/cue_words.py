"""Words that say that a name is a company's, and what it does in a headline."""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final, Literal

Kind = Literal["acts", "things", "roles", "near", "weak", "platforms", "voices"]


@cache
def words(kind: Kind) -> frozenset[str]:
    """The words of ``cues.txt`` of one kind, which is said there."""
    return frozenset(_read(kind))


@cache
def follows() -> frozenset[str]:
    """Right after a name, these make it a company's."""
    return (words("acts") - words("weak")) | words("things")


@cache
def business() -> frozenset[str]:
    """One of these near by is little, two are a sign."""
    return words("near") | words("things")


def _read(kind: Kind) -> Iterator[str]:
    text = (files("nlp.companies") / "cues.txt").read_text("utf-8")
    for line in text.splitlines():
        head, _, listed = line.partition(": ")
        if head == kind:
            yield from listed.split()


LEGAL: Final = re.compile(
    r",? (?:Inc|Corp|Corporation|Co|Company|Ltd|Limited|PLC|plc|Plc|SA|S\.A|AG|NV|N\.V|SE|SpA|AB|"
    r"ASA|Oyj|LLC|LP|Holdings?|Group|Cos)\b"
)
"""What follows a company's name in law."""

DEALS: Final = re.compile(
    r"\b(?:buy|buys|buying|bought|acquire[sd]?|acquiring|acquisition|merge[sr]?|merging|takeover|"
    r"bid|stake|sues?|sued|suing|versus|v\.?|deal|partners?|joins?|teams?|invests?|in talks with|"
    r"sells?|sold|rejects?|accuses?|charges?|probes?|fines?|fined|investigates?)\b"
)
"""What is done to another company, which makes that one a subject too."""

BYSTANDER_BEFORE: Final = re.compile(
    r"(?:\bex-|\banti-|\bnon-|\bpro-|\bformer |\bonetime |\bex |\brivals? (?:of |to )?|\blike |"
    r"\bsuch as |\bthan |\bunlike |\bcompetitors? (?:of |to )?|\bveterans? (?:of |at )?|"
    r"\b(?:analysts?|economists?|strategists?|bankers?|managers?) (?:at|from|with|of) |"
    r"\baccording to |\btold |\bsponsored by |\bsources? at |\bvia |\balternatives? to |"
    r"\b(?:upgraded?|downgraded?|rated)(?: [\w-]+){0,4} (?:by|at) |"
    r"\b(?:cut|raised|lowered|started|initiated) (?:to|at|with) [\w-]+ (?:by|at) |"
    r"\b(?:present|presents|presenting|presentation|participate|speak) (?:at|in) (?:\w+ ){0,2}|"
    r"\bcompete[sd]? with |\bthe next |\bpowered by )(?:the )?$"
)
"""A company right after this is named for the sake of another."""

BYSTANDER_AFTER: Final = re.compile(
    r"(?:-(?:backed|owned|style|like|led|funded|sponsored|branded|powered|based|era|linked|trained)\b|"
    r"(?:'s)? (?:analysts?|economists?|strategists?|survey|poll|rivals?|veterans?|alum|alumni|"
    r"competitors?|alternatives?|suppliers?)\b|"
    r" (?:stars?|influencers?|users?)\b|"
    r" (?:upgrades|downgrades|initiates|reiterates|rates|affirms|assigns)\b(?!.*\b(?:guidance|"
    r"forecasts?|outlook)\b)|"
    r" (?:cuts|raises|lifts|lowers|adds|removes|starts|sets|trims)\b.{0,50}\b(?:price targets?|"
    r"conviction|(?:to|at|with) (?:buy|sell|hold|neutral|overweight|underweight|outperform))\b)"
)
"""A company right before this is named for the sake of another."""

PLATFORM_BEFORE: Final = re.compile(
    r"(?<!bearish )(?<!bullish )(?<!bet )(?<!bets )(?<!crackdown )(?<!pressure )(?<!tax )(?<!ban )"
    r"(?<!focus )(?<!fine )(?<!fines )(?<!down )(?<!probe )(?<!suit )(?<!rely )"
    r"(?<!relies )\bon (?:its |his |her )?$"
)

RATED_BEFORE: Final = re.compile(
    r"\b(?:cut|raised|lowered|ratings?|downgrade\w*|upgrade\w*|affirmed)\b.{0,40}\bby $"
)
RATES_AFTER: Final = re.compile(
    r" (?:cuts?|raises|lifts|lowers|removes|adds|affirms|assigns|puts|places|starts|rates|sees|may "
    r"cut)\b.{0,60}\b(?:ratings?|list|outlook|targets?|estimates?|shares|stock)\b"
)
"""What a voice does to another company: "Acme Bank cuts Orbit's rating"."""

CLOSING: Final = re.compile(r"(?:[,:;]|\s[-\u2013\u2014]) ?$")
"""Before a name at the end of a headline, which says who said it: "Oil to rise - Goldman"."""

NOT_IT: Final = re.compile(
    r" (?:Cup|Championships?|Classic|Open|League|Cent(?:er|re)|Arena|Stadium|Field|Ballpark|Park|"
    r"Theat(?:er|re)|Prize|Marathon|Masters|Bowl|Museum|Tower|University|College|Scholarship)\b"
)
"""A name before this is a sponsor's or a founder's: an event or a building is meant."""
