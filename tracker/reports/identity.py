"""Which entries of two reports are the same initiative, wherever its pledge stands. Pure.

An entry tells the former places of its pledge, so that reports alone say it. No place ever had two pledges.
"""

from collections.abc import Iterable, Mapping

from tracker.models import ReportEntry


def names_of(entry: ReportEntry) -> list[str]:
    """The keys under which reports have an entry's initiative: its own, then the former ones."""
    former = entry.former_pledge_keys or []
    return [entry.key, *(f"{pledge}-{entry.initiative_position}" for pledge in former)]


def in_terms_of(newer: Mapping[str, ReportEntry], entries: Iterable[ReportEntry]) -> dict[str, ReportEntry]:
    """Another report's entries, each under the key that `newer` has its initiative by; else under its own."""
    keys = {former: key for key, entry in newer.items() for former in names_of(entry)[1:]}
    keys |= {key: key for key in newer}
    return {_known(entry, keys): entry for entry in entries}


def _known(entry: ReportEntry, keys: Mapping[str, str]) -> str:
    return next((keys[name] for name in names_of(entry) if name in keys), entry.key)
