"""Warm transfers with people, callbacks and a carrier that behave badly at random; more of them in benchmarks/."""

import asyncio

from tests.telephony.transfer_chaos import troubled_transfer

TRANSFERS = 8
"""A fresh handful would be found out on some other day: these are always the same."""


async def test_whatever_goes_wrong_the_caller_is_with_somebody_and_nobody_is_left_ringing() -> None:
    outcomes = await asyncio.gather(*(troubled_transfer(seed) for seed in range(TRANSFERS)))
    assert len(set(outcomes)) > 1
