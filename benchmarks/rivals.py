"""django-import-export with the benchmark's sheet: as its documentation begins, and as its options allow.

`python -m benchmarks.rivals default|tuned SLUG FILE` prints JSON; a process of its own, for its memory.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import django

from benchmarks.counting import counted_statements, most_mib


def resource(kind: str, slug: str) -> Any:
    """A resource for yearly actions, with the columns of the sheet that are written into."""
    from import_export import fields, resources, widgets
    from import_export.instance_loaders import CachedInstanceLoader

    from benchmarks.sheet_file import HEADINGS
    from tracker.models import Rating, YearlyAction

    class Steps(widgets.ForeignKeyWidget):  # type: ignore[misc]
        """The steps of the sheet's own manifesto: other scales have the same codes."""

        def get_queryset(self, value: Any, row: Any, *args: Any, **kwargs: Any) -> Any:
            return Rating.objects.filter(manifesto__slug=slug)

    class KnownSteps(Steps):  # type: ignore[misc]
        """Looks every step up in memory."""

        def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
            self.known = getattr(self, "known", None) or {
                rating.code: rating for rating in self.get_queryset(value, row)
            }
            return self.known[value]

    text = widgets.CharWidget(coerce_to_string=True, allow_blank=True)  # which a text may be

    class Default(resources.ModelResource):  # type: ignore[misc]
        id = fields.Field("id", HEADINGS["id"], widget=widgets.IntegerWidget())
        result = fields.Field("result", HEADINGS["result"], widget=text)
        rating = fields.Field("rating", HEADINGS["rating"], widget=Steps(Rating, "code"))
        rating_reason = fields.Field("rating_reason", HEADINGS["rating_reason"], widget=text)
        plan = fields.Field("plan", HEADINGS["plan"], widget=text)

        class Meta:
            model = YearlyAction
            fields = ("id", "result", "rating", "rating_reason", "plan")
            skip_unchanged = True

    class Tuned(Default):
        """All that its options offer: instances loaded at once, one UPDATE per batch, no differences as HTML.

        `skip_diff` is not used: with it the library compares nothing and writes all rows, which takes longer.
        """

        rating = fields.Field("rating", HEADINGS["rating"], widget=KnownSteps(Rating, "code"))

        class Meta(Default.Meta):
            use_bulk = True
            batch_size = 1000
            skip_html_diff = True
            report_skipped = False
            instance_loader_class = CachedInstanceLoader

        def get_queryset(self) -> Any:
            return super().get_queryset().select_related("rating")

    return {"default": Default, "tuned": Tuned}[kind]()


def measure(kind: str, slug: str, file: Path) -> dict[str, Any]:
    """Reading and dry run: seconds, statements, what came of the rows, memory."""
    from import_export.formats.base_formats import XLSX

    content = file.read_bytes()
    begin = time.perf_counter()
    dataset = XLSX().create_dataset(content)
    read = time.perf_counter()
    with counted_statements() as count:
        result = resource(kind, slug).import_data(dataset, dry_run=True)
    end = time.perf_counter()
    assert not result.has_errors(), result.row_errors()[:1]
    assert not result.has_validation_errors()
    return {
        "reading": read - begin,
        "comparing": end - read,
        "statements": count(),
        "rows": {kind: number for kind, number in result.totals.items() if number},
        "mib": most_mib(),
    }


if __name__ == "__main__":
    django.setup()
    print(json.dumps(measure(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))
