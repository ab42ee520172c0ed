"""All addresses: the public site owns everything for now; the staff site will have /staff/."""

from django.urls import include, path

urlpatterns = [path("", include("tracker.public.urls"))]

handler404 = "tracker.public.errors.not_found"
handler500 = "tracker.public.errors.server_error"
handler400 = "tracker.public.errors.bad_request"
