"""The city's row, as tests need it: there, whatever ran before. A transactional test empties all tables, also
of what a migration wrote.
"""

from tracker.models import City
from tracker.models.city import THE_ONE


def write_city(**values: str) -> City:
    """The row with these values, made where it lacks."""
    return City.objects.update_or_create(pk=THE_ONE, defaults=values)[0]
