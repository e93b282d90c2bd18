# requires: shapely pyproj
import pyproj
import shapely.wkt
from shapely.geometry import Point, Polygon, mapping
from shapely.ops import unary_union

square = Polygon([(0, 0), (2, 0), (2, 2), (0, 2)])
print(square.intersection(Point(1, 1).buffer(0.5)).area.__round__(3), unary_union([square, square]).area, mapping(Point(1, 2)), shapely.wkt.loads("POINT (1 2)").wkb_hex)
print([round(c, 1) for c in pyproj.Transformer.from_crs(4326, 3857, always_xy=True).transform(10, 50)], pyproj.CRS(25832).name, round(pyproj.Geod(ellps="WGS84").inv(0, 0, 1, 1)[2]))
