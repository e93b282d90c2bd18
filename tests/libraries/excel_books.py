# requires: openpyxl xlsxwriter
import io

import openpyxl
import xlsxwriter
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Font

book = openpyxl.Workbook()
sheet = book.active
sheet.append(["a", 1])
sheet["A1"].font = Font(bold=True)
chart = BarChart()
chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=1))
sheet.add_chart(chart, "D1")
out = io.BytesIO()
book.save(out)
again = openpyxl.load_workbook(io.BytesIO(out.getvalue()))
print(again.active["A1"].value, again.active["A1"].font.b)
out = io.BytesIO()
with xlsxwriter.Workbook(out) as book:
    sheet = book.add_worksheet("s")
    sheet.write(0, 0, "=1+1")
    line = book.add_chart({"type": "line"})
    line.add_series({"values": "=s!$A$1:$A$1"})
    sheet.insert_chart("B2", line)
print(openpyxl.load_workbook(io.BytesIO(out.getvalue())).sheetnames)
