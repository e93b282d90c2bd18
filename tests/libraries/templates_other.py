# requires: mako chevron cheetah3
import chevron
from Cheetah.Template import Template as Cheetah
from mako.lookup import TemplateLookup
from mako.template import Template

print(Template("% for i in x:\n<${i|h}>\n% endfor\n").render(x=["<", 2]), chevron.render("{{#l}}{{.}};{{/l}}", {"l": [1, 2]}))
lookup = TemplateLookup(module_directory="/tmp/m")
lookup.put_string("b", "[${self.body()}]")
lookup.put_string("p", "<%inherit file='b'/>in")
print(lookup.get_template("p").render(), str(Cheetah("#for $i in $l\n$i\n#end for", searchList=[{"l": [1, 2]}])))
