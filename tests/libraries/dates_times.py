# requires: arrow pendulum python-dateutil pytz tzlocal humanize
import datetime

import arrow
import dateutil.easter
import dateutil.parser
import dateutil.relativedelta
import dateutil.rrule
import dateutil.tz
import humanize
import pendulum
import pytz

moment = arrow.get("2024-03-31T00:30:00+00:00")
print(moment.to("Europe/Berlin").isoformat(), moment.shift(hours=2).humanize(moment, locale="de"), moment.format("dddd", locale="fr"))
print(pendulum.datetime(2024, 3, 31, 1, tz="Europe/Paris").add(hours=1), pendulum.duration(days=9).in_words(locale="nl"))
print(dateutil.parser.parse("1st of Feb 2024 3pm"), dateutil.easter.easter(2024), dateutil.tz.gettz("Asia/Tokyo").utcoffset(datetime.datetime(2024, 1, 1)))
print(list(dateutil.rrule.rrule(dateutil.rrule.MONTHLY, count=2, dtstart=datetime.datetime(2024, 1, 31)))[1])
print(pytz.timezone("America/New_York").localize(datetime.datetime(2024, 7, 1)).isoformat(), len(pytz.country_timezones["de"]))
humanize.i18n.activate("de_DE")
print(humanize.naturaldelta(datetime.timedelta(days=3)), humanize.intword(1_200_000))
