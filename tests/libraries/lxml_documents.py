# requires: lxml cssselect
from lxml import etree, html, objectify
from lxml.builder import E
from lxml.isoschematron import Schematron  # noqa: F401

root = etree.fromstring("<a xmlns:x='u'><b n='1'>t</b><x:c/></a>")
print(root.xpath("string(b)"), etree.tostring(E.p("ü", E.b("x"))), objectify.fromstring("<r><v>3</v></r>").v + 1)
page = html.fromstring("<div class=k>a<br>b<a href='/x'>l</a>")
page.make_links_absolute("http://h/")
print([e.tag for e in page.cssselect("div.k a")], html.tostring(page))
style = etree.XSLT(etree.XML(
    "<xsl:stylesheet version='1.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform'>"
    "<xsl:template match='/'><o><xsl:value-of select='count(//b)'/></o></xsl:template></xsl:stylesheet>"))
print(str(style(root)).strip(), etree.RelaxNG(etree.XML("<element name='a' xmlns='http://relaxng.org/ns/structure/1.0'><empty/></element>")).validate(root))
