"""A pledge that is added in the words of one that stands there already is asked about once: whoever goes back
after saving, and saves again, would add a second one without knowing.
"""

from django import forms

from tracker.cycle import catalogue
from tracker.models import Category

TWIN = (
    "同じ文の公約が {}（{}）にあります。さきに保存したものなら、もう一度加えなくて構いません。"
    "別の公約として加えるときは、ここに印を付けてください。"
)


class SameWordsField(forms.BooleanField):
    """A box that the page shows only once there is a twin. A form has it as `same_words`, beside `text`."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(label="同じ文の公約を別に加える", required=False)


def ask_about_a_twin(form: forms.BaseForm, section: Category) -> None:
    """Refuses a form with clean fields that adds a twin to a section, unless the box is ticked."""
    text = form.cleaned_data.get("text")
    twin = catalogue.pledge_in_words(section.manifesto, text) if text else None
    if twin:
        form.fields["same_words"].widget = forms.CheckboxInput()
        if not form.cleaned_data.get("same_words"):
            form.add_error("same_words", TWIN.format(twin.place, twin.section.path))
