# requires: attrs cattrs
import enum

import attrs
import cattrs
from cattrs.preconf.json import make_converter


class Colour(enum.Enum):
    RED = "red"


@attrs.define
class Point:
    x: int = attrs.field(validator=attrs.validators.ge(0))
    colour: Colour = Colour.RED
    near: list[int] = attrs.field(factory=list)


point = Point(1, near=[2])
print(cattrs.unstructure(point), cattrs.structure({"x": 3, "colour": "red", "near": []}, Point))
print(make_converter().dumps(point), attrs.evolve(point, x=9).x)
try:
    Point(-1)
except ValueError as error:
    print(str(error)[:20])
