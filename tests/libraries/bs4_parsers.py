# requires: beautifulsoup4 html5lib lxml soupsieve
from bs4 import BeautifulSoup

source = "<p class='a'>x<b>y</b><p>z<table><td>1"
for parser in ("html.parser", "lxml", "html5lib"):
    soup = BeautifulSoup(source, parser)
    print(parser, soup.select("p:nth-of-type(1) b")[0].text, soup.find("td").text, len(soup.find_all("p")))
print(BeautifulSoup("<a>ü</a>".encode("latin-1"), "lxml").original_encoding is not None, BeautifulSoup("<r><x/></r>", "xml").prettify())
