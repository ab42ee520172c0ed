"""Who may load tables, and the upload that an address names."""

from django.http import Http404, HttpRequest
from django.utils import timezone

from tracker.cycle import permissions
from tracker.models import TableUpload, User
from tracker.staff.frame.access import ToldNotFound


class NoSuchUpload(ToldNotFound):
    """An upload that is not there for this person, or no longer."""

    heading = "読み込んだ表がありません"

    def __init__(self) -> None:
        super().__init__(
            "読み込んだ表は、読み込んだ本人だけが開けます。また、14 日たつと消えます。"
            "「表を取り込む」の画面で、もう一度ファイルを選んでください。"
        )


def loader(request: HttpRequest) -> User:
    """The person, who loads tables. For departments there is no such page."""
    if not permissions.may_load_tables(request.user) or not isinstance(request.user, User):
        raise Http404
    return request.user


def own_upload(request: HttpRequest, key: str) -> TableUpload:
    """The person's own upload."""
    found = TableUpload.objects.filter(key=key, owner=loader(request), expires_at__gte=timezone.now())
    if upload := found.select_related("layout__manifesto", "layout__kept_by", "round__manifesto").first():
        return upload
    raise NoSuchUpload
