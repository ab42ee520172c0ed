"""All tables in one step, for a new database (docs/adr/0025).

It stands for the twenty-six migrations that it names. A database that has some of them goes on with them, and
one that has all of them has nothing to do.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.validators import MaxValueValidator
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import CASCADE, DO_NOTHING, PROTECT, SET_NULL, F, Q
from django.utils import timezone

from tracker.models import catalogue, city, codes, invitations, organisation, sheets

REPLACED = (
    "0001_initial",
    "0002_staff_site",
    "0003_entry_sheets",
    "0004_sheets_without_worker",
    "0005_index_apart_from_content",
    "0006_former_texts",
    "0007_sealed_chain",
    "0008_sent_forms",
    "0009_codes_checked_where_they_enter",
    "0010_untold_rounds_wait_to_be_published",
    "0011_duties_share_a_place",
    "0012_a_reminder_per_recipient",
    "0013_department_names",
    "0014_picked_changes",
    "0015_reorganisations",
    "0016_site_contact",
    "0017_pledges_change_in_mid_term",
    "0018_history_is_searched",
    "0019_people_in_april",
    "0020_several_rounds_a_year",
    "0021_the_next_term",
    "0022_section_check",
    "0023_mails_of_several_kinds",
    "0024_city_and_contact",
    "0025_words_of_a_manifesto",
    "0026_keys_of_the_desk",
)
USER = settings.AUTH_USER_MODEL
MAIL_KINDS = [
    ("opened", "報告の開始"),
    ("returned", "差戻し"),
    ("due_changed", "締切の変更"),
    ("reminder", "催促"),
    ("weekly", "課長への週ごとの状況"),
    ("published", "公表"),
]
MAIL_KIND = models.CharField("メールの種類", max_length=20, choices=MAIL_KINDS)
KNOWN_MAIL = Q(kind__in=[value for value, _label in MAIL_KINDS])


def table(
    name: str, fields: dict[str, models.Field], words: str = "", *, managers: Any = (), **options: Any
) -> migrations.CreateModel:
    """A model with a key of the usual kind, unless one of its fields is its key."""
    if not any(field.primary_key for field in fields.values()):
        key = models.BigAutoField("ID", auto_created=True, primary_key=True, serialize=False)
        fields = {"id": key} | fields
    named = {"verbose_name": words, "verbose_name_plural": words} if words else {}
    return migrations.CreateModel(name, list(fields.items()), named | options, managers=managers)


def to(
    model: str, related_name: str, words: str | None = None, on_delete: Any = CASCADE, **values: Any
) -> models.ForeignKey:
    return models.ForeignKey(model, on_delete, related_name=related_name, verbose_name=words, **values)


def add_the_city(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """One row, empty, so that the settings say what the city is called."""
    apps.get_model("tracker", "City").objects.create(pk=1)


def once(
    name: str, fields: tuple[str, ...], words: str | None = None, where: Q | None = None
) -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=fields, name=name, condition=where, violation_error_message=words)


def always(name: str, condition: Q, words: str | None = None) -> models.CheckConstraint:
    return models.CheckConstraint(condition=condition, name=name, violation_error_message=words)


class Migration(migrations.Migration):
    initial = True
    replaces = [("tracker", name) for name in REPLACED]
    dependencies = [("auth", "0012_alter_user_first_name_max_length")]

    operations = [
        table(
            "Manifesto",
            {
                "slug": models.CharField(
                    "公開ページのアドレス",
                    max_length=20,
                    unique=True,
                    validators=[catalogue.SLUG, catalogue.refuse_taken_address],
                ),
                "title": models.CharField("表題", max_length=200),
                "first_fiscal_year": models.PositiveSmallIntegerField("最初の年度"),
                "last_fiscal_year": models.PositiveSmallIntegerField("最後の年度", null=True, blank=True),
                "cumulative_year": models.PositiveSmallIntegerField(
                    "最初の列にまとめる年度",
                    null=True,
                    blank=True,
                    help_text="「令和4年度までの主な取組」のように、それ以前の年度の分も入れる年度です。",
                ),
                "section_check": models.BooleanField(
                    "課長確認を使う",
                    default=False,
                    help_text="担当課が提出した取組を、課長が確認してから企画に回します。課長は、利用者の「所属」で決めます。"
                    "使うのをやめても、確認を待っている取組はそのまま残り、課長が確認するか、担当課が取り下げます。",
                ),
            },
            "マニフェスト",
            ordering=["first_fiscal_year", "slug"],
            constraints=[
                always(
                    "manifesto_years_in_order",
                    Q(last_fiscal_year__isnull=True) | Q(last_fiscal_year__gte=F("first_fiscal_year")),
                    "最後の年度は、最初の年度かそれより後にしてください。",
                )
            ],
        ),
        table(
            "Rating",
            {
                "manifesto": to("tracker.manifesto", "ratings", "マニフェスト"),
                "position": models.PositiveSmallIntegerField("順序", help_text="1 が最も進んだ評価です。"),
                "code": models.CharField("記号", max_length=12, validators=[codes.refuse_no_rating_code]),
                "label": models.CharField("名称", max_length=50),
                "definition": models.CharField("基準", max_length=200, blank=True),
                "percent": models.PositiveSmallIntegerField(
                    "進捗率（％）", null=True, blank=True, validators=[MaxValueValidator(100)]
                ),
            },
            "実施状況の区分",
            ordering=["manifesto", "position"],
            constraints=[
                once("rating_code_once", ("manifesto", "code"), "同じ記号の評価があります。"),
                once("rating_position_once", ("manifesto", "position"), "同じ順序の評価があります。"),
                always(
                    "rating_percent_at_most_100",
                    Q(percent__isnull=True) | Q(percent__lte=100),
                    "進捗率は 0 から 100 までです。",
                ),
            ],
        ),
        table(
            "Category",
            {
                "manifesto": to("tracker.manifesto", "categories", "マニフェスト"),
                "parent": to("tracker.category", "sections", "上の分野", null=True, blank=True),
                "number": models.PositiveSmallIntegerField("番号"),
                "name": models.CharField("名称", max_length=200),
            },
            "分野",
            ordering=["manifesto", F("parent__number").asc(nulls_first=True), "number"],
            constraints=[
                once("section_number_once", ("manifesto", "parent", "number"), "同じ番号の項目があります。"),
                once(
                    "category_number_once",
                    ("manifesto", "number"),
                    "同じ番号の分野があります。",
                    Q(parent__isnull=True),
                ),
            ],
        ),
        table(
            "PlanProject",
            {
                "manifesto": to("tracker.manifesto", "plan_projects", "マニフェスト"),
                "code": models.CharField(
                    "番号の表記", max_length=30, blank=True, validators=[codes.refuse_a_date]
                ),
                "base_code": models.CharField(
                    "施策の番号",
                    max_length=12,
                    db_index=True,
                    blank=True,
                    validators=[codes.refuse_no_plan_code],
                    help_text="公開ページで施策ごとにまとめる番号です。2-2-3 のように書きます。なければ空欄にします。",
                ),
                "name": models.CharField("施策と事業の名称", max_length=400),
            },
            "総合計画実施計画の関連事業",
            ordering=["base_code", "code", "name"],
            constraints=[
                once("plan_project_once", ("manifesto", "code", "name"), "同じ関連事業があります。")
            ],
        ),
        table(
            "Pledge",
            {
                "section": to("tracker.category", "pledges", "項目"),
                "position": models.PositiveSmallIntegerField("順序"),
                "number_label": models.CharField("番号の表記", max_length=8, blank=True),
                "text": models.TextField("公約"),
                "continues": to(
                    "tracker.pledge", "continued_by", "前の任期の公約", PROTECT, null=True, blank=True
                ),
            },
            "公約",
            ordering=["section", "position"],
            constraints=[once("pledge_position_once", ("section", "position"), "同じ順序の公約があります。")],
        ),
        table(
            "FormerPlace",
            {
                "manifesto": to("tracker.manifesto", "former_places"),
                "pledge": to("tracker.pledge", "former_places", "公約"),
                "place": models.CharField("以前の番号", max_length=30),
            },
            "公約の以前の番号",
            ordering=["pk"],
            constraints=[once("former_place_once", ("manifesto", "place"), "別の公約の以前の番号です。")],
        ),
        table(
            "Initiative",
            {
                "pledge": to("tracker.pledge", "initiatives", "公約"),
                "position": models.PositiveSmallIntegerField("順序"),
                "sdgs": models.JSONField("SDGs の目標", default=None, null=True, blank=True),
                "other_departments": models.BooleanField("ほかの担当課もある（外）", default=False),
                "first_fiscal_year": models.PositiveSmallIntegerField("始まりの年度"),
                "last_fiscal_year": models.PositiveSmallIntegerField("終わりの年度", null=True, blank=True),
                "source": models.JSONField("取り込んだ行", default=list, blank=True),
                "notes": models.JSONField("表にあったほかの列", default=dict, blank=True),
                "plan_projects": models.ManyToManyField(
                    "tracker.planproject", blank=True, related_name="initiatives", verbose_name="関連事業"
                ),
            },
            "取組",
            ordering=["pledge", "position"],
            constraints=[
                once("initiative_position_once", ("pledge", "position"), "同じ順序の取組があります。"),
                always(
                    "initiative_ends_after_start",
                    Q(last_fiscal_year__isnull=True) | Q(last_fiscal_year__gte=F("first_fiscal_year") - 1),
                    "終わりの年度が、始まりの年度より前です。",
                ),
            ],
        ),
        table(
            "InitiativeContinuation",
            {
                "predecessor": to("tracker.initiative", "continued_by", "引継ぎ元の取組"),
                "successor": to("tracker.initiative", "continues", "引継ぎ先の取組"),
                "fiscal_year": models.PositiveSmallIntegerField("引継ぎの年度"),
            },
            "取組の引継ぎ",
            constraints=[
                once("continuation_once", ("predecessor", "successor"), "同じ引継ぎがあります。"),
                always("continuation_by_another", ~Q(predecessor=F("successor")), "引継ぎ先が同じ取組です。"),
            ],
        ),
        table(
            "Department",
            {
                "name": models.CharField("名称", max_length=100),
                "division": models.CharField("部", max_length=100, blank=True),
                "short_name": models.CharField("略称", max_length=100, blank=True),
                "code": models.CharField("コード", max_length=20, unique=True, validators=[catalogue.SLUG]),
                "first_fiscal_year": models.PositiveSmallIntegerField("設置年度", null=True, blank=True),
                "last_fiscal_year": models.PositiveSmallIntegerField(
                    "廃止前の最後の年度", null=True, blank=True
                ),
                "is_contact": models.BooleanField(
                    "公開ページの問い合わせ先",
                    default=False,
                    help_text="どの課にも付けなければ、「市の名前と問い合わせ先」にあるものを示します。",
                ),
            },
            "担当課",
            ordering=["code"],
            constraints=[
                once(
                    "living_department_name_once",
                    ("name",),
                    "同じ名称の担当課があります。",
                    Q(last_fiscal_year__isnull=True),
                ),
                once(
                    "one_contact", ("is_contact",), "問い合わせ先の課が、ほかにあります。", Q(is_contact=True)
                ),
                always(
                    "department_ends_after_start",
                    Q(first_fiscal_year__isnull=True)
                    | Q(last_fiscal_year__isnull=True)
                    | Q(last_fiscal_year__gte=F("first_fiscal_year")),
                    "最後の年度が、設置年度より前です。",
                ),
            ],
        ),
        table(
            "FormerName",
            {
                "name": models.CharField("名称", max_length=100),
                "division": models.CharField("部", max_length=100, blank=True),
                "short_name": models.CharField("略称", max_length=100, blank=True),
                "department": to("tracker.department", "former_names", "担当課"),
                "last_fiscal_year": models.PositiveSmallIntegerField("この名称だった最後の年度"),
            },
            "これまでの名称",
            ordering=["department", "last_fiscal_year"],
            constraints=[
                once(
                    "former_name_once_a_year",
                    ("department", "last_fiscal_year"),
                    "この年度までの名称は、すでにあります。",
                )
            ],
        ),
        table(
            "DepartmentSuccession",
            {
                "predecessor": to("tracker.department", "successions", "引継ぎ元"),
                "successor": to("tracker.department", "inheritances", "引継ぎ先"),
                "fiscal_year": models.PositiveSmallIntegerField("引継ぎの年度"),
            },
            "引継ぎ",
            constraints=[
                once(
                    "succession_once", ("predecessor", "successor", "fiscal_year"), "同じ引継ぎがあります。"
                ),
                always("succession_to_another", ~Q(predecessor=F("successor")), "引継ぎ先が同じ課です。"),
            ],
        ),
        migrations.AddField(
            "department",
            "successors",
            models.ManyToManyField(
                "tracker.department",
                related_name="predecessors",
                through="tracker.DepartmentSuccession",
                verbose_name="引継ぎ先",
            ),
        ),
        table("SiteContact", {"name": models.CharField("問い合わせ先", max_length=201)}, "問い合わせ先"),
        table(
            "Assignment",
            {
                "initiative": to("tracker.initiative", "assignments", "取組"),
                "department": to("tracker.department", "assignments", "担当課", PROTECT),
                "position": models.PositiveSmallIntegerField("順序", default=1),
                "from_fiscal_year": models.PositiveSmallIntegerField("開始年度", null=True, blank=True),
                "to_fiscal_year": models.PositiveSmallIntegerField("最終年度", null=True, blank=True),
            },
            "担当",
            ordering=["initiative", "position", F("from_fiscal_year").asc(nulls_first=True)],
            constraints=[
                once(
                    "assignment_once",
                    ("initiative", "department", "from_fiscal_year"),
                    "同じ担当が登録されています。",
                ),
                once(
                    "assignment_without_start_once",
                    ("initiative", "department"),
                    "同じ担当が登録されています。",
                    Q(from_fiscal_year__isnull=True),
                ),
                once(
                    "assignment_position_once",
                    ("initiative", "position", "from_fiscal_year"),
                    "同じ順序の担当があります。",
                ),
                once(
                    "assignment_position_without_start_once",
                    ("initiative", "position"),
                    "同じ順序の担当があります。",
                    Q(from_fiscal_year__isnull=True),
                ),
                always(
                    "assignment_ends_after_start",
                    Q(from_fiscal_year__isnull=True)
                    | Q(to_fiscal_year__isnull=True)
                    | Q(to_fiscal_year__gte=F("from_fiscal_year")),
                    "最終年度が、開始年度より前です。",
                ),
            ],
        ),
        table(
            "User",
            {
                "password": models.CharField("password", max_length=128),
                "last_login": models.DateTimeField("last login", null=True, blank=True),
                "is_superuser": models.BooleanField(
                    "superuser status",
                    default=False,
                    help_text="Designates that this user has all permissions without "
                    "explicitly assigning them.",
                ),
                "username": models.CharField(
                    "username",
                    max_length=150,
                    unique=True,
                    validators=[UnicodeUsernameValidator()],
                    help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                    error_messages={"unique": "A user with that username already exists."},
                ),
                "first_name": models.CharField("first name", max_length=150, blank=True),
                "last_name": models.CharField("last name", max_length=150, blank=True),
                "email": models.EmailField("email address", max_length=254, blank=True),
                "is_staff": models.BooleanField(
                    "staff status",
                    default=False,
                    help_text="Designates whether the user can log into this admin site.",
                ),
                "is_active": models.BooleanField(
                    "active",
                    default=True,
                    help_text="Designates whether this user should be treated as active. "
                    "Unselect this instead of deleting accounts.",
                ),
                "date_joined": models.DateTimeField("date joined", default=timezone.now),
                "role": models.CharField(
                    "役割",
                    max_length=20,
                    choices=[("department", "担当課"), ("planning", "企画"), ("administrator", "管理者")],
                    default="department",
                ),
                "is_demo": models.BooleanField("見本の利用者", default=False),
                "uses_desk_keys": models.BooleanField("確認の画面でキーを使う", default=True),
                "groups": models.ManyToManyField(
                    "auth.group",
                    blank=True,
                    related_name="user_set",
                    help_text="The groups this user belongs to. A user will get all permissions "
                    "granted to each of their groups.",
                    related_query_name="user",
                    verbose_name="groups",
                ),
                "user_permissions": models.ManyToManyField(
                    "auth.permission",
                    blank=True,
                    related_name="user_set",
                    help_text="Specific permissions for this user.",
                    related_query_name="user",
                    verbose_name="user permissions",
                ),
            },
            "利用者",
            managers=[("objects", organisation.PeopleManager())],
            constraints=[
                always(
                    "user_role_known",
                    Q(role__in=["department", "planning", "administrator"]),
                    "その役割はありません。",
                )
            ],
        ),
        table(
            "Membership",
            {
                "user": to(USER, "memberships", "利用者"),
                "department": to("tracker.department", "memberships", "担当課", PROTECT),
                "is_concurrent": models.BooleanField("兼務", default=False),
                "is_head": models.BooleanField(
                    "課長",
                    default=False,
                    help_text="「課長確認」を使うマニフェストでは、この課の取組を、提出の前に確認します。",
                ),
            },
            "所属",
            constraints=[once("membership_once", ("user", "department"), "すでに所属しています。")],
        ),
        migrations.AddField(
            "user",
            "departments",
            models.ManyToManyField(
                "tracker.department",
                blank=True,
                related_name="people",
                through="tracker.Membership",
                verbose_name="所属",
            ),
        ),
        table(
            "Reorganisation",
            {
                "fiscal_year": models.PositiveSmallIntegerField("年度"),
                "title": models.CharField("件名", max_length=100, blank=True),
                "steps": models.JSONField(default=list),
                "state": models.CharField(
                    "状態",
                    max_length=20,
                    choices=[("prepared", "準備中"), ("applied", "実施済"), ("undone", "取消済")],
                    default="prepared",
                ),
                "written": models.JSONField(default=list),
                "version": models.PositiveIntegerField(default=1),
                "applied_by": models.CharField("実施した人", max_length=200, blank=True),
                "applied_at": models.DateTimeField("実施日時", null=True, blank=True),
            },
            "組織改正",
            ordering=["-fiscal_year", "-pk"],
            constraints=[
                always(
                    "reorganisation_state_known",
                    Q(state__in=["prepared", "applied", "undone"]),
                    "その状態はありません。",
                )
            ],
        ),
        table(
            "City",
            {
                "name": models.CharField("市の名前", max_length=50, blank=True),
                "code": models.CharField(
                    "全国地方公共団体コード", max_length=6, blank=True, validators=[city.refuse_no_city_code]
                ),
                "contact": models.CharField("市民の問い合わせ先", max_length=201, blank=True),
                "contact_url": models.URLField("問い合わせ先のページ", blank=True),
                "office_name": models.CharField("企画の課名", max_length=100, blank=True),
                "office_telephone": models.CharField("企画の電話番号", max_length=50, blank=True),
                "office_mail": models.EmailField("企画のメールアドレス", max_length=254, blank=True),
            },
            "市の名前と問い合わせ先",
            constraints=[always("one_city", Q(pk=1), "市は 1 つだけです。")],
        ),
        table(
            "ReportingRound",
            {
                "manifesto": to("tracker.manifesto", "rounds", "マニフェスト"),
                "fiscal_year": models.PositiveSmallIntegerField("年度"),
                "name": models.CharField("報告回の名前", max_length=20, default="", blank=True),
                "number": models.PositiveSmallIntegerField("年度の中での番号", default=1),
                "state": models.CharField(
                    "状態",
                    max_length=20,
                    choices=[
                        ("open", "受付中"),
                        ("closed", "締切済"),
                        ("imported", "取込済（公表前）"),
                        ("published", "公表済"),
                        ("correcting", "訂正中"),
                    ],
                    default="open",
                ),
                "opens_on": models.DateField("受付開始日", null=True, blank=True),
                "due_on": models.DateField("締切日", null=True, blank=True),
                "as_of": models.DateField("時点"),
                "picked_changes": models.JSONField(default=list),
            },
            "報告回",
            ordering=["manifesto", "fiscal_year", "as_of"],
            constraints=[
                once("round_once", ("manifesto", "as_of"), "この時点の報告回はすでにあります。"),
                once(
                    "round_name_once",
                    ("manifesto", "fiscal_year", "name"),
                    "この年度には、同じ名前の報告回がすでにあります。",
                ),
                once(
                    "round_number_once",
                    ("manifesto", "fiscal_year", "number"),
                    "この年度には、同じ番号の報告回がすでにあります。",
                ),
                once("one_open_round", ("manifesto",), "受付中の報告回がほかにあります。", Q(state="open")),
                always(
                    "round_state_known",
                    Q(state__in=["open", "closed", "imported", "published", "correcting"]),
                    "その状態はありません。",
                ),
                always(
                    "round_due_after_opening",
                    Q(opens_on__isnull=True) | Q(due_on__isnull=True) | Q(due_on__gte=F("opens_on")),
                    "締切日が受付開始日より前です。",
                ),
            ],
        ),
        table(
            "YearlyAction",
            {
                "initiative": to("tracker.initiative", "actions", "取組", PROTECT),
                "round": to("tracker.reportinground", "actions", "報告回", PROTECT),
                "result": models.TextField("主な取組", blank=True),
                "plan": models.TextField("翌年度の取組予定", blank=True),
                "rating": to("tracker.rating", "actions", "実施状況", PROTECT, null=True, blank=True),
                "is_unrated": models.BooleanField("評価を付けない", default=False),
                "rating_reason": models.TextField("評価を変えた理由", blank=True),
                "was_reported": models.BooleanField(default=False),
                "reference_rating": to("tracker.rating", "+", on_delete=PROTECT, null=True, blank=True),
                "state": models.CharField(
                    "状態",
                    max_length=20,
                    choices=[
                        ("not_started", "未入力"),
                        ("draft", "入力中"),
                        ("in_section", "課内確認中"),
                        ("submitted", "提出済"),
                        ("returned", "差戻し"),
                        ("approved", "承認済"),
                    ],
                    default="not_started",
                ),
                "return_reason": models.TextField("差戻しの理由", blank=True),
                "return_field": models.CharField(
                    "差戻しの対象",
                    max_length=20,
                    choices=[
                        ("result", "主な取組"),
                        ("rating", "実施状況"),
                        ("rating_reason", "評価を変えた理由"),
                        ("plan", "翌年度の取組予定"),
                    ],
                    blank=True,
                ),
                "section_reason": models.TextField("課長が差し戻した理由", default="", blank=True),
                "saved_by": to(USER, "+", on_delete=PROTECT, null=True, blank=True),
                "saved_at": models.DateTimeField("保存日時", null=True, blank=True),
                "submitted_by": to(USER, "+", on_delete=PROTECT, null=True, blank=True),
                "submitted_at": models.DateTimeField("提出日時", null=True, blank=True),
                "confirmed_by": to(USER, "+", "確認した課長", PROTECT, null=True, blank=True),
                "approved_by": to(USER, "+", on_delete=PROTECT, null=True, blank=True),
                "is_imported": models.BooleanField("取り込まれた", default=False),
                "version": models.PositiveIntegerField(default=1),
            },
            "年度別取組",
            ordering=["round", "initiative"],
            indexes=[models.Index(fields=["round", "state"], name="action_round_state")],
            constraints=[
                once("one_action_per_year", ("initiative", "round"), "この年度の取組はすでにあります。"),
                always(
                    "action_state_known",
                    Q(state__in=["not_started", "draft", "in_section", "submitted", "returned", "approved"]),
                    "その状態はありません。",
                ),
                always(
                    "returned_needs_reason",
                    ~Q(state="returned") | ~Q(return_reason="") | ~Q(section_reason=""),
                    "差し戻すときは、理由を書いてください。",
                ),
                always(
                    "return_field_known",
                    Q(return_field="") | Q(return_field__in=["result", "rating", "rating_reason", "plan"]),
                    "差戻しの対象が、入力欄ではありません。",
                ),
                always(
                    "nobody_approves_their_own",
                    Q(approved_by__isnull=True)
                    | Q(submitted_by__isnull=True)
                    | ~Q(approved_by=F("submitted_by")),
                    "自分が提出したものは承認できません。",
                ),
                always(
                    "submitted_needs_submitter",
                    ~Q(state__in=["in_section", "submitted"])
                    | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                    "提出した人が記録されていません。",
                ),
                always(
                    "confirmed_was_handed_in",
                    Q(confirmed_by__isnull=True) | Q(state__in=("submitted", "approved")),
                    "課長が確認したのは、提出された取組だけです。",
                ),
                always(
                    "approved_needs_approver",
                    ~Q(state="approved")
                    | Q(is_imported=True)
                    | Q(approved_by__isnull=False, submitted_by__isnull=False),
                    "承認した人が記録されていません。",
                ),
                always(
                    "changed_rating_needs_reason",
                    ~Q(state__in=("in_section", "submitted", "approved"))
                    | Q(was_reported=False)
                    | (
                        Q(was_reported=True)
                        & (
                            Q(
                                rating=F("reference_rating"),
                                rating__isnull=False,
                                reference_rating__isnull=False,
                            )
                            | Q(rating__isnull=True, reference_rating__isnull=True)
                        )
                    )
                    | ~Q(rating_reason=""),
                    "評価が前回の公表と違うときは、評価を変えた理由を書いてください。",
                ),
                always(
                    "rated_or_unrated",
                    Q(is_unrated=False) | Q(rating__isnull=True),
                    "評価を選ぶか、評価を付けないか、どちらかにしてください。",
                ),
            ],
        ),
        table(
            "FormerText",
            {
                "action": to("tracker.yearlyaction", "former_texts"),
                "content": models.JSONField("内容"),
                "written_by": to(USER, "+", "書いた人", SET_NULL, null=True),
                "written_at": models.DateTimeField("書いた日時", null=True),
                "replaced_by": to(USER, "+", "上書きした人", SET_NULL, null=True),
                "replaced_at": models.DateTimeField("上書きした日時", default=timezone.now),
            },
            "前の内容",
            ordering=["-pk"],
        ),
        table(
            "Report",
            {
                "manifesto": to("tracker.manifesto", "reports", "マニフェスト", PROTECT),
                "slug": models.CharField(max_length=20),
                "title": models.CharField("表題", max_length=200),
                "as_of": models.DateField("時点"),
                "fiscal_year": models.PositiveSmallIntegerField("年度"),
                "edition": models.PositiveSmallIntegerField("版", default=1),
                "correction_reason": models.TextField("訂正の理由", blank=True),
                "published_at": models.DateTimeField("公表日時"),
                "published_by": models.CharField("公表した人", max_length=200),
                "ratings": models.JSONField(default=list),
                "years": models.JSONField(default=list),
                "outline": models.JSONField(default=dict),
                "entry_count": models.PositiveIntegerField("取組の数"),
                "digest": models.CharField(max_length=64),
                "digest_version": models.PositiveSmallIntegerField(default=2),
                "derived_in_digest": models.BinaryField(default=bytes),
                "unapproved_reason": models.TextField("承認前の取組を残して公表した理由", blank=True),
                "chain_head": models.CharField("履歴の先頭", max_length=64, blank=True),
                "round_name": models.CharField("報告回の名前", max_length=20, default="", blank=True),
            },
            "公表版",
            ordering=["-as_of", "-edition"],
            constraints=[
                once("report_edition_once", ("slug", "as_of", "edition"), "この版はすでにあります。"),
                always(
                    "correction_needs_reason",
                    Q(edition=1) | (Q(edition__gt=1) & ~Q(correction_reason="")),
                    "訂正するときは、理由を書いてください。",
                ),
            ],
        ),
        table(
            "ReportEntry",
            {
                "report": to("tracker.report", "entries", on_delete=PROTECT),
                "position": models.PositiveIntegerField(),
                "key": models.CharField(max_length=40),
                "category_number": models.PositiveSmallIntegerField(),
                "category_name": models.CharField(max_length=200),
                "section_number": models.PositiveSmallIntegerField(),
                "section_name": models.CharField(max_length=200),
                "pledge_key": models.CharField(max_length=30),
                "pledge_number": models.CharField(max_length=8, blank=True),
                "pledge_text": models.TextField(),
                "initiative_position": models.PositiveSmallIntegerField(),
                "plan_projects": models.JSONField(default=list),
                "sdgs": models.JSONField(default=None, null=True),
                "results": models.JSONField(default=dict),
                "plans": models.JSONField(default=dict),
                "rating_code": models.CharField(max_length=12, blank=True),
                "rating_reason": models.TextField(blank=True),
                "rating_history": models.JSONField(default=list),
                "departments": models.JSONField(default=list),
                "other_departments": models.BooleanField(default=False),
                "ended_after": models.PositiveSmallIntegerField("終わった年度", default=None, null=True),
                "carried_from": models.DateField("この時点のまま", default=None, null=True),
                "former_pledge_keys": models.JSONField(default=None, null=True),
                "continues": models.JSONField(default=None, null=True),
                "continued_by": models.JSONField(default=None, null=True),
                "former_term_pledge": models.JSONField(default=None, null=True),
                "content_digest": models.CharField(max_length=64),
            },
            "公表版の取組",
            ordering=["report", "position"],
            indexes=[models.Index(fields=["report", "pledge_key"], name="entry_pledge")],
            constraints=[
                once("entry_position_once", ("report", "position")),
                once("entry_key_once", ("report", "key")),
                always("entry_position_from_1", Q(position__gte=1)),
            ],
        ),
        table(
            "EntryIndex",
            {
                "entry": models.OneToOneField("tracker.reportentry", CASCADE, related_name="index"),
                "progress": models.JSONField(default=dict),
                "excerpt": models.CharField(max_length=200, blank=True),
                "facets": models.TextField(blank=True),
                "search_text": models.TextField(blank=True),
            },
            "公表版の索引",
        ),
        table(
            "Event",
            {
                "number": models.PositiveBigIntegerField("番号", unique=True),
                "happened_at": models.DateTimeField("日時"),
                "actor": models.CharField("行った人", max_length=200),
                "kind": models.CharField(
                    "出来事",
                    max_length=20,
                    choices=[
                        ("imported", "取込"),
                        ("published", "公表"),
                        ("transition", "状態の変更"),
                        ("round", "報告回"),
                        ("catalogue", "基本データ"),
                    ],
                ),
                "subject": models.CharField("対象", max_length=200, db_index=True),
                "from_state": models.CharField("前の状態", max_length=20, blank=True),
                "to_state": models.CharField("後の状態", max_length=20, blank=True),
                "reason": models.TextField("理由", blank=True),
                "content": models.JSONField("そのときの内容", default=dict),
                "previous_hash": models.CharField("前の履歴のハッシュ", max_length=64),
                "own_hash": models.CharField("この履歴のハッシュ", max_length=64, unique=True),
            },
            "履歴",
            ordering=["number"],
        ),
        table(
            "ChainHead",
            {
                "number": models.PositiveBigIntegerField(),
                "own_hash": models.CharField(max_length=64),
                "seal": models.CharField(max_length=64, default="", blank=True),
            },
        ),
        table(
            "EventIndex",
            {
                "event": models.OneToOneField(
                    "tracker.event",
                    DO_NOTHING,
                    related_name="index",
                    primary_key=True,
                    serialize=False,
                    db_column="number",
                    db_constraint=False,
                    to_field="number",
                ),
                "said": models.TextField(),
                "kept_back": models.TextField(blank=True),
                "places": models.TextField(blank=True),
                "actor": models.TextField(blank=True),
            },
            "履歴の索引",
        ),
        table(
            "TableImport",
            {
                "round": to("tracker.reportinground", "table_imports", "報告回"),
                "event_number": models.PositiveBigIntegerField("履歴の番号"),
                "file_name": models.TextField("ファイル名"),
                "made_at": models.DateTimeField("取り込んだ日時", default=timezone.now),
                "journal": models.BinaryField(),
            },
            "表の取込",
            ordering=["-pk"],
        ),
        table(
            "SheetExport",
            {
                "key": models.CharField(max_length=24, unique=True, default=sheets.token),
                "round": to("tracker.reportinground", "sheet_exports", "報告回"),
                "department": to("tracker.department", "+", "担当課", null=True, blank=True),
                "made_by": to(USER, "+", "作った人", PROTECT),
                "made_at": models.DateTimeField("作った日時", default=timezone.now),
                "cells": models.BinaryField(),
            },
            "入力シートの出力",
            ordering=["-made_at"],
        ),
        table(
            "SheetBatch",
            {
                "key": models.CharField(max_length=24, unique=True, default=sheets.token),
                "owner": to(USER, "sheet_batches", "取り込んだ人", PROTECT),
                "round": to("tracker.reportinground", "sheet_batches", "報告回"),
                "export": to("tracker.sheetexport", "batches", on_delete=SET_NULL, null=True, blank=True),
                "file_name": models.CharField("ファイル名", max_length=200),
                "file_digest": models.CharField(max_length=64),
                "uploaded_at": models.DateTimeField("取り込んだ日時", default=timezone.now),
                "expires_at": models.DateTimeField("確認の期限", default=sheets.expiry),
                "state": models.CharField(
                    "状態",
                    max_length=20,
                    choices=[("ready", "確認待ち"), ("applied", "取込済"), ("undone", "取消済")],
                    default="ready",
                ),
                "submits": models.BooleanField("提出まで行う", default=False),
                "rows": models.BinaryField(default=bytes),
                "problems": models.JSONField(default=list),
                "picks": models.JSONField(default=dict),
                "left_out": models.JSONField(default=list),
                "plan_digest": models.CharField(max_length=64, blank=True),
                "taken": models.JSONField(default=dict),
                "message": models.TextField(blank=True),
                "confirmed_at": models.DateTimeField("確定した日時", null=True, blank=True),
                "undone_at": models.DateTimeField("取り消した日時", null=True, blank=True),
                "undone_by": to(USER, "+", on_delete=PROTECT, null=True, blank=True),
                "total": models.PositiveIntegerField(default=0),
            },
            "入力シートの取込",
            ordering=["-uploaded_at"],
            constraints=[
                always(
                    "batch_state_known", Q(state__in=["ready", "applied", "undone"]), "その状態はありません。"
                )
            ],
        ),
        table(
            "SentMail",
            {
                "kind": MAIL_KIND,
                "occasion": models.CharField("きっかけ", max_length=40),
                "recipient": models.EmailField("宛先", max_length=254),
                "round": to("tracker.reportinground", "sent_mails", on_delete=PROTECT),
                "department": to(
                    "tracker.department", "sent_mails", on_delete=PROTECT, null=True, blank=True
                ),
                "sent_at": models.DateTimeField("送信日時"),
                "sent_by": models.CharField("送信した人", max_length=200),
                "row_count": models.PositiveIntegerField("取組の数"),
            },
            "送ったメール",
            ordering=["-sent_at", "-pk"],
            constraints=[
                always("sent_mail_kind_known", KNOWN_MAIL, "その種類のメールはありません。"),
                once(
                    "one_mail_an_occasion",
                    ("round", "kind", "occasion", "department", "recipient"),
                    "この課のこの宛先には、同じメールをすでに送っています。",
                ),
                once(
                    "one_mail_to_planning_an_occasion",
                    ("round", "kind", "occasion", "recipient"),
                    "企画のこの宛先には、同じメールをすでに送っています。",
                    Q(department__isnull=True),
                ),
            ],
        ),
        table(
            "RefusedMail",
            {
                "kind": MAIL_KIND,
                "occasion": models.CharField("きっかけ", max_length=40),
                "recipient": models.EmailField("宛先", max_length=254),
                "round": to("tracker.reportinground", "refused_mails"),
                "department": to("tracker.department", "refused_mails", null=True, blank=True),
                "why": models.TextField("理由"),
                "tries": models.PositiveIntegerField("試した回数", default=0),
                "tried_at": models.DateTimeField("最後に試した日時"),
                "next_try_at": models.DateTimeField("次に試す日時"),
            },
            "届けられなかったメール",
            ordering=["-tried_at", "-pk"],
            constraints=[
                always("refused_mail_kind_known", KNOWN_MAIL, "その種類のメールはありません。"),
                once(
                    "one_refusal_a_kind",
                    ("round", "kind", "department", "recipient"),
                    "この課のこの宛先に届かなかったことは、すでに記録しています。",
                ),
                once(
                    "one_refusal_to_planning_a_kind",
                    ("round", "kind", "recipient"),
                    "企画のこの宛先に届かなかったことは、すでに記録しています。",
                    Q(department__isnull=True),
                ),
            ],
        ),
        table(
            "MailSwitch",
            {
                "manifesto": to("tracker.manifesto", "mail_switches"),
                "kind": MAIL_KIND,
                "is_on": models.BooleanField("送る", default=True),
                "since": models.DateTimeField("切り替えた日時"),
            },
            "送るメールの種類",
            constraints=[
                always("mail_switch_kind_known", KNOWN_MAIL, "その種類のメールはありません。"),
                once("one_switch_a_kind", ("manifesto", "kind"), "この種類の設定は、すでにあります。"),
            ],
        ),
        table(
            "SentForm",
            {
                "key": models.CharField(max_length=64, primary_key=True, serialize=False),
                "begun_at": models.DateTimeField("受け取った日時", db_index=True, default=timezone.now),
                "status": models.PositiveSmallIntegerField("答え", null=True),
                "location": models.TextField("移った先", blank=True),
                "session_key": models.CharField(max_length=40, blank=True),
            },
            "送られた書式",
            ordering=["begun_at"],
        ),
        table(
            "Invitation",
            {
                "user": to(USER, "invitations", "利用者"),
                "key": models.CharField(max_length=24, unique=True, default=sheets.token),
                "batch": models.CharField(max_length=24, db_index=True, default=sheets.token),
                "made_at": models.DateTimeField("作った日時", default=timezone.now),
                "expires_at": models.DateTimeField("期限", default=invitations.end_of_validity),
                "made_by": to(USER, "+", "作った人", PROTECT, null=True, blank=True),
                "bound_to": models.CharField(max_length=64),
                "by_mail": models.BooleanField("メールで送る", default=False),
                "mailed_at": models.DateTimeField("メールを送った日時", null=True, blank=True),
            },
            "招待",
            ordering=["-made_at", "-pk"],
            constraints=[
                once(
                    "invitation_asked_for_once",
                    ("user",),
                    "すでに案内を送っています。",
                    Q(made_by__isnull=True),
                ),
                once("invitation_made_once", ("user",), "すでに招待しています。", Q(made_by__isnull=False)),
                always(
                    "invitation_ends_after_start",
                    Q(expires_at__gt=F("made_at")),
                    "期限が、作った日時より前です。",
                ),
            ],
        ),
        table(
            "PeopleList",
            {
                "key": models.CharField(max_length=24, unique=True, default=sheets.token),
                "owner": to(USER, "people_lists", "取り込んだ人", PROTECT),
                "file_name": models.CharField("ファイル名", max_length=200),
                "fiscal_year": models.PositiveSmallIntegerField("年度"),
                "closes_missing": models.BooleanField("表にない人は使えなくする", default=False),
                "rows": models.BinaryField(default=bytes),
                "uploaded_at": models.DateTimeField("読み込んだ日時", default=timezone.now),
                "expires_at": models.DateTimeField("確認の期限", default=sheets.expiry),
                "state": models.CharField(
                    "状態",
                    max_length=20,
                    choices=[("ready", "確認待ち"), ("applied", "取込済"), ("undone", "取消済")],
                    default="ready",
                ),
                "plan_digest": models.CharField(max_length=64, blank=True),
                "counts": models.JSONField(default=dict),
                "added": models.JSONField(default=list),
                "confirmed_at": models.DateTimeField("確定した日時", null=True, blank=True),
            },
            "利用者の一覧の取込",
            ordering=["-uploaded_at", "-pk"],
            constraints=[
                always("people_list_state_known", Q(state__in=["ready", "applied"]), "その状態はありません。")
            ],
        ),
        migrations.RunPython(add_the_city, migrations.RunPython.noop),
    ]
