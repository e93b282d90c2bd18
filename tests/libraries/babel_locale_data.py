# requires: babel
"""The locale data is pickled, and names the modules of its objects."""
from babel.localedata import load

data = load("de")
print(sorted(data)[:4], data["plural_form"])
