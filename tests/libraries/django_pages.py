# requires: django
import datetime

import django
from django.conf import settings
from django.core.management import call_command
from django.http import HttpResponse
from django.urls import path

settings.configure(
    DEBUG=True, SECRET_KEY="k", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], USE_TZ=True,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
)
django.setup()
urlpatterns = [path("x/<int:n>", lambda request, n: HttpResponse(n * 2))]

from django import forms  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.template import Context, Template  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import translation  # noqa: E402


class Form(forms.Form):
    mail = forms.EmailField()
    when = forms.DateField()


call_command("migrate", verbosity=0)
User.objects.create_user("a", "a@example.org", "secret")
print(User.objects.get(username="a").check_password("secret"), User.objects.filter(email__icontains="EXAMPLE").count())
print(Client().get("/x/21").content, Client().get("/y").status_code)
form = Form({"mail": "nope", "when": "2024-02-30"})
with translation.override("de"):
    print(form.is_valid(), form.errors.as_text())
print(Template("{% for x in l %}{{ x|date:'D d M' }} {% endfor %}").render(Context({"l": [datetime.date(2024, 1, 2)]})))
call_command("check")
