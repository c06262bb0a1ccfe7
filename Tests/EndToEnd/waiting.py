"""Waiting for conditions instead of sleeping and hoping."""

import time

PAUSE = 0.02  # seconds between two looks


def until(condition, what, within=15.0, pause=PAUSE):
    """The first true value of `condition()`; fails after `within` seconds."""
    end = time.monotonic() + within
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {within} s: {what() if callable(what) else what}")
        time.sleep(pause)
