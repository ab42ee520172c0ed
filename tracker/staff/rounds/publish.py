"""Publishing: what exactly will become public, what changes by it, and the button."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from tracker.choices import ActionState, EventKind, RoundState
from tracker.cycle import rounds
from tracker.cycle.places import Places
from tracker.cycle.round_dates import too_early
from tracker.models import Event, PlanProject, Pledge, Report, ReportEntry, ReportingRound, User, YearlyAction
from tracker.models.catalogue import PLEDGE_PLACE
from tracker.public.rows import badges
from tracker.published_tables.file.check import check_table
from tracker.published_tables.file.laid_table import lay_out
from tracker.published_tables.from_report import table_of
from tracker.reports import drafting, publishing
from tracker.reports.comparison import Comparison, Difference, compare
from tracker.reports.drafting import Draft
from tracker.reports.figures import TEXT_KINDS, RatingStep, Share, distribution
from tracker.reports.publishing import PublishingProblem
from tracker.staff.frame.kept import unshown_texts
from tracker.staff.frame.site import show
from tracker.staff.rounds.access import a_round, own_report, planners_round
from tracker.staff.rounds.forms import PublishForm
from tracker.words import differences
from tracker.words.codes import plan_code_refusal
from tracker.words.fiscal_years import short_label
from tracker.words.numbering import labelled
from tracker.words.reported import has_ended, in_charge
from tracker.workbooks.problems import FileProblem

Rewording = tuple[str, list[differences.Piece]]  # where a text stands, and how it differs, word by word
CHANGED_SINCE = (
    "確かめたあとに、公表する内容が変わりました。"
    "下の内容をもう一度確かめてから公表してください。書いた理由は残してあります。"
)
TAKE = "take_"  # the name of a change's box begins so
PICKED = "選んだ基本データの変更は %d 件です。下の内容に入れました。もう一度確かめてから公表してください。"
NOTHING_LEFT = "確かめたあとに、ほかの人が公表したか内容を変えたため、いまは公表できません。"
YEARLY_TEXTS = (("results", "の主な取組"), ("plans", "の取組予定"))


@dataclass(frozen=True)
class Unapproved:
    """An initiative without an approved row: it stays as in the report before, or is not shown at all."""

    key: str
    title: str
    action: YearlyAction | None
    in_charge: str
    is_carried: bool


@dataclass
class Publication:
    """All that the page tells about a round's publication. `before` is the report that it follows."""

    round: ReportingRound
    draft: Draft

    @cached_property
    def before(self) -> list[ReportEntry]:
        before = self.draft.before
        return list(before.entries.order_by("position")) if before else []

    @cached_property
    def last(self) -> Report | None:
        """The last edition of the same date."""
        return own_report(self.round)

    @property
    def edition(self) -> int:
        return self.last.edition + 1 if self.last else 1

    @cached_property
    def says_nothing_new(self) -> bool:
        return self.last is not None and self.draft.same_content(self.last)

    @cached_property
    def is_told_elsewhere(self) -> bool:
        """Whether the year has no report of its own: it came with a later year's table."""
        if self.last or self.round.state in {RoundState.OPEN, RoundState.CLOSED}:
            return False
        return ReportingRound.objects.after(self.round).of_tables().exists()

    @property
    def can_publish(self) -> bool:
        return bool(self.draft.entries) and not self.says_nothing_new and not self.is_told_elsewhere

    @property
    def offered(self) -> set[str]:
        """The keys of the changes of the catalogue that a person may pick."""
        return {change.key for change in self.draft.changes if not change.is_needed}

    @property
    def picked(self) -> set[str]:
        return {change.key for change in self.draft.changes if change.is_picked} & self.offered

    @cached_property
    def comparison(self) -> Comparison | None:
        """Against the report before; None for a manifesto's first."""
        if self.draft.before is None:
            return None
        report = self.draft.report
        codes, unranked = report.rating_codes, report.unranked_codes
        return compare(self.before, self.draft.entries, codes, unranked=unranked)

    @cached_property
    def unapproved(self) -> list[Unapproved]:
        rows = YearlyAction.objects.filter(round=self.round).unapproved().with_place().with_departments()
        found = {row.place: row for row in rows}
        carried = [
            (each.key, labelled(each.pledge_number, each.pledge_text), each) for each in self.draft.carried
        ]
        left_out = [(each.place, str(each.pledge), None) for each in self.draft.left_out]
        made = []
        for key, title, entry in [*carried, *left_out]:
            action, terms = found.get(key), entry.departments if entry else []
            told = "、".join(term["name"] for term in in_charge(terms))
            offices = action.in_charge if action else told or "担当課なし（企画）"
            made.append(Unapproved(key, title, action, offices, is_carried=bool(entry)))
        return made

    @cached_property
    def bare_pledges(self) -> list[Pledge]:
        """Pledges that the draft tells as such that wait for an initiative. No query where there are none."""
        bare = [each for each in self.draft.report.bare_pledges if not has_ended(each)]
        if not bare:
            return []
        places = Places(self.round.manifesto)
        told = {places.pledge_now(pledge["pledge_key"]) for pledge in bare}
        found = Pledge.objects.filter(section__manifesto=self.round.manifesto)
        in_order = found.select_related("section__parent").order_by(*PLEDGE_PLACE)
        return [pledge for pledge in in_order if pledge.place in told]

    @cached_property
    def odd_projects(self) -> list[PlanProject]:
        """Plan projects whose number is none: older than the rule, shown last."""
        numbered = self.round.manifesto.plan_projects.exclude(base_code="")
        return [project for project in numbered if plan_code_refusal(project.base_code)]

    @cached_property
    def table_problem(self) -> str:
        """Why nobody could have this report as a published table; "" where all is well."""
        table = table_of(self.draft.report, self.draft.entries)
        try:
            check_table(table, lay_out(table))
        except FileProblem as problem:
            return problem.message
        return ""

    @property
    def too_early(self) -> str:
        """What has not been yet, as the report would tell it."""
        return too_early(self.round.fiscal_year, self.round.as_of, timezone.localdate())

    @property
    def first_time(self) -> list[tuple[str, list[str]]]:
        """Extra columns and indicators that no report has told so far, by kind: (its name, names)."""
        before = self.draft.before
        known = {column["code"] for column in before.extra_columns} if before else set()
        columns = [each["label"] for each in self.draft.report.extra_columns if each["code"] not in known]
        told = {each["code"] for entry in self.before for each in entry.indicators or []}
        measured = [
            f"{entry.key} {each['name']}"
            for entry in self.draft.entries
            for each in entry.indicators or []
            if each["code"] not in told
        ]
        kinds = (("追加の項目", columns), ("指標", list(dict.fromkeys(measured))))
        return [(kind, names) for kind, names in kinds if names]

    @property
    def unapproved_counts(self) -> list[tuple[ActionState | None, int]]:
        """How many of them are in each state; None for those without a row in the round."""
        states = [ActionState(row.action.state) if row.action else None for row in self.unapproved]
        return [(state, states.count(state)) for state in (*ActionState, None) if state in states]

    @property
    def needs_reason(self) -> bool:
        return bool(self.draft.carried or self.draft.left_out)

    @cached_property
    def shares(self) -> list[tuple[Share, int | None]]:
        """Per rating how many initiatives have it now, and how many had it before."""
        scale = RatingStep.scale(self.draft.report.ratings)
        now = distribution([entry.rating_code for entry in self.draft.entries], scale)
        if self.draft.before is None:
            return [(share, None) for share in now.shares]
        then = distribution([entry.rating_code for entry in self.before], scale)
        return [(share, old.count) for share, old in zip(now.shares, then.shares, strict=True)]

    @cached_property
    def texts(self) -> dict[str, int]:
        """Of the round's year: how many results are new wording, only continue, or are missing."""
        year = str(self.round.fiscal_year)
        kinds = [entry.index.progress["results"].get(year, "none") for entry in self.draft.entries]
        return {kind: kinds.count(kind) for kind in TEXT_KINDS}

    @property
    def rewordings(self) -> list[tuple[Difference, list[Rewording]]]:
        reworded = self.comparison.reworded if self.comparison else []
        return [(difference, _rewordings(difference)) for difference in reworded]


