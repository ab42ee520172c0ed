"""The page of what searches take for the same."""

from django.contrib import admin

from tracker.models import Synonym
from tracker.staff.frame.site import site
from tracker.staff.master.master_admin import MasterAdmin


@admin.register(Synonym, site=site)
class SynonymAdmin(MasterAdmin[Synonym]):
    explained = (
        "「空き家」と「空家」のように、公開ページと職員用サイトの検索で、同じことばとして探す書き方です。"
        "1 行が 1 組です。変えると、すぐに使われます。"
    )
    fields = ("spellings",)
    search_fields = ("spellings",)
