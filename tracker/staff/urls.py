"""Addresses of the staff site: our own pages first, then the admin's."""

from django.urls import path

from tracker.staff import home, kept, master
from tracker.staff.site import site

own = site.admin_view

urlpatterns = [
    path("", own(home.page), name="staff-home"),
    path("kept/", own(kept.page), name="staff-kept"),
    path("", master.site.urls),
]
