"""The figures of a run: what was measured, its limit, and the table and JSON made of them."""

import json
import platform
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import django

from benchmarks import pace


@dataclass(frozen=True)
class Figure:
    """One figure: at most its limit, or at least `least`; without either it is there for information.

    A limit in seconds is for the machine of `pace`: it is kept when the value over this one's pace is.
    """

    name: str
    value: float
    unit: str
    limit: float | None = None
    note: str = ""
    least: float | None = None
    pace: float = 1

    @property
    def is_kept(self) -> bool:
        return (self.limit is None or self.value / self.pace <= self.limit) and (
            self.least is None or self.value >= self.least
        )

    @property
    def bound(self) -> str:
        """The limit in words; empty where there is none."""
        if self.least is not None:
            return f"≥ {self.least:g}"
        return "" if self.limit is None else f"{self.limit:g}"


@dataclass
class Figures:
    """The figures of a run in order. `begin_step` and `add` look at the machine's pace, before and after."""

    database: str
    rows: list[Figure] = field(default_factory=list)
    pace: float = 1

    def begin_step(self) -> None:
        self.pace = pace.now()

    def add(
        self,
        name: str,
        value: float,
        unit: str,
        limit: float | None = None,
        note: str = "",
        *,
        least: float | None = None,
    ) -> None:
        if unit != "s" or limit is None:
            self.rows.append(Figure(name, value, unit, limit, note, least))
            return
        slower = (self.pace + pace.now()) / 2
        told = f"{value / slower:.2f} s where the job of benchmarks/pace takes {pace.SECONDS_OF_LIMITS:g} s"
        self.rows.append(Figure(name, value, unit, limit, "; ".join(filter(None, (told, note))), pace=slower))

    @property
    def broken(self) -> list[Figure]:
        return [row for row in self.rows if not row.is_kept]

    def table(self) -> str:
        width = max(len(row.name) for row in self.rows)
        lines = [f"{'':{width}}  {'value':>8} {'limit':>8}  {'':8}  {self.database}"]
        for row in self.rows:
            words = ("ok" if row.is_kept else "BROKEN") if row.bound else ""
            line = f"{row.name:{width}}  {row.value:8.2f} {row.bound:>8}  {row.unit:8}  {words:6}  {row.note}"
            lines.append(line.rstrip())
        return "\n".join(lines)

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "database": self.database,
            "python": platform.python_version(),
            "django": django.__version__,
            "figures": [asdict(row) | {"is_kept": row.is_kept} for row in self.rows],
        }
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
