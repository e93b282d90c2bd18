# requires: seaborn
import io

import matplotlib

matplotlib.use("Agg")
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import seaborn as sns  # noqa: E402

sns.set_theme()
frame = pd.DataFrame({"x": np.arange(10), "y": np.arange(10) ** 2, "h": list("ab") * 5})
grid = sns.relplot(frame, x="x", y="y", hue="h")
out = io.BytesIO()
grid.savefig(out)
print(out.getvalue()[:4], sns.color_palette("rocket", 2).as_hex(), sns.kdeplot(frame.y).get_xlabel())
