"""What a city costs a machine that runs many, each with a database of its own and one code: the memory of its
processes.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

MEBIBYTE = 1024  # /proc tells kilobytes


class Memory(NamedTuple):
    """Of a server and its workers, in MiB: its own, and with its share of what several have mapped."""

    private: float
    proportional: float
    processes: int


def of_port(port: int) -> Memory:
    """Of the server that listens on a port of this machine."""
    told = subprocess.check_output(["ps", "-eo", "pid=,ppid=,args="], text=True).splitlines()
    ours = [line.split(maxsplit=2) for line in told if "python:manifesto.gunicorn" in line]
    masters = {int(pid) for pid, _parent, _words in ours} - {
        int(pid) for pid, parent, _words in ours if parent in {one for one, *_ in ours}
    }
    (found,) = (pid for pid in masters if f"PORT={port}" in _environment(pid))
    return of_server(found)


def _environment(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/environ").read_text().split("\0")


def of_server(pid: int) -> Memory:
    """Memory of a process and all its children."""
    found = [_of(process) for process in _with_children(pid)]
    return Memory(sum(p for p, _ in found), sum(s for _, s in found), len(found))


def _with_children(pid: int) -> Iterator[int]:
    yield pid
    told = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    for child in told.stdout.split():
        yield from _with_children(int(child))


def _of(pid: int) -> tuple[float, float]:
    told: dict[str, int] = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value, *_unit = line.split()
        told[name.rstrip(":")] = int(value)
    return (told["Private_Clean"] + told["Private_Dirty"]) / MEBIBYTE, told["Pss"] / MEBIBYTE
