"""The public site as files: written to a new folder, signed, checked, and shown by one switch."""

import gc
import json
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from typing import Any

from django.conf import settings
from django.db import connections
from django.utils import timezone

from tracker import signing
from tracker.public.frozen import code_version
from tracker.public.published import state_of
from tracker.public.scope import published
from tracker.site_export.addresses import named
from tracker.site_export.apply_site import (
    FORMAT,
    MANIFEST,
    PRODUCT,
    SIGNATURE,
    Releases,
    SiteManifest,
    SiteProblem,
    check,
    manifest_in,
    put,
)
from tracker.site_export.asking import Site, asking_much
from tracker.site_export.writing import NOT_THERE, FileRecord, FileWriter, Made

TRIES = 3  # while somebody publishes
AT_ONCE = 8  # addresses that a process is given together
SELDOM = (10_000, 5, 5)  # gc's thresholds; looking still more seldom costs 20 MB
Tell = Callable[[int, int], None]  # how many addresses are done, of how many known so far


@dataclass
class ExportOutcome:
    """What an export has done. `lacking`: linked addresses that are not there, and by which page."""

    manifest: SiteManifest | None = None  # None: the site is as it was, and nothing was touched
    files: dict[str, FileRecord] = field(default_factory=dict)
    rendered: int = 0
    taken_over: int = 0
    lacking: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def export(releases: Releases, address: str, tell: Tell, processes: int = 1) -> ExportOutcome:
    """Writes the public site and shows it, if anything has changed. Raises SiteProblem, or OSError.

    `releases`: of a folder whose turn the caller has. `address`: the scheme and host that feeds name. With
    one process all is done in this one.
    """
    with asking_much():
        for _try in range(TRIES):
            state = state_of(published())  # it must not change while the pages are written
            with releases.new() as new:
                outcome = _write_all(new, releases.current, address, tell, processes)
                if state == state_of(published()):
                    return _shown(releases, new, address, outcome)
        raise SiteProblem(
            "書き出すあいだに公表が続いたので、書き出せません。落ち着いてから、もう一度行ってください。何も変えていません。"
        )


def _shown(releases: Releases, new: Path, address: str, outcome: ExportOutcome) -> ExportOutcome:
    told = _told(address, outcome.files)
    if not _is_shown(releases.current, told):
        content = json.dumps(told, ensure_ascii=False, indent=0, sort_keys=True).encode()
        put(new / MANIFEST, content)
        put(new / SIGNATURE, f"{signing.signature_of(content)}\n".encode())
        outcome.manifest = check(new, signing.public_key())
        releases.switch(new)
    return outcome


def _is_shown(current: Path | None, told: dict[str, Any]) -> bool:
    """Whether the site that is shown is this one already, and whole."""
    try:
        return current is not None and _content(check(current, signing.public_key()).told) == _content(told)
    except SiteProblem:
        return False


def _former(release: Path | None) -> SiteManifest | None:
    """The manifest of the site that is shown, if it is ours: another key's, or a damaged one, is not."""
    try:
        return manifest_in(release, signing.public_key()) if release else None
    except SiteProblem:
        return None


def _told(address: str, files: dict[str, FileRecord]) -> dict[str, Any]:
    return {
        "product": PRODUCT,
        "format": FORMAT,
        "version": settings.VERSION,
        "made_at": timezone.localtime().isoformat(timespec="seconds"),
        "key": signing.public_key(),
        "address": address,
        "code": code_version(),
        "reports": [
            {"manifesto": row.slug, "as_of": str(row.as_of), "edition": row.edition, "digest": row.digest}
            for row in published()
        ],
        "files": files,
    }


def _content(told: dict[str, Any]) -> dict[str, Any]:
    """What of a manifest others see: not when, and from what, the same bytes were made."""
    files = {name: {**record, "made_from": ""} for name, record in told["files"].items()}
    return {"address": told["address"], "key": told["key"], "reports": told["reports"], "files": files}


def _write_all(new: Path, current: Path | None, address: str, tell: Tell, processes: int) -> ExportOutcome:
    former = _former(current)
    writer = FileWriter(Site(address), new, current if former else None, former.files if former else {})
    outcome, linked_from = ExportOutcome(), dict[str, str]()
    todo = list(dict.fromkeys(named()))
    known, done = set(todo), 0
    with ExitStack() as stack:
        each = _mapped(stack, writer, processes)
        while todo:
            found = dict[str, None]()
            for made in each(todo):
                done += 1
                _take(outcome, made)
                for link in made.links:
                    linked_from.setdefault(link, made.path)
                found |= dict.fromkeys(made.links - known)
                tell(done, len(known) + len(found))
            known |= found.keys()
            todo = list(found)
    outcome.lacking = {path: page for path, page in linked_from.items() if path in outcome.lacking}
    return outcome


def _take(outcome: ExportOutcome, made: Made) -> None:
    outcome.files |= made.files
    outcome.rendered += made.is_new
    outcome.taken_over += bool(made.files) and not made.is_new
    if made.status == NOT_THERE and not made.files:
        outcome.lacking[made.path] = ""
    if made.problem:
        outcome.left_out[made.path] = made.problem


# --- The work of several processes ---

_writers: list[FileWriter] = []  # of this process; the last one counts


def _mapped(
    stack: ExitStack, writer: FileWriter, processes: int
) -> Callable[[Sequence[str]], Iterator[Made]]:
    """What writes many addresses: this process, and further ones that are copies of it."""
    _writers.append(writer)
    stack.callback(_writers.remove, writer)
    if processes <= 1:
        return lambda paths: map(writer.write, paths)
    code_version()  # once for all of them
    connections.close_all()  # no process may use another's
    gc.freeze()  # what is loaded lives to the end: looking through it again and again takes time
    stack.callback(gc.unfreeze)
    stack.callback(gc.set_threshold, *gc.get_threshold())
    gc.set_threshold(*SELDOM)
    further, parent = processes - 1, os.getpid()
    pool = ProcessPoolExecutor(further, get_context("fork"), _end_with, (parent,))
    return partial(_shared, stack.enter_context(pool), further)


def _shared(pool: Executor, processes: int, paths: Sequence[str]) -> Iterator[Made]:
    """Hands some addresses at a time to the pool, whose processes always have some waiting, and writes some
    here meanwhile: a process that only waited for others would cost as much memory as one that works.
    """
    left = deque(paths[at : at + AT_ONCE] for at in range(0, len(paths), AT_ONCE))
    given = deque[Future[list[Made]]]()
    while left or given:
        while left and len(given) < 2 * processes:
            given.append(pool.submit(_write, left.popleft()))
        if left:
            yield from _write(left.popleft())
        while given and (given[0].done() or not left):
            yield from given.popleft().result()


def _write(paths: Sequence[str]) -> list[Made]:
    return list(map(_writers[-1].write, paths))


def _end_with(parent: int) -> None:
    """A worker whose parent was killed ends, too."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    Thread(target=watch, daemon=True).start()
