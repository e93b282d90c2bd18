# requires: html5lib
import html5lib
from html5lib import serializer, treewalkers

tree = html5lib.parse("<p>a<i>b<p>c</i>", treebuilder="etree")
walker = treewalkers.getTreeWalker("etree")
print("".join(serializer.HTMLSerializer(omit_optional_tags=False).serialize(walker(tree))))
print(html5lib.parse("x", treebuilder="dom").documentElement.tagName, html5lib.HTMLParser(strict=False).parseFragment("<td>1").tag)
