"""`python -m benchmarks`: measures step by step and tells the figures; ends with 1 when a limit is broken."""

import json
import signal
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import autosaving, cities, exporting, in_front, sheets, speed, startup
from benchmarks.client import Plan, Target
from benchmarks.figures import Figures
from benchmarks.site import PROJECT, Databases, environment, own_databases, run, serving
from benchmarks.sizes import FEW, MANY, SLUGS, USUAL

RESULT = PROJECT / "var" / "bench.json"
PAGES = {"list": "/2021/pledges/", "overview": "/2021/", "pledge page": "/2021/pledges/1-1-1/"}

# How many times slower than an empty Django view; the other pages are measured for information.
LIMITS = {"list cold": 40, "list warm": 2, "list conditional": 1.5}
# How many times as many requests nginx answers.
LEAST_EXPORTED, LEAST_KEPT = 0.9, 5
MOST_QUERIES = 8
MOST_STAFF_QUERIES = 15
MOST_HOME_QUERIES = 30  # a clerk's: tasks, news and what was published, of each manifesto
# Reading, updating and recording a chunk; SQLite takes some 90 events and 200 of their index at a time.
MOST_STATEMENTS = 12
MOST_PUBLISHING_SECONDS = 5
MOST_IMPORT_SECONDS = 3
MOST_PDF_SECONDS = 10
MOST_EXPORTING_SECONDS = 10  # two quiet cores
MOST_SAVING_SECONDS = 1  # two workers on two quiet cores, ten times as many saves as the page's script makes
MOST_MIB = 200
# A list is cut into pages; an overview shows every pledge.
MOST_GROWTH = {"list": 2, "overview": 1.5 * MANY / USUAL}


