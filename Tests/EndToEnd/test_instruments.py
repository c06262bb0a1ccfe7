"""The tests' own instruments: what they look for, they find."""

import math
import random

import pytest

from test_service import parsed
from traffic import Allowance, Reply, tail, windows_beyond


def stream(shares, rate=200):
    """Replies of a proxy that gives the canary `shares` percent, one a second of time."""
    chance = random.Random(7)
    return [
        Reply(n / rate, n / rate + 0.002,
              "canary" if chance.random() * 100 < share else "stable", "")
        for second, share in enumerate(shares)
        for n in range(second * rate, (second + 1) * rate)
    ]


def test_the_tail_is_the_binomials():
    exact = sum(math.comb(20, k) * 0.2**k * 0.8**(20 - k) for k in range(14, 21))
    assert math.isclose(tail(14, 20, 0.2), exact, rel_tol=1e-9)
    assert (tail(0, 5, 0.0), tail(1, 5, 0.0), tail(5, 5, 1.0)) == (1.0, 0.0, 1.0)


def test_a_stream_as_allowed_has_no_window_beyond():
    allowed = Allowance(5)
    allowed.set(20, at=4)
    allowed.set(50, at=8)
    assert windows_beyond(stream([5] * 4 + [20] * 4 + [50] * 4), allowed) == []


def test_a_share_that_comes_before_it_was_asked_for_is_found():
    allowed = Allowance(5)
    allowed.set(20, at=5)
    assert windows_beyond(stream([5] * 4 + [20] * 4), allowed)


def test_a_tenth_of_a_second_of_everything_is_found():
    replies = stream([20] * 4)
    for reply in replies:
        if 2.0 <= reply.sent < 2.1:
            reply.model = "canary"
    assert windows_beyond(replies, Allowance(20))


def test_one_canary_answer_after_an_abort_is_found():
    replies = stream([0] * 2)
    replies[250].model = "canary"
    assert windows_beyond(replies, Allowance(0))


def test_an_allowance_is_the_highest_over_the_time_of_a_request():
    allowed = Allowance(5)
    allowed.set(50, at=1.0)
    allowed.set(20, at=2.0)
    assert allowed.most(0.5, 0.9) == 5
    assert allowed.most(0.5, 1.1) == 50
    assert allowed.most(1.9, 2.1) == 50
    assert allowed.most(2.0, 2.1) == 20


@pytest.mark.parametrize("text", [
    "a 1", "a one\n", "# TYPE a counter\n# HELP a x\na 1\na 1\n", "a 1\n",
    '# TYPE a counter\n# HELP a x\na{b=c} 1\n'])
def test_what_is_not_prometheus_text_is_told(text):
    with pytest.raises(AssertionError):
        parsed(text)
