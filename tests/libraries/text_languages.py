# requires: rapidfuzz python-slugify emoji langdetect inflect phonenumbers pycountry
from rapidfuzz import fuzz, process, distance
from slugify import slugify
import emoji, langdetect, inflect, phonenumbers, pycountry
from phonenumbers import geocoder, carrier, timezone
print(fuzz.ratio("this is", "this was"), process.extract("ap", ["apple", "ape", "x"], limit=2), distance.Levenshtein.distance("a", "bc"), distance.JaroWinkler.similarity("abc", "abd"))
print(slugify("Größe & Maß — Тест"), emoji.demojize("👍"), emoji.emojize(":rocket:"), emoji.emoji_count("a👍b"))
langdetect.DetectorFactory.seed = 0; print(langdetect.detect("Das ist ein deutscher Satz über das Wetter"), langdetect.detect("Ceci est une phrase française"))
e = inflect.engine(); print(e.plural("cat"), e.number_to_words(1234), e.ordinal(3), e.a("hour"))
n = phonenumbers.parse("+442083661177"); print(phonenumbers.format_number(n, phonenumbers.PhoneNumberFormat.INTERNATIONAL), geocoder.description_for_number(n, "en"), timezone.time_zones_for_number(n), carrier.name_for_number(phonenumbers.parse("+40721234567"), "en"), phonenumbers.is_valid_number(n))
print(pycountry.countries.get(alpha_2="DE").name, pycountry.languages.get(alpha_2="fr").name, pycountry.currencies.get(alpha_3="EUR").numeric, len(list(pycountry.subdivisions.get(country_code="AT"))))
import gettext; print(gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["de"]).gettext("Germany"))
