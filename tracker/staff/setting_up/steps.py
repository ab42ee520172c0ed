"""はじめの準備: what a fresh installation still lacks, step by step, until its first round is open."""

from collections import Counter
from dataclasses import dataclass, field

from django.urls import reverse

from tracker.choices import Role, RoundState
from tracker.cycle import permissions
from tracker.models import City, Department, Initiative, Manifesto, Pledge, ReportingRound, User
from tracker.models.city import THE_ONE, city_now


@dataclass(frozen=True)
class Way:
    """A page on which a step is done; `words` say what one does there."""

    words: str
    address: str
    more: str = ""


@dataclass(frozen=True)
class SetUpStep:
    """A step: whether it is done, what there is (`told`), what lacks, and the ways that this person has.

    Who has none is told whose turn it is.
    """

    name: str
    is_done: bool
    told: str
    lacking: str = ""
    ways: list[Way] = field(default_factory=list)
    whose: str = ""
    is_next: bool = False


def steps_for(user: User) -> list[SetUpStep]:
    """All steps in their order; the first that is not done comes next."""
    found = [_city(), _pledges(user), _departments(), _people(user), _round(user)]
    following = next((step for step in found if not step.is_done), None)
    return [step if step is not following else _as_next(step) for step in found]


def steps_left(user: permissions.Visitor) -> list[SetUpStep]:
    """The steps for the home page of a site that is being set up; none once it is in use, or for others."""
    is_meant = permissions.may_keep_master_data(user) and getattr(user, "is_setting_up", False)
    return steps_for(user) if is_meant and isinstance(user, User) else []


def _as_next(step: SetUpStep) -> SetUpStep:
    return SetUpStep(**{**vars(step), "is_next": True})


def _city() -> SetUpStep:
    stored, city = City.objects.filter(pk=THE_ONE).first(), city_now()
    is_done = bool(stored and stored.name)
    told = f"{city.name}（{city.contact}）" if is_done else f"いまは「{city.name}」と出ます。"
    office = "" if city.office.telephone else "企画の電話番号を書くと、担当課の画面に出ます。"
    lacking = office if is_done else "市の名前、全国地方公共団体コード、問い合わせ先を書いて、保存します。"
    address = reverse("admin:tracker_city_change", args=[THE_ONE])
    return SetUpStep(
        "市の名前と問い合わせ先", is_done, told, lacking, [Way("書き直す" if is_done else "書く", address)]
    )


def _pledges(user: User) -> SetUpStep:
    pledges, initiatives = Pledge.objects.count(), Initiative.objects.count()
    manifesto = Manifesto.objects.order_by("-first_fiscal_year", "-pk").first()
    ways = [
        Way(
            "公表した表を取り込む",
            reverse("staff-load-table"),
            "Excel か CSV。列が何かを、表を見ながら直せます。取組、担当課、これまでの実績も入ります",
        )
    ]
    if manifesto is None:
        ways.append(_by_hand(user))
    elif permissions.may_begin_terms(user):
        ways.append(
            Way("公約と取組を加える", reverse("staff-term", args=[manifesto.pk]), "表で、または 1 つずつ")
        )
    else:
        ways += _by_hand_in_master_data()
    told = f"公約 {pledges:,}件・取組 {initiatives:,}件" if manifesto else ""
    lacking = "" if initiatives else "公約と、その取組を登録します。どちらか 1 つの方法で進めます。"
    return SetUpStep("公約と取組", bool(initiatives), told, lacking, ways)


def _by_hand(user: User) -> Way:
    if permissions.may_begin_terms(user):
        return Way(
            "手で登録する", reverse("staff-term-begin"), "表題と年度から始めて、区分、公約の順に進みます"
        )
    words = "マニフェスト（表題と評価の区分）から始めます"
    return Way("手で登録する", reverse("admin:tracker_manifesto_add"), words)


def _by_hand_in_master_data() -> list[Way]:
    """For administrators, who have no page of a term: in the order in which one needs the other."""
    kinds = (
        ("category", "分野と項目を登録する"),
        ("pledge", "公約を登録する"),
        ("initiative", "取組を登録する"),
    )
    return [Way(words, reverse(f"admin:tracker_{kind}_changelist")) for kind, words in kinds]


def _departments() -> SetUpStep:
    count, without = Department.objects.count(), Initiative.objects.filter(assignments=None).count()
    lacking = "" if count else "取組を担当する課を登録します。表を取り込むと、表にある課が入ります。"
    if count and without:
        lacking = f"担当課のない取組が {without:,}件あります。このままでは、企画が入力します。"
    ways = [
        Way(
            "担当課を登録する", reverse("admin:tracker_department_changelist"), "1 つずつ、または表で取り込む"
        )
    ]
    if count and without:
        address = reverse("admin:tracker_initiative_changelist")
        ways.append(Way("取組の担当課を決める", address, "取組を開いて「担当」に書きます"))
    return SetUpStep("担当課", bool(count), f"{count:,}課" if count else "", lacking, ways)


def _people(user: User) -> SetUpStep:
    people = User.objects.filter(is_active=True).values_list("role", flat=True)
    counts = Counter(people.order_by())
    there = [f"{role.label} {counts[role]:,}人" for role in Role if counts[role]]
    missing = [str(role.label) for role in (Role.PLANNING, Role.DEPARTMENT) if not counts[role]]
    lacking = f"{'と'.join(missing)}の職員がまだ登録されていません。" if missing else ""
    name = "利用者"
    if not permissions.may_keep_people(user):
        ways = [Way("パスワードの案内を作る", reverse("staff-people"))]
        return SetUpStep(
            name, not missing, "・".join(there), lacking, ways, "登録は、管理者がします。" if missing else ""
        )
    ways = [
        Way("全員を表で取り込む", reverse("staff-people-lists")),
        Way("1 人ずつ登録する", reverse("admin:tracker_user_add")),
        Way("パスワードの案内を作る", reverse("staff-people"), "登録した人に、印刷かメールで渡します"),
    ]
    return SetUpStep(name, not missing, "・".join(there), lacking, ways)


def _round(user: User) -> SetUpStep:
    rounds = ReportingRound.objects.select_related("manifesto")
    opened = rounds.exclude(state=RoundState.IMPORTED).first()
    imported = rounds.filter(state=RoundState.IMPORTED).newest_first().first()
    name, lacking, ways = (
        "最初の報告回",
        "報告回を開くと、担当課が入力を始められます。",
        [Way("報告回を開く", reverse("staff-round-open"))],
    )
    if opened:
        return SetUpStep(name, True, opened.label, "", [Way("報告回を見る", reverse("staff-rounds"))])
    if imported:
        words = "取り込んだ表を公表する"
        lacking = f"取り込んだ{imported.short_label}の表を公表すると、次の年度の報告回を開けます。"
        ways = [Way(words, reverse("staff-publish", args=[imported.pk]), "または、取り込みを取り消します")]
    elif not Initiative.objects.exists():
        return SetUpStep(name, False, "", "公約と取組を登録すると、開けるようになります。")
    if permissions.may_run_rounds(user):
        return SetUpStep(name, False, "", lacking, ways)
    return SetUpStep(name, False, "", lacking, [], "企画の職員がログインして、進めます。")
