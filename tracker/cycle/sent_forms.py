"""Which form's work is being done: its first event notes, in the work's own transaction, that it is done.

So a form whose server was killed between the work and its answer is known as done (docs/adr/0016).
"""

from contextvars import ContextVar

from tracker.models import SentForm

DONE = "done"  # in the place of the answer, which nobody knows yet
_at_work: ContextVar[str] = ContextVar("the key of the form at work", default="")


def begin(key: str) -> None:
    _at_work.set(key)


def end() -> None:
    _at_work.set("")


def note() -> None:
    """To be called with each event; does nothing where no form is at work."""
    if key := _at_work.get():
        SentForm.objects.filter(key=key, status=None, location="").update(location=DONE)
