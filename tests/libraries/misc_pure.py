# requires: more-itertools toolz sortedcontainers wrapt decorator funcy pyparsing lark parso jedi
import decorator
import funcy
import jedi
import lark
import more_itertools
import pyparsing
import sortedcontainers
import toolz.curried
import wrapt

print(list(more_itertools.chunked([1, 2, 3], 2)), toolz.curried.pipe([1, 2], toolz.curried.map(lambda x: x + 1), list), sortedcontainers.SortedDict(b=1, a=2), funcy.lflatten([1, [2]]))
print(pyparsing.Word(pyparsing.nums).parse_string("12")[0], lark.Lark('start: A+\nA: "a"').parse("aa").pretty(), lark.Lark('start: INT\n%import common.INT').parse("5").children)


@wrapt.decorator
def loud(wrapped, instance, args, kwargs):
    return wrapped(*args, **kwargs).upper()


@decorator.decorator
def twice(function, *args):
    return function(*args) * 2


print(loud(twice(lambda text: text))("a"), [c.name for c in jedi.Script("import json\njson.du").complete(2, 7)])
