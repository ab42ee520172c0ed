"""How manifestos are called where several could be meant. Where there is only one, it needs no name."""

from collections import Counter
from collections.abc import Iterable

from tracker.models import Manifesto
from tracker.words.cutting import cut
from tracker.words.fiscal_years import term_label

MOST_OF_A_NAME = 40  # characters, of a title that may have 200


def names_of_all() -> dict[Manifesto, str]:
    """What each is called beside the others, newest first."""
    found = list(Manifesto.objects.order_by("-first_fiscal_year", "-pk"))
    if len(found) == 1:
        return {found[0]: found[0].name}
    return dict(zip(found, _apart(found), strict=True))


def names() -> dict[int, str]:
    """`names_of_all` by id where there are several; empty where there is one, which needs no name."""
    found = names_of_all()
    return {manifesto.pk: name for manifesto, name in found.items()} if len(found) > 1 else {}


def name_of(manifesto: Manifesto | None) -> str:
    """What one is called where others could be meant; "" for none."""
    return names_of_all().get(manifesto, str(manifesto)) if manifesto else ""


def beside(key: int | str) -> str:
    """「（新しいマニフェスト）」, by id or slug, to stand after what belongs to one of several; else ""."""
    found = names_of_all()
    called = [name for manifesto, name in found.items() if key in {manifesto.pk, manifesto.slug}]
    return f"（{called[0]}）" if called and len(found) > 1 else ""


def _apart(manifestos: Iterable[Manifesto]) -> list[str]:
    """The names; of those that are alike with their years, and with their address where these are, too."""
    ordered = list(manifestos)
    called = [cut(each.name, MOST_OF_A_NAME) for each in ordered]
    for more in (_years, _address):
        count = Counter(called)
        called = [
            name + more(each) if count[name] > 1 else name for name, each in zip(called, ordered, strict=True)
        ]
    return called


def _years(manifesto: Manifesto) -> str:
    return term_label(manifesto.first_fiscal_year, manifesto.last_fiscal_year)


def _address(manifesto: Manifesto) -> str:
    return f"（{manifesto.slug}）"
