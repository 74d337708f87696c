"""An invoice as a PDF file, made from values alone; the same values always give the same bytes.

The letters are Roboto's, which knows Latin, Greek and Cyrillic; others show as empty boxes. Whoever needs this imports
it when an invoice is made: the library takes 13 MB and a third of a second.
"""

from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from shop.kit.money import display
from shop.media.cards import FONTS
from shop.orders.sheet import Sheet

_REGULAR: Final = "Roboto"
_BOLD: Final = "Roboto-Bold"
_GREY: Final = colors.HexColor("#5b6b69")
_LINE: Final = colors.HexColor("#d5dcda")
_WIDTH: Final = A4[0] - 40 * mm


def invoice_pdf(sheet: Sheet) -> bytes:
    """The file."""
    _register()
    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=20 * mm,
        bottomMargin=22 * mm,
        title=f"Invoice {sheet.number}",
        author=sheet.shop_name,
        invariant=1,
    )

    def footer(canvas: Canvas, _: Any) -> None:
        canvas.setFont(_REGULAR, 8)
        canvas.setFillColor(_GREY)
        canvas.drawString(20 * mm, 12 * mm, f"{sheet.shop_name} · Invoice {sheet.number}"[:110])
        canvas.drawRightString(A4[0] - 20 * mm, 12 * mm, f"Page {canvas.getPageNumber()}")

    parts = [_head(sheet), Spacer(0, 10 * mm), _parties(sheet), Spacer(0, 10 * mm), _lines(sheet)]
    parts += [Spacer(0, 6 * mm), _sums(sheet)]
    document.build(parts, onFirstPage=footer, onLaterPages=footer)
    return file.getvalue()


@lru_cache(maxsize=1)
def _register() -> None:
    pdfmetrics.registerFont(TTFont(_REGULAR, FONTS / "Roboto-Regular.ttf"))
    pdfmetrics.registerFont(TTFont(_BOLD, FONTS / "Roboto-Bold.ttf"))


def _text(text: str, *, bold: bool = False, right: bool = False, size: float = 9, grey: bool = False) -> Paragraph:
    style = ParagraphStyle(
        "text",
        fontName=_BOLD if bold else _REGULAR,
        fontSize=size,
        leading=size * 1.35,
        textColor=_GREY if grey else colors.black,
        splitLongWords=1,
    )
    if right:
        style.alignment = TA_RIGHT
    # Names and addresses are what people typed: nothing in them is markup.
    return Paragraph(escape(text), style)


def _head(sheet: Sheet) -> Table:
    title = [_text("Invoice", bold=True, size=20), Spacer(0, 2 * mm), _text(sheet.number, size=12)]
    facts = [
        _text(f"Issued {sheet.issued.isoformat()}", right=True),
        _text(f"Order {sheet.order_number} of {sheet.ordered.isoformat()}", right=True),
    ]
    return Table([[title, facts]], colWidths=[_WIDTH / 2] * 2, style=_PLAIN)


def _parties(sheet: Sheet) -> Table:
    seller = [_text("From", grey=True), *(_text(line) for line in sheet.seller or [sheet.shop_name])]
    if sheet.vat_number:
        seller.append(_text(f"VAT number {sheet.vat_number}"))
    buyer = [_text("To", grey=True), *(_text(line) for line in sheet.buyer)]
    return Table([[seller, buyer]], colWidths=[_WIDTH / 2] * 2, style=_PLAIN)


def _lines(sheet: Sheet) -> Table:
    titles = ("Item", "Quantity", "Unit, net", "Tax", "Net", "Gross")
    rows = [[_text(title, bold=True, right=place > 0) for place, title in enumerate(titles)]]
    rows += [
        [
            _text(line.name),
            _text(str(line.quantity), right=True),
            _text(display(line.unit_net, sheet.currency), right=True),
            _text(_percent(line.tax_rate), right=True),
            _text(display(line.net, sheet.currency), right=True),
            _text(display(line.gross, sheet.currency), right=True),
        ]
        for line in sheet.lines
    ]
    widths = [_WIDTH - 118 * mm, 18 * mm, 26 * mm, 18 * mm, 28 * mm, 28 * mm]
    return Table(rows, colWidths=widths, repeatRows=1, style=_RULED)


def _sums(sheet: Sheet) -> Table:
    money = [(f"Net at {_percent(share.rate)} tax", share.net) for share in sheet.taxes]
    money += [(f"Tax at {_percent(share.rate)}", share.gross - share.net) for share in sheet.taxes]
    rows = [[_text(title, right=True), _text(display(amount, sheet.currency), right=True)] for title, amount in money]
    totals = [("Total, net", sheet.net), ("Total", sheet.gross), ("Paid", sheet.paid)]
    if sheet.refunded:
        totals.append(("Refunded", sheet.refunded))
    rows += [
        [_text(title, bold=True, right=True), _text(display(amount, sheet.currency), bold=True, right=True)]
        for title, amount in totals
    ]
    return Table(rows, colWidths=[_WIDTH - 40 * mm, 40 * mm], style=_PLAIN)


def _percent(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f} %"


_PLAIN: Final = TableStyle(
    [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)]
)
_RULED: Final = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, _LINE),
    ]
)
