# requires: statsmodels
import numpy as np
import statsmodels.api as sm
import statsmodels.formula.api as smf
from statsmodels.tsa.api import ARIMA

x = np.arange(20.0)
y = 2 * x + np.sin(x)
print(np.round(sm.OLS(y, sm.add_constant(x)).fit().params, 3), round(smf.ols("y ~ x", {"x": x, "y": y}).fit().rsquared, 4))
print(ARIMA(y, order=(1, 1, 0)).fit().params.shape, sm.datasets.longley.load_pandas().data.shape)
