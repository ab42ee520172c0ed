"""`export_site` as it is run: by several processes, and killed at any time."""

import random
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.at import program
from tests.browser.server import own_site
from tests.site_export.shown import notices

PROJECT = Path(__file__).resolve().parents[2]
SECONDS_TO_END = 30  # for the workers of a killed export


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with own_site(tmp_path_factory.mktemp("state")) as site:
        yield site


def exporting(environment: dict[str, str], site: Path, notice: str) -> subprocess.Popen[bytes]:
    """Another notice above every page makes every page anew."""
    command = [*program(environment, "manage"), "export_site", str(site)]
    own = environment | {"SITE_NOTICE": notice}
    return subprocess.Popen(command, cwd=PROJECT, env=own, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


@pytest.mark.long
def test_killed_at_any_time_the_old_or_the_new_site_is_shown(
    environment: dict[str, str], tmp_path: Path
) -> None:
    site, chance, began = tmp_path / "site", random.Random(14), time.monotonic()
    assert exporting(environment, site, "0").wait() == 0
    whole = time.monotonic() - began
    shown = notices(site)
    for turn in range(1, 6):
        process = exporting(environment, site, str(turn))
        try:
            process.wait(chance.uniform(0.2, 1.1) * whole)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert notices(site) in (shown, {str(turn)})
        shown = notices(site)
        until = time.monotonic() + SECONDS_TO_END
        while is_locked(site):
            assert time.monotonic() < until
            time.sleep(0.2)
    last = exporting(environment, site, "last")
    assert (last.wait(), notices(site)) == (0, {"last"})
    assert sorted(path.name for path in site.iterdir()) == [".lock", "current", "releases"]


def is_locked(site: Path) -> bool:
    """Whether a process of a killed export still lives."""
    command = ["flock", "--nonblock", str(site / ".lock"), "true"]
    return subprocess.run(command, check=False).returncode != 0
