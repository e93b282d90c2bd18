# requires: jinja2
from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError, select_autoescape
from jinja2.sandbox import SandboxedEnvironment

env = Environment(
    loader=DictLoader({
        "base": "<{% block b %}{% endblock %}>",
        "page": "{% extends 'base' %}{% macro m(x) %}[{{ x }}]{% endmacro %}"
                "{% block b %}{% for i in l|batch(2) %}{{ i|join('-') }}{{ m(loop.index) }}{% endfor %}{{ t|e }}{% endblock %}"}),
    autoescape=select_autoescape(default=True), undefined=StrictUndefined,
    extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols", "jinja2.ext.i18n"])
env.install_null_translations()
print(env.get_template("page").render(l=[1, 2, 3], t="<x>"))
try:
    env.from_string("{{ nope }}").render()
except UndefinedError as error:
    print(error)
print(SandboxedEnvironment().from_string("{{ [1, 2]|sum }} {% filter upper %}a{% endfilter %}").render())
