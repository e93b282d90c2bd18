# requires: reportlab pypdf
import io

import pypdf
from reportlab.graphics.barcode import qr
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

pdfmetrics.registerFont(UnicodeCIDFont("HeiseiMin-W3"))
out = io.BytesIO()
SimpleDocTemplate(out, pagesize=A4).build([Paragraph("Hello <b>world</b>", getSampleStyleSheet()["Normal"]), Table([[1, 2]])])
reader = pypdf.PdfReader(io.BytesIO(out.getvalue()))
print(len(reader.pages), reader.pages[0].extract_text().split(), qr.QrCodeWidget("x").barWidth)
writer = pypdf.PdfWriter()
writer.add_page(reader.pages[0])
writer.encrypt("p", algorithm="RC4-128")
out = io.BytesIO()
writer.write(out)
print(pypdf.PdfReader(io.BytesIO(out.getvalue()), password="p").is_encrypted)
