"""What is added in the words of something that stands there already is asked about once: whoever goes back
after saving, and saves again, would add a second one without knowing.
"""

from django import forms

ADVICE = (
    "さきに保存したものなら、もう一度加えなくて構いません。"
    "別のものとして加えるときは、ここに印を付けてください。"
)


class TwinField(forms.BooleanField):
    """A box that the page shows only once there is a twin. A form has it as `is_another`."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(label="同じものを別に加える", required=False)


def ask_about_a_twin(form: forms.BaseForm, words: str) -> None:
    """Refuses a form with clean fields, unless the box is ticked. The words say which twin stands where."""
    form.fields["is_another"].widget = forms.CheckboxInput()
    if not form.cleaned_data.get("is_another"):
        form.add_error("is_another", f"{words}{ADVICE}")
