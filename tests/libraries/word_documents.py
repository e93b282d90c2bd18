# requires: python-docx python-pptx
import io

import docx
import pptx

document = docx.Document()
document.add_heading("T", 1)
document.add_table(2, 2).cell(0, 0).text = "c"
out = io.BytesIO()
document.save(out)
print([p.style.name for p in docx.Document(io.BytesIO(out.getvalue())).paragraphs])
slides = pptx.Presentation()
slides.slides.add_slide(slides.slide_layouts[0]).shapes.title.text = "S"
out = io.BytesIO()
slides.save(out)
print(pptx.Presentation(io.BytesIO(out.getvalue())).slides[0].shapes.title.text)
