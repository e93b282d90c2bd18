# requires: sympy
from sympy import Integral, Matrix, Symbol, diff, factor, integrate, lambdify, latex, limit, oo, pretty, sin, solve, sqrt, symbols, sympify

x, y = symbols("x y")
print(factor(x**2 - 1), diff(sin(x) ** 2, x), integrate(x * sin(x), x), limit(sin(x) / x, x, 0), solve([x + y - 2, x - y], [x, y]))
print(latex(Integral(x**2, (x, 0, oo))), pretty(sqrt(x) / 2), Matrix([[1, 2], [3, 4]]).eigenvals(), sympify("2*z").subs(Symbol("z"), 4))
print(lambdify(x, x**2, "math")(3))
