"""Codes by text message: right once, within limits, for one number and one purpose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.errors import CarrierRefused
from voicebot.identity.codes import (
    ATTEMPTS,
    DAY_SECONDS,
    HOUR_SECONDS,
    SENDS_PER_DAY,
    SENDS_PER_HOUR,
    VALID_SECONDS,
    CodeBook,
    Codes,
    TooManyCodes,
    Verdict,
)
from voicebot.identity.provider import Asked, Attempt, CodeSent, NotProven, Proven, WrongCode
from voicebot.identity.sms import SmsProvider, takes_texts

NUMBER, OTHER = "+4799999999", "+4740000001"


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_code_is_right_once() -> None:
    book = CodeBook()
    code = book.issue(NUMBER, "CA1")
    assert len(code) == 6
    assert book.check(NUMBER, "CA1", code) is Verdict.RIGHT
    assert book.check(NUMBER, "CA1", code) is Verdict.EXPIRED


def test_a_code_holds_for_its_number_and_purpose_only() -> None:
    book = CodeBook()
    code = book.issue(NUMBER, "CA1")
    assert book.check(NUMBER, "CA2", code) is Verdict.EXPIRED
    assert book.check(OTHER, "CA1", code) is Verdict.EXPIRED
    assert book.check(NUMBER, "CA1", code) is Verdict.RIGHT


def test_a_code_ends_after_five_minutes_and_when_another_is_sent() -> None:
    clock, chosen = Clock(), iter([123456, 654321, 7])
    book = CodeBook(clock, lambda below: next(chosen))
    book.issue(NUMBER, "CA1")
    second = book.issue(NUMBER, "CA1")
    assert book.check(NUMBER, "CA1", "123456") is Verdict.WRONG
    assert book.check(NUMBER, "CA1", second) is Verdict.RIGHT
    third = book.issue(NUMBER, "CA1")
    assert third == "000007"
    clock.now = VALID_SECONDS
    assert book.check(NUMBER, "CA1", third) is Verdict.EXPIRED


@given(st.lists(st.integers(0, 999_999), max_size=40), st.integers(0, 999_999))
def test_however_somebody_guesses_they_have_fifteen_guesses_a_day(guesses: list[int], code: int) -> None:
    clock = Clock()
    book = CodeBook(clock, lambda below: code)
    looked_at = right = 0
    for guess in guesses:
        verdict = book.check(NUMBER, "CA1", f"{guess:06d}")
        if verdict is Verdict.EXPIRED or verdict is Verdict.SPENT:
            looked_at += verdict is Verdict.SPENT
            try:
                book.issue(NUMBER, "CA1")
            except TooManyCodes:
                continue
        else:
            looked_at += 1
        right += verdict is Verdict.RIGHT
    assert looked_at <= ATTEMPTS * SENDS_PER_DAY
    assert right <= guesses.count(code)


def test_a_number_gets_five_codes_a_day_whatever_for() -> None:
    clock = Clock()
    book = CodeBook(clock)
    for call in range(SENDS_PER_DAY):
        book.issue(NUMBER, f"CA{call}")
    for purpose in ("CA0", "page"):
        with pytest.raises(TooManyCodes) as refused:
            book.issue(NUMBER, purpose)
        assert NUMBER not in str(refused.value)
    book.issue(OTHER, "page")
    clock.now = DAY_SECONDS
    book.issue(NUMBER, "page")


def test_all_numbers_together_get_a_few_hundred_an_hour() -> None:
    clock = Clock()
    book = CodeBook(clock)
    for number in range(SENDS_PER_HOUR):
        book.issue(f"+47900{number:05d}", "page")
    with pytest.raises(TooManyCodes):
        book.issue(OTHER, "page")
    clock.now = HOUR_SECONDS
    book.issue(OTHER, "page")


def test_neither_a_code_nor_a_number_is_kept_in_the_clear() -> None:
    book = CodeBook()
    code = book.issue(NUMBER, "CA1")
    kept = "".join(f"{name!r} {value!r}" for place in (book._issued, book._sent) for name, value in place.items())
    assert code not in kept
    assert NUMBER not in kept
    assert all(code.encode() not in issued.digest for issued in book._issued.values())


class Phone:
    """Keeps the text messages it gets; refuses them while `broken`."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.broken = False

    async def __call__(self, text: str) -> None:
        if self.broken:
            raise CarrierRefused(400, 21614, "send a text message")
        self.texts.append(text)

    @property
    def code(self) -> str:
        """Of the last message."""
        return self.texts[-1].partition(":")[2]


