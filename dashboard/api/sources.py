"""Everything that the answers of the API are made of."""

from typing import NamedTuple

from dashboard.api.silencing import Write
from dashboard.api.stream import Broadcaster
from dashboard.examiner import Examiner
from dashboard.explaining import Explaining
from dashboard.feed import Feed
from dashboard.models import Models
from dashboard.operations import Operations
from dashboard.originals import Originals
from dashboard.replay_planner import ReplayPlanner
from dashboard.view.news_view import NewsView
from detection.rule import Rule
from nlp.companies.settings import CompanySettings


class Sources(NamedTuple):
    """The view, and those who are asked for what it does not hold.

    Attributes:
        view: What the topics say.
        feed: Reads them into the view.
        operations: Asks Kafka about agents.
        broadcaster: Has the listeners of the stream.
        examiner: Makes the doctor's checks.
        originals: Finds raw records.
        explaining: Explains articles.
        models: Asks the workers about their models.
        planner: Plans replays of dead letters.
        rule: The rule of the detector.
        companies: The companies that can be silenced before there is news about them.
        write: Writes what people say about alerts.
    """

    view: NewsView
    feed: Feed
    operations: Operations
    broadcaster: Broadcaster
    examiner: Examiner
    originals: Originals
    explaining: Explaining
    models: Models
    planner: ReplayPlanner
    rule: Rule
    companies: CompanySettings
    write: Write
