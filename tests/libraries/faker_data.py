# requires: faker
from faker import Faker

for locale in ("en_US", "de_DE", "ja_JP", "fr_FR", "it_IT"):
    Faker.seed(7)
    fake = Faker(locale)
    print(locale, fake.name(), fake.address().replace("\n", " "), fake.company(), fake.phone_number())
Faker.seed(7)
print(Faker().email(), Faker().ipv4(), Faker().iban(), Faker(["de_DE", "fr_FR"]).city(), Faker().user_agent()[:10])
