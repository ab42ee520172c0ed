"""What somebody typed before their session ended, with the button that sends it again."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_http_methods

from tracker.cycle import manifestos, permissions
from tracker.staff.frame import kept
from tracker.staff.frame.acts import act_of
from tracker.staff.frame.site import show, site


@require_http_methods(["GET", "HEAD", "POST"])
def kept_texts(request: HttpRequest) -> HttpResponse:
    """Shows what was kept, a form each; POST lets go of one."""
    if request.method == "POST":
        kept.forget(request, request.POST.get("key", ""))
    forms = kept.forms(request)
    if not forms:
        return redirect("staff-home")
    shown = [_shown(request, form, number if len(forms) > 1 else 0) for number, form in enumerate(forms, 1)]
    return show(request, "kept_texts", title="まだ送られていない入力", forms=shown)


def _shown(request: HttpRequest, form: kept.KeptForm, number: int) -> dict[str, object]:
    fields = kept.shown(form["fields"])
    has_texts = any(is_text and value for _name, value, is_text in fields)
    path = urlsplit(form["path"]).path
    act = act_of(path, dict(form["fields"]).get("act", ""))
    named = "：".join(filter(None, (_about(request, path), act)))
    heading = named or (f"{number} 件め" if number else "内容")
    return {**form, "fields": fields, "has_texts": has_texts, "heading": heading, "act": act}


def _about(request: HttpRequest, path: str) -> str:
    """What a form is about: a row that this reader may see, or a kind of master data; else ""."""
    try:
        match = resolve(path)
    except Resolver404:
        return ""
    if match.route.startswith("staff/actions/"):
        rows = permissions.visible_actions(request.user).with_place()
        action = rows.filter(pk=match.kwargs["pk"]).first()
        if action is None:
            return ""
        whose = manifestos.beside(action.round.manifesto_id)
        return f"{action.place}　{action.initiative.pledge}{whose}"
    kinds = {model._meta.model_name: model._meta.verbose_name for model in site._registry}
    _app, _, kind = (match.url_name or "").partition("_")
    return str(kinds.get(kind.rpartition("_")[0], ""))
