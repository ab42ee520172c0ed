"""What the search of the history looks through."""

from django.db import models

from tracker.models.reporting import Event


class EventIndex(models.Model):
    """The words of one event, folded for searching (cycle/event_words/index.py makes it).

    It is no content: events are chained and stay as they are, the index can be made anew. `said`: all words.
    `kept_back`: those about a person that only their keepers read. `places`: 「|1-1-2-2|1-1-3-1|」. `actor`:
    who did it.
    """

    event = models.OneToOneField(
        Event,
        models.DO_NOTHING,
        to_field="number",
        primary_key=True,
        db_column="number",
        db_constraint=False,
        related_name="index",
    )
    said = models.TextField()
    kept_back = models.TextField(blank=True)
    places = models.TextField(blank=True)
    actor = models.TextField(blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "履歴の索引"

    def __str__(self) -> str:
        return str(self.event_id)
