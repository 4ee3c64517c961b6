"""The masks of dead letters, as the settings want them."""

from collections.abc import Iterable
from dataclasses import replace

from infra.privacy.redaction import Redaction, redaction_of
from infra.settings.model import Settings
from streams.core.letter_mask import LetterMask
from streams.core.stage import AnyStage


def with_masks(stages: Iterable[AnyStage], settings: Settings) -> list[AnyStage]:
    """Return ``stages`` with the masks of their dead letters."""
    redaction = redaction_of(settings)
    content = Redaction(redaction.secrets, masks_personal=True)
    mask = LetterMask(redaction.text, content.text if settings.privacy.mask_dead_letters else None)
    return [replace(stage, mask=mask) for stage in stages]
