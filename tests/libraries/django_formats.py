# requires: django whitenoise djangorestframework
"""Formats of languages that a program names itself, and static files that are named by their content."""
import datetime

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="x",
    LANGUAGE_CODE="pt-br",
    STATIC_URL="/static/",
    STATIC_ROOT="/tmp/static",
    INSTALLED_APPS=["django.contrib.staticfiles", "rest_framework"],
    STORAGES={"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}},
)
django.setup()

from django.core.management import call_command
from django.utils import formats, translation

call_command("collectstatic", interactive=False)
day = datetime.date(2024, 2, 1)
print(formats.date_format(day), formats.get_format("DATE_FORMAT", lang="de"))
with translation.override("pl"):
    print(formats.date_format(day))
