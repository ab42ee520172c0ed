"""The project's settings with two more addresses, and without kept pages when BENCH_CACHE is off."""

import os

from manifesto.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
if os.environ.get("BENCH_CACHE") == "off":
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
