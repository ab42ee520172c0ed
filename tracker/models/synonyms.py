"""Which spellings a search takes for the same: data that the planning office keeps."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CharField, Count, Max, Subquery, Value
from django.db.models.functions import Cast, Concat

from tracker.words.searching import Groups, Search, groups_of, shipped_groups

MAX_SPELLINGS = 300  # characters of a group


class Synonym(models.Model):
    """検索で同じことばとして探す書き方: a group, its spellings between spaces.

    The migration puts the groups of words/synonyms.txt in; from then on, people change them.
    """

    spellings = models.CharField(
        "同じことばの書き方",
        max_length=MAX_SPELLINGS,
        help_text="2 つ以上の書き方を、空白で区切って書きます（例：空き家 空家）。どれで探しても、"
        "ほかの書き方のものも見つかります。全角と半角、大文字と小文字、ひらがなとカタカナ、"
        "異体字（髙と高など）の違いは、書かなくても同じものとして探します。",
    )
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "検索のことば"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.spellings

    def clean(self) -> None:
        """Raises ValidationError for what is no group, or has a spelling of another one."""
        self.spellings = " ".join(self.spellings.split())
        others = Synonym.objects.exclude(pk=self.pk).values_list("spellings", flat=True)
        try:
            groups_of([*others, self.spellings])
        except ValueError as problem:
            raise ValidationError({"spellings": str(problem)}) from problem


def groups_now() -> Groups:
    """The groups as people keep them; where nobody has any, those that the program brings."""
    kept = groups_of(Synonym.objects.values_list("spellings", flat=True))
    return kept or shipped_groups()


def search_for(typed: str) -> Search:
    """What is looked for, everywhere on the site, when this is typed. Asks the database once."""
    return Search.of(typed, groups_now()) if typed.strip() else Search.of("")


def synonym_state() -> Subquery:
    """A text that is another one whenever any group has changed: a column beside any row."""
    when, count = (Cast(each, CharField()) for each in (Max("changed_at"), Count("pk")))
    whole = Synonym.objects.order_by().annotate(whole=Value(1)).values("whole")
    return Subquery(whole.annotate(state=Concat(when, Value(" "), count)).values("state"))
