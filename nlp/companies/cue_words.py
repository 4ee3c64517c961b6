"""Words and phrases near a name that show a company, and the company's role in a headline."""

import re
from functools import cache
from importlib.resources import files
from typing import Final, Literal

Kind = Literal[
    "verbs", "weak-verbs", "attributes", "roles", "business", "platforms", "commentators"
]
"""Kinds of cue words. The comments of ``cues.txt`` say what each kind holds."""


@cache
def cue_words(kind: Kind) -> frozenset[str]:
    """Return the words of ``cues.txt`` of one kind."""
    lines = (files("nlp.companies") / "cues.txt").read_text("utf-8").splitlines()
    heads_and_words = (line.partition(": ") for line in lines)
    return frozenset(
        word for head, _, words in heads_and_words if head == kind for word in words.split()
    )


@cache
def words_after_company() -> frozenset[str]:
    """Return the words that, right after a name, confirm that it is a company's."""
    return (cue_words("verbs") - cue_words("weak-verbs")) | cue_words("attributes")


@cache
def business_words() -> frozenset[str]:
    """Return words of which two near a name confirm that it is a company's; one does not."""
    return cue_words("business") | cue_words("attributes")


LEGAL_FORM_AFTER: Final = re.compile(
    r",? (?:Inc|Corp|Corporation|Co|Company|Ltd|Limited|PLC|plc|Plc|SA|S\.A|AG|NV|N\.V|SE|SpA|AB|"
    r"ASA|Oyj|LLC|LP|Holdings?|Group|Cos)\b"
)
"""A legal form right after a company's name, in the case in which it is written."""

DEALS: Final = re.compile(
    r"\b(?:buy|buys|buying|bought|acquire[sd]?|acquiring|acquisition|merge[sr]?|merging|takeover|"
    r"bid|stake|sues?|sued|suing|versus|v\.?|deal|partners?|joins?|teams?|invests?|in talks with|"
    r"sells?|sold|rejects?|accuses?|charges?|probes?|fines?|fined|investigates?)\b"
)
"""An act between two companies' names makes the second one a subject, too."""

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
"""A company right after one of these phrases is a bystander: named for another's sake."""

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
"""A company right before one of these phrases is a bystander: named for another's sake."""

PLATFORM_BEFORE: Final = re.compile(
    r"(?<!bearish )(?<!bullish )(?<!bet )(?<!bets )(?<!crackdown )(?<!pressure )(?<!tax )(?<!ban )"
    r"(?<!focus )(?<!fine )(?<!fines )(?<!down )(?<!probe )(?<!suit )(?<!rely )"
    r"(?<!relies )\bon (?:its |his |her )?$"
)
"""A platform right after "on" is the place of the news, not its subject: "a video on YouTube"."""

RATED_BEFORE: Final = re.compile(
    r"\b(?:cut|raised|lowered|ratings?|downgrade\w*|upgrade\w*|affirmed)\b.{0,40}\bby $"
)
"""A commentator right after one of these rates another company: "Orbit cut to sell by Acme"."""
RATES_AFTER: Final = re.compile(
    r" (?:cuts?|raises|lifts|lowers|removes|adds|affirms|assigns|puts|places|starts|rates|sees|may "
    r"cut)\b.{0,60}\b(?:ratings?|list|outlook|targets?|estimates?|shares|stock)\b"
)
"""A commentator right before one of these rates another company: "Acme cuts Orbit's rating"."""

SIGNATURE_SEPARATOR: Final = re.compile(r"(?:[,:;]|\s[-\u2013\u2014]) ?$")
"""A sign between a headline and the name of who said it: "Oil to rise - Goldman"."""

EVENT_OR_BUILDING_AFTER: Final = re.compile(
    r" (?:Cup|Championships?|Classic|Open|League|Cent(?:er|re)|Arena|Stadium|Field|Ballpark|Park|"
    r"Theat(?:er|re)|Prize|Marathon|Masters|Bowl|Museum|Tower|University|College|Scholarship)\b"
)
"""A name right before one of these is part of the name of an event, a building or a school."""