class Run:
    """One run: the steps in order, each adding its figures."""

    def __init__(self, databases: Databases) -> None:
        self.databases = databases
        self.folder = databases.folder
        self.figures = Figures(databases.kind)
        self.begin = time.monotonic()
        self.site: dict[str, str] = {}

    def say(self, words: str) -> None:
        """Tells that a step begins."""
        self.figures.begin_step()
        print(f"[{time.monotonic() - self.begin:4.0f} s] {words}", flush=True)

    def whole(self) -> Figures:
        self.prepare()
        self.start_up()
        self.table_pdf()
        self.autosaves()
        self.cold()
        self.warm()
        self.nginx()
        self.export()
        self.city()
        self.queries()
        self.growth()
        self.staff()
        sheets.add_figures(sheets.measure(self.databases, "migrated", self.say), self.figures)
        self.say("done")
        return self.figures

    def prepare(self) -> None:
        self.say(f"preparing an empty site on {self.databases.kind}")
        surroundings = environment(self.folder, self.databases.create("migrated"))
        run(surroundings, "manage.py", "migrate", "--verbosity", "0")
        run(surroundings, "manage.py", "collectstatic", "--noinput", "--verbosity", "0")

    def start_up(self) -> None:
        self.say(f"importing and publishing the city's table, {startup.TIMES} times")
        importing, check = startup.measure(self.databases, migrated="migrated", name="site")
        self.site = environment(self.folder, self.databases.url("site"))
        self.figures.add("import and publish, whole process", importing, "s", MOST_IMPORT_SECONDS)
        self.figures.add("  against `manage.py check`", importing / check, "times", note=f"{check:.2f} s")

    def table_pdf(self) -> None:
        self.say("the published table as PDF")
        told = json.loads(run(self.site, "-m", "benchmarks.table_pdf"))
        if not told:
            self.say("  not measured: WeasyPrint is not installed (requirements/pdf.txt)")
            return
        note = f"{told['bytes'] / 1024:.0f} KiB"
        self.figures.add("published table as PDF", told["seconds"], "s", MOST_PDF_SECONDS, note)
        self.figures.add("  of that, the processor's time of the printing", told["processor"], "s")

    def autosaves(self) -> None:
        self.say(f"{autosaving.PEOPLE} people autosaving")
        own = environment(self.folder, self.databases.create("typing", copy_of="site"))
        with serving(own, self.folder / "typing.log", workers=2) as port:
            told = json.loads(run(own, "-m", "benchmarks.autosaving", str(port)))
        name = f"{autosaving.PEOPLE} people, a save every {autosaving.SECONDS_BETWEEN:g} s each, 95 %"
        note = f"{told['saves']} saves"
        self.figures.add(name, told["p95"], "s", MOST_SAVING_SECONDS, note)
        self.figures.add("  everybody again as soon as it is saved", told["per_second"], "/s")

    def cold(self) -> None:
        self.say("cold pages: nothing is kept")
        with serving(self.site | {"BENCH_CACHE": "off"}, self.folder / "cold.log") as port:
            self.compare(port, [Target(f"{name} cold", path) for name, path in PAGES.items()])
            self.memory(port, "cold")

    def warm(self) -> None:
        self.say("warm pages, and pages that the client has (304)")
        targets = [
            Target(f"{name} {'conditional' if conditional else 'warm'}", path, conditional)
            for name, path in PAGES.items()
            for conditional in (False, True)
        ]
        with serving(self.site, self.folder / "warm.log") as port:
            self.compare(port, targets)
            self.memory(port, "warm")

    def nginx(self) -> None:
        """In front of a server as an installation has it: two workers."""
        self.say("nginx in front: an exported page, and the kept copy")
        if name := in_front.lacking():
            self.say(f"  not measured: {name} was not found (apt-get install nginx wrk)")
            return
        with (
            serving(self.site, self.folder / "behind.log", workers=2) as port,
            in_front.serving(self.site, self.folder / "in_front", port) as at,
        ):
            exported = in_front.compare(at["exported"], at["plain"])
            kept = in_front.compare(at["kept"], at["alone"])
        name = "exported page by nginx against a plain file of its size"
        self.figures.add(name, exported.times, "times", note=exported.in_words, least=LEAST_EXPORTED)
        name = "kept copy by nginx against gunicorn alone"
        self.figures.add(name, kept.times, "times", note=kept.in_words, least=LEAST_KEPT)

    def export(self) -> None:
        self.say("the public site as files")
        found = exporting.measure(self.site, self.folder / "exported")
        note = f"{found.pages:,} pages"
        self.figures.add("export, for 1,000 pages", found.seconds, "s", MOST_EXPORTING_SECONDS, note)
        self.figures.add("  memory of all its processes", found.mib, "MiB", MOST_MIB)

    def city(self) -> None:
        """As docs/prefecture.md has it: one worker."""
        self.say("the memory of a city")
        with serving(self.site, self.folder / "city.log") as port:
            run(self.site, "-m", "benchmarks.memory", str(port))
            found = cities.of_port(port)
        note = f"{found.processes} processes; {found.private:.0f} MiB its own"
        self.figures.add("memory of a city, with its share", found.proportional, "MiB", note=note)

    def compare(self, port: int, targets: list[Target]) -> None:
        for name, found in speed.against_empty(port, targets).items():
            self.figures.add(
                f"{name} against the empty view",
                found.times_slower,
                "times",
                LIMITS.get(name),
                found.in_words,
            )

    def memory(self, port: int, state: str) -> None:
        self.say("every type of page and every data file, three times")
        told = json.loads(run(self.site, "-m", "benchmarks.memory", str(port)))
        note = f"{len(told['addresses'])} addresses"
        self.figures.add(f"memory of a worker, pages {state}", told["mib"], "MiB", MOST_MIB, note)

    def queries(self) -> None:
        self.say(f"publishing manifestos of {FEW} and {MANY:,} initiatives, counting queries")
        found = json.loads(run(self.site | {"BENCH_CACHE": "off"}, "-m", "benchmarks.sizes"))
        for page, counts in found.items():
            note = ", ".join(f"{int(count):,}: {number}" for count, number in counts.items())
            self.figures.add(
                f"queries of the {page}, most", max(counts.values()), "queries", MOST_QUERIES, note
            )
            spread = max(counts.values()) - min(counts.values())
            self.figures.add("  difference between sizes", spread, "queries", 0)

    def growth(self) -> None:
        self.say(f"cold pages of {MANY:,} initiatives")
        pages = {"list": "pledges/", "overview": ""}
        pairs = tuple(
            (Target(f"{name} {USUAL}", f"/{SLUGS[USUAL]}/{rest}"), Target(name, f"/{SLUGS[MANY]}/{rest}"))
            for name, rest in pages.items()
        )
        with serving(self.site | {"BENCH_CACHE": "off"}, self.folder / "many.log") as port:
            measured = speed.measure(Plan(port, pairs, rounds=3, seconds=0.2, requests=20))
        for name, found in measured.items():
            self.figures.add(
                f"{name} of {MANY:,} against {USUAL}, cold",
                found.times_slower,
                "times",
                MOST_GROWTH[name],
                found.in_words,
            )

    def staff(self) -> None:
        self.say(f"the staff site with rounds of {FEW}, {USUAL} and {MANY:,} rows")
        found = json.loads(run(self.site, "-m", "benchmarks.staff"))
        for state, pages in found["queries"].items():
            for page, counts in pages.items():
                note = ", ".join(f"{int(count):,}: {number}" for count, number in counts.items())
                name = f"queries of the {page}, {state}, most"
                most = MOST_HOME_QUERIES if page == "home" else MOST_STAFF_QUERIES
                self.figures.add(name, max(counts.values()), "queries", most, note)
                self.figures.add(
                    "  difference between sizes", max(counts.values()) - min(counts.values()), "queries", 0
                )
        statements, seconds = found["approval"][str(MANY)]
        usual, _seconds = found["approval"][str(USUAL)]
        per_chunk = (statements - usual) / (MANY / 500 - 1)  # 207 rows are one chunk
        note = f"{statements} in all, {seconds:.2f} s; {USUAL} rows: {usual}"
        self.figures.add(
            f"statements per 500 rows, bulk approval of {MANY:,}", per_chunk, "times", MOST_STATEMENTS, note
        )
        many, few = found["publishing"][str(MANY)], found["publishing"][str(USUAL)]
        self.figures.add(f"publishing {MANY:,} initiatives", many, "s", MOST_PUBLISHING_SECONDS)
        ratio = many / few / (MANY / USUAL)
        self.figures.add(
            f"  a row of {MANY:,} against a row of {USUAL}", ratio, "times", note=f"{few:.2f} s for {USUAL}"
        )


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers and databases go in any case
    with (
        tempfile.TemporaryDirectory(prefix="manifesto_bench_") as folder,
        own_databases(Path(folder)) as databases,
    ):
        figures = Run(databases).whole()
    print(f"\n{figures.table()}\n")
    figures.write(RESULT)
    for row in figures.broken:
        print(f"BROKEN: {row.name}: {row.value:.2f} {row.unit}, limit {row.bound}")
    return 1 if figures.broken else 0


if __name__ == "__main__":
    sys.exit(main())
