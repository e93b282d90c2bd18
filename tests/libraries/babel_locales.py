# requires: babel
import datetime
import io

from babel import Locale, dates, numbers, units
from babel.messages import frontend  # noqa: F401
from babel.messages.extract import extract

for name in ("de", "fr_CA", "ja", "ar_EG", "pt_BR"):
    print(name, dates.format_date(datetime.date(2024, 2, 1), "full", locale=name), numbers.format_currency(1234.5, "EUR", locale=name))
print(Locale.parse("zh_Hant_TW").get_display_name("en"), units.format_unit(3, "length-kilometer", locale="pl"))
print(dates.format_datetime(datetime.datetime(2024, 7, 1), tzinfo=dates.get_timezone("Europe/Berlin"), locale="en"))
print(list(extract("python", io.BytesIO(b"_('hello')"))))
