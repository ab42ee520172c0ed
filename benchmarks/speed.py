"""Requests per second of addresses, each against another address of the same server at the same time."""

import subprocess
import sys
from dataclasses import dataclass
from json import loads
from statistics import median

from benchmarks.client import Plan, Target
from benchmarks.site import PROJECT

EMPTY = Target("empty", "/empty/")
ROUNDS, SECONDS, REQUESTS = 19, 0.15, 500  # turns of each, and what ends a turn
SECONDS_IN_ALL = 120


@dataclass(frozen=True)
class Speed:
    """Requests per second of a target and of what it is compared with, in turns that follow each other."""

    base_rates: list[float]
    rates: list[float]

    @property
    def times_slower(self) -> float:
        """The median of the ratios of neighbouring turns: a machine that is busy for a while slows both."""
        return median(base / rate for base, rate in zip(self.base_rates, self.rates, strict=True))

    @property
    def in_words(self) -> str:
        return f"{median(self.rates):.4g}/s against {median(self.base_rates):.4g}/s"


def against_empty(port: int, targets: list[Target]) -> dict[str, Speed]:
    """Each target against the empty view."""
    pairs = tuple((EMPTY, target) for target in targets)
    return measure(Plan(port, pairs, rounds=ROUNDS, seconds=SECONDS, requests=REQUESTS))


def measure(plan: Plan) -> dict[str, Speed]:
    """Lets the client carry out a plan. Raises RuntimeError when an answer was not what it should be."""
    command = [sys.executable, "-m", "benchmarks.client"]
    done = subprocess.run(
        command, cwd=PROJECT, input=plan.as_json(), stdout=subprocess.PIPE, text=True, timeout=SECONDS_IN_ALL
    )
    if done.returncode:
        raise RuntimeError("the client stopped; its reason is above")
    found = {target.name: Speed([], []) for _base, target in plan.pairs}
    for line in done.stdout.splitlines():
        name, base_rate, rate = loads(line)
        found[name].base_rates.append(base_rate)
        found[name].rates.append(rate)
    return found
