"""Forms of the staff site that belong to no single page."""

from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class LoginForm(AuthenticationForm):
    """User name and password; the words do not tell which of the two was wrong."""

    error_messages = {
        "invalid_login": _(
            "利用者名かパスワードが違います。大文字と小文字を確かめてください。分からないときは管理者に連絡してください。"
        ),
        "inactive": _("この利用者は使えなくなっています。管理者に連絡してください。"),
    }