def sms(phone: Phone, number: str | None = NUMBER, call: str = "CA1", book: CodeBook | None = None) -> Attempt:
    provider = SmsProvider(book or CodeBook(), lambda language, code: f"{language}:{code}")
    return provider.attempt(Asked(call, number, "low", "uk", phone))


async def test_a_caller_proves_the_number_that_calls() -> None:
    phone = Phone()
    attempt = sms(phone)
    assert await attempt.begin(False) == CodeSent()
    assert await attempt.begin(False) == CodeSent()
    assert len(phone.texts) == 1, "one that is on its way is not sent twice"
    assert phone.texts[0].startswith("uk:")
    wrong = f"{(int(phone.code) + 1) % 10**6:06d}"
    assert await attempt.code(wrong) == WrongCode()
    proven = await attempt.code(phone.code)
    assert isinstance(proven, Proven)
    assert (proven.identity.level, proven.identity.phone) == ("low", NUMBER)


async def test_three_wrong_codes_are_the_end() -> None:
    phone = Phone()
    attempt = sms(phone)
    await attempt.begin(False)
    wrong = f"{(int(phone.code) + 1) % 10**6:06d}"
    came = [await attempt.code(wrong) for _ in range(ATTEMPTS)]
    assert came == [WrongCode(), WrongCode(), NotProven("refused")]
    assert await attempt.code(phone.code) == NotProven("expired")


async def test_a_code_of_one_call_is_nothing_in_another() -> None:
    phone, book = Phone(), CodeBook()
    first, second = sms(phone, call="CA1", book=book), sms(phone, call="CA2", book=book)
    await first.begin(False)
    code = phone.code
    await second.begin(False)
    assert await second.code(code) == (WrongCode() if code != phone.code else NotProven("expired"))


@pytest.mark.parametrize("number", [None, "+4722334455", "+4755000000"])
async def test_a_hidden_number_and_a_landline_get_no_message(number: str | None) -> None:
    phone = Phone()
    assert await sms(phone, number).begin(False) == NotProven("no_number")
    assert phone.texts == []


async def test_a_message_that_does_not_go_out_proves_nothing_and_its_code_is_void() -> None:
    phone, book = Phone(), CodeBook(choose=lambda below: 5)
    phone.broken = True
    attempt = sms(phone, book=book)
    assert await attempt.begin(False) == NotProven("unavailable")
    assert await attempt.code("000005") == NotProven("expired")


async def test_the_sixth_code_of_a_day_is_not_sent_and_the_fifth_still_holds() -> None:
    phone = Phone()
    attempt = sms(phone)
    for _ in range(SENDS_PER_DAY + 1):
        assert await attempt.begin(True) == CodeSent()
    assert len(phone.texts) == SENDS_PER_DAY
    assert isinstance(await attempt.code(phone.code), Proven)


@pytest.mark.parametrize(
    ("number", "takes"), [(NUMBER, True), ("+4741234567", True), ("+4722334455", False), ("+46701234567", True)]
)
def test_norwegian_landlines_are_known(number: str, takes: bool) -> None:
    assert takes_texts(number) is takes


async def test_a_page_sends_a_code_to_a_number_and_shares_the_limits_of_the_calls() -> None:
    sent: list[tuple[str, str]] = []

    async def deliver(number: str, text: str) -> None:
        sent.append((number, text))

    book = CodeBook()
    codes = Codes(book, deliver, lambda language, code: f"{language}:{code}")
    await codes.send(NUMBER, "nn")
    ((number, text),) = sent
    assert number == NUMBER
    assert codes.check(NUMBER, "000000" if text != "nn:000000" else "000001") is Verdict.WRONG
    assert codes.check(NUMBER, text.partition(":")[2]) is Verdict.RIGHT
    for call in range(SENDS_PER_DAY - 1):
        book.issue(NUMBER, f"CA{call}")
    with pytest.raises(TooManyCodes):
        await codes.send(NUMBER, "nn")
