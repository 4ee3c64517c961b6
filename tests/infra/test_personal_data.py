"""Personal data is masked by its shape, and news is not."""

import time

import pytest

from infra.masking import MASK, mask
from infra.privacy.personal_data import mask_personal


@pytest.mark.parametrize(
    "datum",
    [
        "jane.doe+news@mail.example.org",
        "+44 20 7946 0018",
        "+4915123456789",
        "(212) 555-0187",
        "212-555-0187",
        "030 1234567",
        "4111 1111 1111 1111",
        "5500005555555559",
        "DE89 3704 0044 0532 0130 00",
        "GB29NWBK60161331926819",
        "078-05-1120",
        "QQ 12 34 56 C".replace("QQ", "AB"),
        "11010519491231002X",
        "2 55 08 14 168 025 38",
        "12345678Z",
        "X1234567-L",
    ],
)
def test_a_datum_is_masked_wherever_it_stands(datum: str) -> None:
    """A screenshot of a dead letter would show a customer's number to everyone in the ticket."""
    for text in (datum, f"Call {datum} now", f'{{"contact":"{datum}"}}', f"({datum})"):
        masked = mask_personal(text)
        assert MASK in masked, text
        assert masked == text.replace(datum, MASK), text


@pytest.mark.parametrize(
    "text",
    [
        '{"published":"2024-03-01T10:00:00+00:00","id":"1700000000000"}',
        "Profit up 1,234,567,890.25 to 12 345 678 in Q1-2024, from 01-2023",
        "0190:7f3c and 6f9619ff-8b86-d011-b42d-00c04fc964ff",
        "4111 1111 1111 1112 is no card",
        "GB00NWBK60161331926819 is no account",
        "110105194912310021 and 2 55 08 14 168 025 39 and 12345678A are no ids",
        "news.raw/0@4711, offsets 1234567890123456789",
        "S&P 500 at 5,321.41; EUR/USD 1.0834; ISIN US0378331005",
    ],
)
def test_numbers_of_the_news_stay(text: str) -> None:
    """Nobody could see what is wrong with a record whose dates and sums are masked."""
    assert mask_personal(text) == text


@pytest.mark.parametrize(
    "unit", ["a.", "1 ", "a+", "AA00 ", "333 ", "Bearer ", "password=", "a://b:"]
)
def test_masks_take_a_time_that_grows_with_the_text_alone(unit: str) -> None:
    """One strange record of a megabyte would hold up a worker for an hour."""
    text = unit * (100_000 // len(unit))
    begin = time.process_time()
    mask_personal(mask(text))
    assert time.process_time() - begin < 2.0
