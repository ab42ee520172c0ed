"""Places of pledges (1-1-2: field, section, position) and of initiatives (1-1-2-3).

A pledge without section has a shorter one (1-2: field, position), one without field the shortest (2). What a
place lacks is 0 among its numbers.
"""

from collections.abc import Iterable

NO_FIELD, NO_SECTION = "分野のない公約", "項目のない公約"
HIGHEST_ASKED = 32_767  # what a small column of a database can be asked for
LEVELS = 3  # field, section, pledge


def written(numbers: Iterable[int]) -> str:
    """The place that has these numbers, field first."""
    return "-".join(str(number) for number in numbers if number)


def pledge_numbers(place: str) -> tuple[int, ...]:
    """Field, section and position of a pledge's place. Raises ValueError for what is none."""
    *above, position = map(int, place.split("-"))
    if len(above) >= LEVELS:
        raise ValueError(place)
    return (*above, *[0] * (LEVELS - 1 - len(above)), position)


def initiative_numbers(place: str) -> tuple[int, ...]:
    """Field, section, pledge and position of an initiative's place. Raises ValueError for what is none."""
    pledge, _dash, position = place.rpartition("-")
    return (*pledge_numbers(pledge), int(position))


def meant_by(place: str) -> list[tuple[int, ...]]:
    """The numbers that a typed place may stand for: those of a pledge, those of an initiative."""
    typed = "-".join(str(min(int(number), HIGHEST_ASKED)) for number in place.split("-"))
    length = typed.count("-") + 1
    pledge = [pledge_numbers(typed)] if length <= LEVELS else []
    return [*pledge, *([initiative_numbers(typed)] if 1 < length <= LEVELS + 1 else [])]


def numbered(number: int | str, name: str) -> str:
    """「1. まち」, a field as it is printed; words for none."""
    return f"{number}. {name}" if name else NO_FIELD


def in_words(category_number: int, category_name: str, section_number: int, section_name: str) -> str:
    """「1. まち　(1) 道路」, as far as there are names; "" where there is none."""
    field = numbered(category_number, category_name) if category_name else ""
    return "　".join(filter(None, (field, f"({section_number}) {section_name}" if section_name else "")))
