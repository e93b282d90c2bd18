# requires: scikit-image
import numpy as np
from skimage import color, data, exposure, feature, filters, measure, morphology, segmentation, transform

image = np.zeros((20, 20))
image[5:10, 5:10] = 1
print(measure.label(image).max(), filters.sobel(image).max().round(3), transform.resize(image, (10, 10)).shape, morphology.dilation(image).sum())
print(feature.canny(image).sum(), color.rgb2gray(np.ones((2, 2, 3))).mean().round(3), round(float(filters.threshold_otsu(image)), 2))
print(data.camera().shape, exposure.equalize_hist(image).shape, segmentation.slic(np.ones((8, 8, 3)), n_segments=2).shape)
