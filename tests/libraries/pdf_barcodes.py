# requires: pdfminer.six fpdf2 pikepdf qrcode python-barcode svgwrite
import fpdf, io, pikepdf, qrcode, qrcode.image.svg, barcode, svgwrite
from pdfminer.high_level import extract_text, extract_pages
from barcode.writer import SVGWriter, ImageWriter
p = fpdf.FPDF(); p.add_page(); p.set_font("helvetica", size=12); p.cell(text="Hello world"); p.ln()
with p.table() as t:
    r = t.row(); r.cell("a"); r.cell("b")
p.write_html("<b>bold</b><ul><li>x</li></ul>"); b = bytes(p.output()); print(b[:5])
print(extract_text(io.BytesIO(b)).split(), [type(e).__name__ for pg in extract_pages(io.BytesIO(b)) for e in pg][:1])
with pikepdf.open(io.BytesIO(b)) as d:
    print(len(d.pages), d.pages[0].MediaBox[2]); o = io.BytesIO(); d.save(o, encryption=pikepdf.Encryption(owner="x", user="y")); 
print(pikepdf.open(io.BytesIO(o.getvalue()), password="y").is_encrypted)
q = qrcode.make("data"); print(q.size); print(len(qrcode.make("d", image_factory=qrcode.image.svg.SvgPathImage).to_string()) > 100)
z = qrcode.QRCode(); z.add_data("x"); s = io.StringIO(); z.print_ascii(out=s); print(len(s.getvalue()))
e = barcode.get("ean13", "590123412345", writer=SVGWriter()); f = io.BytesIO(); e.write(f); print(e.get_fullcode(), b"<svg" in f.getvalue()); f = io.BytesIO(); barcode.get("code128", "abc", writer=ImageWriter()).write(f); print(f.getvalue()[:4])
d = svgwrite.Drawing(size=(10, 10)); d.add(d.line((0, 0), (10, 10), stroke="red")); print(d.tostring())
