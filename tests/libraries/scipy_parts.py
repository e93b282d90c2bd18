# requires: scipy
import numpy as np
from scipy import cluster, fft, integrate, interpolate, linalg, ndimage, optimize, signal, sparse, spatial, special, stats
from scipy.sparse import linalg as sparse_linalg

print(round(integrate.quad(np.sin, 0, np.pi)[0], 6), round(optimize.brentq(lambda x: x**2 - 2, 0, 2), 6))
print(np.round(optimize.minimize(lambda x: (x[0] - 1) ** 2, [0.0]).x, 4), np.round(special.gamma(5.0), 3))
print(np.round(interpolate.CubicSpline([0, 1, 2], [0, 1, 4])(1.5), 4), np.round(linalg.expm(np.zeros((2, 2))), 2).tolist())
print(np.round(stats.norm.cdf(1.0), 5), np.round(stats.ttest_ind([1, 2, 3], [2, 3, 5]).pvalue, 5))
print(np.round(sparse_linalg.spsolve(sparse.csc_matrix(np.eye(2)), [1.0, 2.0]), 2), spatial.KDTree([[0, 0], [1, 1]]).query([1, 0.9])[1])
print(np.round(signal.butter(2, 0.3)[0], 4), np.round(fft.dct([1.0, 2.0]), 3), ndimage.label([[1, 0], [0, 1]])[1])
print(cluster.hierarchy.fcluster(cluster.hierarchy.linkage([[0.0], [0.1], [5.0]]), 1, "distance"))
