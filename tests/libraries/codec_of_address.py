# requires:
"""Parts of an address in the encoding of an old site."""
import json
from urllib.parse import quote, unquote, urlencode

site = json.loads('{"charset": "iso8859_13"}')
print(quote("\u0105", "", site["charset"]), ascii(unquote("%E0", site["charset"])))
print(urlencode({"q": "\u0161"}, False, "", site["charset"]))
