"""Django's classes as the type checker knows them: with parameters, which they do not take at run time."""

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django import forms
from django.contrib import admin
from django.db.models import Field, Model
from django.forms.models import BaseInlineFormSet, BaseModelForm

M = TypeVar("M", bound=Model)

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin as ModelAdmin

    DbField = Field[Any, Any]
    BoundForm = BaseModelForm[Any]
    ModelForm = forms.ModelForm[Any]
    ModelChoiceField = forms.ModelChoiceField[Any]
    InlineFormSet = BaseInlineFormSet[Any, Any, Any]
    TabularInline = admin.TabularInline[Any, Any]
else:
    DbField, InlineFormSet, TabularInline = Field, BaseInlineFormSet, admin.TabularInline
    BoundForm, ModelForm, ModelChoiceField = BaseModelForm, forms.ModelForm, forms.ModelChoiceField

    class ModelAdmin(admin.ModelAdmin, Generic[M]):
        """Django's own, of one kind of model."""
