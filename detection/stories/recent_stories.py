"""Recent stories of a subject, so that ten reports of one story count once.

>>> stories = RecentStories()
>>> first, repeated, other = 0b1111 << 40, 0b0111 << 40, (1 << 64) - 1
>>> stories.first_seen(first, 0), stories.first_seen(repeated, 5), stories.first_seen(other, 6)
(True, False, True)
>>> stories.first_seen(first, 6 + EXPIRY_BINS)
True
"""

from dataclasses import dataclass, field
from typing import Final

from detection.stories.simhash import MAX_STORY_DISTANCE

MAX_STORIES: Final = 10
"""Stories remembered for each subject; the one that was reported longest ago is dropped."""
EXPIRY_BINS: Final = 48
"""A story counts as new again if it was not reported for this many bins."""


@dataclass(slots=True)
class RecentStories:
    """Stories that a subject was in lately.

    Attributes:
        reports: (fingerprint, bin of the last report) of each story, ordered by last report.
    """

    reports: list[tuple[int, int]] = field(default_factory=list)

    def first_seen(self, story: int, number: int) -> bool:
        """Record a report of a story in bin ``number``; return True if the story is new.

        A report without a fingerprint (0) is always new.
        """
        if not story:
            return True
        reports = self.reports
        for report in reversed(reports):
            # Written out instead of `is_same_story`, because this runs for each signal.
            if (story ^ report[0]).bit_count() <= MAX_STORY_DISTANCE:
                fingerprint, last_bin = report
                reports.remove(report)
                reports.append((fingerprint, max(last_bin, number)))
                return number - last_bin >= EXPIRY_BINS

        reports.append((story, number))
        if len(reports) > MAX_STORIES:
            del reports[0]
        return True
