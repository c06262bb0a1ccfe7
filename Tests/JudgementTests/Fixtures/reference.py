#!/usr/bin/env python3
"""Computes the figures of reference.json with scipy, by other ways than the service does.

usage: reference.py > reference.json      (needs scipy; seeded, so it always prints the same)
"""
import json
import random

import numpy as np
from scipy import optimize, spatial, special, stats

EXCESSES = [0.003, 0.01, 0.03, 0.08, 0.2, 0.4, 0.7]


def beta_binomial(count, total, alpha):
    """Robbins' mixture bounds with Beta(1/2, 1/2), by root finding on the log odds."""
    marginal = special.betaln(count + 0.5, total - count + 0.5) - special.betaln(0.5, 0.5)

    def excess(odds):
        rate = special.expit(odds)
        likelihood = special.xlogy(count, rate) + special.xlog1py(total - count, -rate)
        return marginal - likelihood + np.log(alpha)

    centre = special.logit((count + 1e-9) / (total + 2e-9))
    low = 0 if count == 0 else special.expit(optimize.brentq(excess, -200, centre, xtol=1e-13))
    high = 1 if count == total else special.expit(optimize.brentq(excess, centre, 36, xtol=1e-13))
    return float(low), float(high)


def projection(p, q, canary, stable, margin):
    """The nearest rate on the border of no harm, by minimising the divergence itself."""
    if margin == 0:
        return (canary * q + stable * p) / (canary + stable)

    def divergence(x):
        kl = lambda a, b: special.rel_entr(a, b) + special.rel_entr(1 - a, 1 - b)
        return stable * kl(p, x) + canary * kl(q, x + margin)

    def derivative(x):
        shifted = x + margin
        return stable * (x - p) / (x * (1 - x)) + canary * (shifted - q) / (shifted * (1 - shifted))

    root = optimize.brentq(derivative, p, q - margin, xtol=1e-15, rtol=1e-14)
    nearest = optimize.minimize_scalar(
        divergence, bounds=(p, q - margin), method="bounded", options={"xatol": 1e-12}).x
    assert abs(root - nearest) < 1e-5 * max(root, 1e-3), (root, nearest)
    return root


def evidence(blocks, margin):
    """The trajectory of E, multiplied out without logarithms."""
    products = [0.5] * len(EXCESSES)
    failures = attempts = 0
    trajectory = []
    for t, (kc, nc, ks, ns) in enumerate(blocks, 1):
        p = (failures + 0.5) / (attempts + 50)
        for index, excess in enumerate(EXCESSES):
            ratio = 1.0
            q = min(0.98, p + margin + excess)
            if nc and ns and q - p > margin:
                x = projection(p, q, nc, ns, margin)
                y = x + margin
                ratio = float(np.exp(
                    stats.binom.logpmf(kc, nc, q) - stats.binom.logpmf(kc, nc, y)
                    + stats.binom.logpmf(ks, ns, p) - stats.binom.logpmf(ks, ns, x)))
            products[index] = products[index] * ratio + 1 / (2 * t * (t + 1))
        failures += ks
        attempts += ns
        trajectory.append(sum(products) / len(products) + 1 / (2 * (t + 1)))
    return trajectory


def random_blocks(seed, count, canary_rate, stable_rate, share, empty):
    draw = random.Random(seed)
    blocks = []
    for _ in range(count):
        size = draw.randint(10, 200)
        nc = 0 if draw.random() < empty else sum(draw.random() < share for _ in range(size))
        ns = 0 if draw.random() < empty else size - nc
        kc = sum(draw.random() < canary_rate for _ in range(nc))
        ks = sum(draw.random() < stable_rate for _ in range(ns))
        blocks.append([kc, nc, ks, ns])
    return blocks


def distances(seed, sizes, shift):
    """Scores with three digits, and their distances by scipy."""
    source = np.random.default_rng(seed)
    stable = np.round(source.beta(2, 5, sizes[0]), 3)
    canary = np.round(np.clip(source.beta(2, 5, sizes[1]) + shift, 0, 1), 3)
    return {
        "stable": stable.tolist(), "canary": canary.tolist(),
        "ks": float(stats.ks_2samp(stable, canary).statistic),
    }


def main():
    pairs = [(0, 1), (1, 1), (0, 100), (5, 100), (13, 1056), (50, 5000), (100, 100), (3, 7),
             (999, 1000), (1, 100000), (4321, 1000000)]
    cases = [(0.01, 0.1, 10, 40, 0.01), (1e-6, 0.013, 5, 195, 0.01), (0.3, 0.98, 100, 1, 0.2),
             (0.01, 0.013, 1, 199, 0), (0.2, 0.5, 7, 7, 0.1), (0.009, 0.98, 190, 10, 0.01)]
    runs = [(1, 40, 0.01, 0.01, 0.2, 0.0, 0.01), (2, 60, 0.05, 0.01, 0.05, 0.3, 0.0),
            (3, 30, 0.3, 0.2, 0.5, 0.1, 0.05), (4, 80, 0.0, 0.0, 0.2, 0.2, 0.01)]
    trajectories = []
    for seed, count, canary, stable, share, empty, margin in runs:
        blocks = random_blocks(seed, count, canary, stable, share, empty)
        trajectories.append(
            {"margin": margin, "blocks": blocks, "evidence": evidence(blocks, margin)})
    print(json.dumps({
        "ln_gamma": [[x, float(special.gammaln(x))] for x in
                     (0.5, 1, 1.5, 2, 3.25, 9.99, 10, 100.5, 12345.5, 1e9)],
        "beta_binomial": [[k, n, a, *beta_binomial(k, n, a)]
                          for k, n in pairs for a in (0.005, 0.00025)],
        "wilson": [[k, n, *map(float, stats.binomtest(k, n).proportion_ci(0.95, "wilson"))]
                   for k, n in pairs],
        "projection": [[*case, projection(case[0], case[1], case[2], case[3], case[4])]
                       for case in cases],
        "trajectories": trajectories,
        "distances": [distances(1, (800, 600), 0.0), distances(2, (900, 700), 0.15),
                      distances(3, (60, 700), 0.4)],
    }, indent=None, separators=(",", ":")))


main()