def _rewordings(difference: Difference) -> list[Rewording]:
    """Each text that differs, where it stands and how."""
    before, after = difference.before, difference.after
    texts = [("公約の文", before.pledge_text, after.pledge_text)] if difference.pledge_changed else []
    for year in difference.years:
        for kind, words in YEARLY_TEXTS:
            old, new = (getattr(entry, kind).get(year, "") for entry in (before, after))
            texts.append((f"{short_label(int(year))}{words}", old, new))
    return [(place, differences.words(old, new)) for place, old, new in texts if old != new]


@require_http_methods(["GET", "HEAD", "POST"])
def publish_round(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows what would be published; a POST publishes what was shown, or says that it has changed since."""
    round, user = planners_round(request, pk)
    publication = Publication(round, drafting.draft(round))
    form = _form(request, publication)
    if request.method != "POST":
        return _show(request, publication, form)
    picks = request.POST.get("act") == "pick"
    if not (publication.can_publish or (picks and publication.offered)):
        return _show(request, publication, form, problem=NOTHING_LEFT, status=409)
    if request.POST.get("expected") != publication.draft.content_digest:
        return _show(request, publication, form, problem=CHANGED_SINCE, status=409)
    if picks or _ticked(request) & publication.offered != publication.picked:
        return _pick(request, publication, user)
    if not form.is_valid():
        return _show(request, publication, form, status=422)
    try:
        return _publish(request, publication, form.cleaned_data, user)
    except PublishingProblem as problem:  # somebody wrote in this very moment
        publication = Publication(a_round(pk), drafting.draft(round))
        return _show(request, publication, _form(request, publication), problem=str(problem), status=409)


def _ticked(request: HttpRequest) -> set[str]:
    """The keys of the changes of the catalogue whose boxes are ticked."""
    return {name.removeprefix(TAKE) for name in request.POST if name.startswith(TAKE)}


def _pick(request: HttpRequest, publication: Publication, user: User) -> HttpResponse:
    """Keeps what is ticked, and shows the edition with it; what was typed stays in its fields."""
    rounds.pick_changes(publication.round, _ticked(request) & publication.offered, by=user)
    round = a_round(publication.round.pk)
    publication = Publication(round, drafting.draft(round))
    form = _form(request, publication, typed=request.POST)
    return _show(request, publication, form, just_picked=PICKED % len(publication.picked))


def _form(
    request: HttpRequest, publication: Publication, typed: Mapping[str, str] | None = None
) -> PublishForm:
    return PublishForm(
        request.POST if request.method == "POST" and typed is None else None,
        initial=typed or {"correction_reason": reason_of_correction(publication)},
        is_correction=publication.edition > 1,
        is_incomplete=publication.needs_reason,
    )


def reason_of_correction(publication: Publication) -> str:
    """What was written when the correction was started."""
    if publication.round.state != RoundState.CORRECTING:
        return ""
    subject, state = publication.round.subject, RoundState.CORRECTING
    begun = Event.objects.filter(kind=EventKind.ROUND, subject=subject, to_state=state).exclude(reason="")
    return begun.order_by("-number").values_list("reason", flat=True).first() or ""


def _publish(
    request: HttpRequest, publication: Publication, reasons: dict[str, str], user: User
) -> HttpResponse:
    report, is_new = publishing.publish(
        publication.round,
        by=user.signature,
        reason=reasons.get("correction_reason", ""),
        unapproved_reason=reasons.get("unapproved_reason", ""),
        expected=publication.draft.content_digest,
    )
    nothing_new = "同じ内容がすでに公表されています。新しい版は作りませんでした。"
    messages.success(request, _told(report) if is_new else nothing_new)
    return redirect("staff-rounds")


def _told(report: Report) -> SafeString:
    words = '公表しました（{0}　第{1}版）。公開ページ： <a href="{2}">{2}</a>'
    address = reverse("manifesto:edition:overview", args=[report.slug, report.as_of, report.edition])
    return format_html(words, report.dated_label, report.edition, address)


def _show(
    request: HttpRequest,
    publication: Publication,
    form: PublishForm,
    *,
    problem: str = "",
    just_picked: str = "",
    status: int = 200,
) -> HttpResponse:
    draft = publication.draft
    return show(
        request,
        "rounds/publish",
        status=status,
        title="公表",
        round=publication.round,
        tab="publish",
        publication=publication,
        draft=draft,
        form=form,
        problem=problem,
        just_picked=just_picked,
        ticked=publication.picked if just_picked or request.method != "POST" else _ticked(request),
        typed=unshown_texts(request, form.fields if publication.can_publish else ()),
        comparison=publication.comparison,
        badges=badges(RatingStep.scale(draft.report.ratings)),
        badges_before=badges(RatingStep.scale(draft.before.ratings)) if draft.before else {},
        newest=publication.round.manifesto.rounds.newest_first().first(),
    )
