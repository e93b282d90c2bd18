# requires: djangorestframework django-filter markdown drf-spectacular
import django
from django.conf import settings
from django.core.management import call_command

settings.configure(
    SECRET_KEY="k" * 50, ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.staticfiles", "rest_framework", "django_filters", "drf_spectacular"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}, STATIC_URL="s/",
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {"context_processors": ["django.template.context_processors.request"]}}],
    REST_FRAMEWORK={"DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"], "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"})
django.setup()
from django.contrib.auth.models import Group  # noqa: E402
from django.urls import include, path  # noqa: E402
from rest_framework import routers, serializers, viewsets  # noqa: E402
from rest_framework.test import APIClient  # noqa: E402


class GroupSerializer(serializers.ModelSerializer):
    class Meta:
        model = Group
        fields = ["id", "name"]


class Groups(viewsets.ModelViewSet):
    queryset = Group.objects.order_by("id")
    serializer_class = GroupSerializer
    filterset_fields = ["name"]


router = routers.DefaultRouter()
router.register("groups", Groups)
urlpatterns = [path("", include(router.urls))]
call_command("migrate", verbosity=0)
client = APIClient()
print(client.post("/groups/", {"name": "a"}).json(), client.get("/groups/?name=b").json(), client.post("/groups/", {}).json())
print("<html>" in client.get("/groups/", HTTP_ACCEPT="text/html").content.decode(), client.get("/groups/?format=json").status_code)
call_command("spectacular", "--format", "openapi-json", "--file", "/tmp/schema.json")
print(len(open("/tmp/schema.json").read()) > 500)
