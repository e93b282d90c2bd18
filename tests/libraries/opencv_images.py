# requires: opencv-python-headless
import cv2
import numpy as np

image = np.zeros((50, 50, 3), np.uint8)
cv2.circle(image, (25, 25), 10, (255, 255, 255), -1)
grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
contours, _ = cv2.findContours(grey, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)
print(len(contours), cv2.GaussianBlur(grey, (5, 5), 0).mean().round(2), cv2.Canny(grey, 10, 100).any())
for suffix in (".png", ".jpg", ".webp", ".tiff"):
    ok, data = cv2.imencode(suffix, image)
    print(suffix, ok, cv2.imdecode(data, cv2.IMREAD_COLOR).shape)
print(cv2.data.haarcascades.endswith("data/"), cv2.getBuildInformation().strip().startswith("General configuration"))
