"""Master data that belong to manifestos: where there are several, lists, choices and pages say to which."""

from collections.abc import Callable
from typing import Any

from django.db.models import ForeignKey, Model
from django.http import HttpRequest
from django.urls import reverse

from tracker.cycle import manifestos
from tracker.models import Category, Initiative, Manifesto, PlanProject, Pledge
from tracker.staff.master.generic import M, ModelAdmin, ModelChoiceField
from tracker.staff.master.lists import manifesto_column


class NamedChoice(ModelChoiceField):
    """A choice among things that are called by `name_of`."""

    def __init__(self, *args: Any, name_of: Callable[[Any], str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name_of = name_of

    def label_from_instance(self, thing: Model) -> str:
        return self.name_of(thing)


def namer_of_manifestos() -> Callable[[Manifesto], str]:
    """Calls manifestos so that none is taken for another."""
    names = manifestos.names()
    return lambda manifesto: names.get(manifesto.pk, str(manifesto))


def namer_of_pledges() -> Callable[[Pledge], str]:
    """Calls a pledge by its place, for texts may repeat, and by its manifesto, for places may, too."""
    return _with_manifesto(lambda pledge: (f"{pledge.place} {pledge.text}", pledge.section.manifesto_id))


def namer_of_initiatives() -> Callable[[Initiative], str]:
    """Calls an initiative by its place and its pledge's words, and by its manifesto."""
    return _with_manifesto(
        lambda each: (f"{each.place} {each.pledge.text}", each.pledge.section.manifesto_id)
    )


def namer_of_projects() -> Callable[[PlanProject], str]:
    return _with_manifesto(lambda project: (str(project), project.manifesto_id))


def namer_of_fields() -> Callable[[Category], str]:
    return _with_manifesto(lambda category: (str(category), category.manifesto_id))


def namer_of_sections() -> Callable[[Category], str]:
    """Calls a section together with its field; a field, of which pledges can do without a section, alone."""
    return _with_manifesto(lambda section: (section.path, section.manifesto_id))


def _with_manifesto(told: Callable[[M], tuple[str, int]]) -> Callable[[M], str]:
    names = manifestos.names()

    def name_of(thing: M) -> str:
        words, manifesto_id = told(thing)
        return f"{words}（{names[manifesto_id]}）" if manifesto_id in names else words

    return name_of


class OfManifesto(ModelAdmin[M]):
    """Pages of what belongs to manifestos; `manifesto_path` leads there from a thing.

    Where there are several, each row names its own, and the pages of one thing say which it belongs to.
    """

    manifesto_path = "manifesto"

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Where there are several, their names stand beside the first column, which a narrow screen shows."""
        columns, names = list(super().get_list_display(request)), manifestos.names()
        if not names:
            return columns
        first, *others = [each for each in columns if each != "manifesto"]
        return [first, manifesto_column(names, self.manifesto_path), *others]

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        if db_field.name == "manifesto":
            found = Manifesto.objects.all()
            return NamedChoice(found, label=db_field.verbose_name, name_of=namer_of_manifestos())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, obj: M | None = None, *args: Any, **kwargs: Any) -> Any:
        """What is there stays in its manifesto: what is in it, or uses it, is of the same term."""
        form = super().get_form(request, obj, *args, **kwargs)
        if obj is not None and (field := form.base_fields.get("manifesto")):
            field.disabled, field.help_text = True, "登録したあとは変えられません。"
        return form

    def list_of(self, manifesto_id: int) -> str:
        """The address of the list of another manifesto's things."""
        opts = self.opts
        query = {f"{self.manifesto_path}__id__exact": manifesto_id}
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist", query=query)
