"""All addresses: /staff/ is the staff site's, everything else is public."""

from django.urls import include, path

urlpatterns = [path("staff/", include("tracker.staff.urls")), path("", include("tracker.public.urls"))]

handler404 = "tracker.staff.frame.errors.not_found"
handler403 = "tracker.staff.frame.errors.forbidden"
handler500 = "tracker.staff.frame.errors.server_error"
handler400 = "tracker.staff.frame.errors.bad_request"
