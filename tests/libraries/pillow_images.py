# requires: pillow
import io

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps, features

image = Image.new("RGB", (64, 32), "navy")
draw = ImageDraw.Draw(image)
draw.text((2, 2), "hi", font=ImageFont.load_default(), fill="white")
image = ImageOps.mirror(image.filter(ImageFilter.BLUR)).rotate(90, expand=True)
for kind in ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "ICO", "PDF", "JPEG2000"):
    out = io.BytesIO()
    image.save(out, kind)
    if kind != "PDF":
        print(kind, Image.open(io.BytesIO(out.getvalue())).size)
print(ImageEnhance.Contrast(image).enhance(2).mode, features.check("webp"), image.quantize(4).mode)
