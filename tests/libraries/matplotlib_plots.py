# requires: matplotlib
import io

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from mpl_toolkits.mplot3d import Axes3D  # noqa: E402,F401

plt.style.use("ggplot")
figure, axes = plt.subplots(1, 2)
axes[0].plot([1, 2, 3], label=r"$\alpha^2$ ü")
axes[0].legend()
axes[1].imshow([[1, 2], [3, 4]], cmap="viridis")
figure.suptitle("T")
figure.add_subplot(projection="3d")
for kind in ("png", "svg", "pdf", "ps"):
    out = io.BytesIO() if kind != "ps" else io.StringIO()
    figure.savefig(out, format=kind)
    print(kind, len(out.getvalue()) > 1000, out.getvalue()[:4])
print(matplotlib.get_backend(), sorted(plt.colormaps())[:3], matplotlib.font_manager.FontProperties(family="DejaVu Sans").get_name())
