"""Masking of personal data in what is shown to people, recognised by its shape.

E-mail addresses, telephone numbers, card and account numbers with a valid check sum (ISO/IEC
7812-1, ISO 13616), and national ids: of the US and the UK by their form, of China (GB 11643),
France (NIR) and Spain (DNI, NIE) by their check digits too. This is a best effort: names are not
recognised.
"""

import re
from collections.abc import Callable
from typing import Final

from infra.masking import MASK

Check = Callable[[str], bool]
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
_CHINA: Final = re.compile(r"(?<![\w.])\d{6}(?:19|20)\d{9}[\dX](?![\w.])")
_FRANCE: Final = re.compile(r"(?<![\w.])[12] ?\d\d ?\d\d ?\d[\dAB] ?\d{3} ?\d{3} ?\d\d(?![\w.])")
_SPAIN: Final = re.compile(r"(?<![\w.])[\dXYZ]\d{7}-?[A-HJ-NP-TV-Z](?![\w.])")
_SPANISH_LETTERS: Final = "TRWAGMYFPDXBNJZSQVHLCKE"
_CHINESE_DIGITS: Final = "10X98765432"
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
    for shape, is_valid in _CHECKED:
        text = _mask_valid(text, shape, is_valid)
    return _NATIONAL.sub(MASK, _TELEPHONE.sub(MASK, text))


def _mask_valid(text: str, shape: re.Pattern[str], is_valid: Check) -> str:
    """Mask what has the shape, and digits that are right."""
    return shape.sub(lambda match: MASK if is_valid(match[0]) else match[0], text)


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


def _is_chinese(text: str) -> bool:
    """Return whether a number of a resident of China has the right last digit."""
    total = sum(int(digit) * (1 << 17 - place) for place, digit in enumerate(text[:17]))
    return _CHINESE_DIGITS[total % len(_CHINESE_DIGITS)] == text[17]


def _is_french(text: str) -> bool:
    """Return whether a French social security number has the right key; Corsica has letters."""
    compact = text.replace(" ", "").replace("2A", "19").replace("2B", "18")
    return compact.isdigit() and _IBAN_MODULUS - int(compact[:13]) % _IBAN_MODULUS == int(
        compact[13:]
    )


def _is_spanish(text: str) -> bool:
    """Return whether a number of a citizen or resident of Spain has the right letter."""
    number = int(text[:8].translate(str.maketrans("XYZ", "012")))
    return _SPANISH_LETTERS[number % len(_SPANISH_LETTERS)] == text[-1]


_CHECKED: Final[tuple[tuple[re.Pattern[str], Check], ...]] = (
    (_ACCOUNT, _is_iban),
    (_CHINA, _is_chinese),
    (_FRANCE, _is_french),
    (_CARD, _is_card),
    (_SPAIN, _is_spanish),
)
"""Shapes that also numbers of the news have, each with the check of its digits."""
