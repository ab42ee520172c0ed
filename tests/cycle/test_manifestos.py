"""What manifestos are called beside each other."""

import pytest

from tracker.cycle import manifestos
from tracker.models import Manifesto

TITLES = {
    ("A", "B"): ["A", "B"],
    ("A（令和6年3月末時点）", "A（令和7年3月末時点）"): ["A（令和3年度～令和6年度）", "A（令和7年度～）"],
    ("長" * 60, "B"): ["長" * 39 + "…", "B"],
}


@pytest.mark.parametrize("titles", TITLES)
def test_names_tell_manifestos_apart(db: None, titles: tuple[str, str]) -> None:
    years = [("2021", 2021, 2024), ("2025", 2025, None)]
    for title, (slug, first, last) in zip(titles, years, strict=True):
        Manifesto.objects.create(slug=slug, title=title, first_fiscal_year=first, last_fiscal_year=last)
    assert list(manifestos.names_of_all().values()) == TITLES[titles][::-1]


def test_names_of_the_same_years_have_their_addresses(db: None) -> None:
    for slug in ("x", "y"):
        Manifesto.objects.create(slug=slug, title="A", first_fiscal_year=2021)
    assert list(manifestos.names().values()) == ["A（令和3年度～）（y）", "A（令和3年度～）（x）"]
