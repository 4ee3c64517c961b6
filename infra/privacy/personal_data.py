"""Masking of personal data in what is shown to people, recognised by its shape.

E-mail addresses, telephone numbers, card and account numbers with a valid check sum (ISO/IEC
7812-1, ISO 13616), and national ids of the US and the UK. This is a best effort: names are not
recognised.
"""

import re
from typing import Final

from infra.masking import MASK

_EMAIL: Final = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_ACCOUNT: Final = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_CARD: Final = re.compile(r"(?<![\w.])[2-6](?:[ -]?\d){13,18}(?![\w.])")
_TELEPHONE: Final = re.compile(
    r"(?<![\w+])\+\d(?:[ ()./-]{0,2}\d){7,14}\b"  # international (E.164)
    r"|(?<![\w-])(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[.-]\d{4}(?![\w-])"  # North American
    r"|(?<![\w-])(?:\(0\d{2,5}\)|0\d{2,5})[ /]\d{3,8}(?:[ -]?\d{2,5})?(?![\w-])"  # trunk prefix
)
_NATIONAL: Final = re.compile(
    r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"  # US social security number
    r"|\b[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b"  # UK national insurance number
)
_IBAN_REMAINDER: Final = 1
_IBAN_MODULUS: Final = 97


def mask_personal(text: str) -> str:
    """Return ``text`` with what looks like personal data replaced.

    >>> mask_personal("Ask jane.doe@example.org or +44 20 7946 0018, card 4111 1111 1111 1111")
    'Ask ********** or **********, card **********'
    >>> mask_personal("Profit of 1234567890123 at 2024-01-01T10:00:00Z")
    'Profit of 1234567890123 at 2024-01-01T10:00:00Z'
    """
    text = _EMAIL.sub(MASK, text)
    text = _ACCOUNT.sub(lambda match: MASK if _is_iban(match[0]) else match[0], text)
    text = _CARD.sub(lambda match: MASK if _is_card(match[0]) else match[0], text)
    return _NATIONAL.sub(MASK, _TELEPHONE.sub(MASK, text))


def _is_card(text: str) -> bool:
    """Return whether the digits of ``text`` have a valid check digit (Luhn)."""
    digits = [int(character) for character in text if character.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_iban(text: str) -> bool:
    """Return whether ``text`` has the check digits of an account number."""
    compact = text.replace(" ", "")
    digits = "".join(str(int(character, 36)) for character in compact[4:] + compact[:4])
    return int(digits) % _IBAN_MODULUS == _IBAN_REMAINDER
