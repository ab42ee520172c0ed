"""What every public template knows: who publishes."""

from django.conf import settings
from django.http import HttpRequest

LICENSES = {
    "CC BY 4.0": (
        "クリエイティブ・コモンズ 表示 4.0 国際（CC BY 4.0）",
        "https://creativecommons.org/licenses/by/4.0/deed.ja",
    ),
    "PDL 1.0": (
        "公共データ利用規約（第1.0版）",
        "https://www.digital.go.jp/resources/open_data/public_data_license_v1.0",
    ),
}


def city(request: HttpRequest) -> dict[str, object]:
    """The city's name, contact, notice and licence, from settings."""
    name, url = LICENSES[settings.DATA_LICENSE]
    return {
        "city": {
            "name": settings.CITY_NAME,
            "code": settings.CITY_CODE,
            "contact": settings.CITY_CONTACT,
            "contact_url": settings.CITY_CONTACT_URL,
            "notice": getattr(request, "notice", settings.SITE_NOTICE),  # a page may have its own
        },
        "license": {"name": name, "url": url},
    }
