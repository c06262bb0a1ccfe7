"""Measures what design promises: every figure beside its peer, in one run, on one machine."""
