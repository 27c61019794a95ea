"""A bar chart as SVG, by hand: no plotting library for one picture."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

ROW, LABEL, BAR, MARGIN = 26, 220, 420, 12
"""Pixels: height of a row, width of the labels and of the longest bar, margin."""


def bars(values: Sequence[tuple[str, float]], *, title: str, unit: str) -> str:
    """Horizontal bars, one per (label, value), in the order given."""
    largest = max((value for _, value in values), default=1) or 1
    width, height = LABEL + BAR + 110, ROW * (len(values) + 1) + 2 * MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{MARGIN}" y="{MARGIN + 14}" font-weight="bold">{escape(title)}</text>',
    ]
    for number, (label, value) in enumerate(values, start=1):
        top = MARGIN + number * ROW
        length = max(BAR * value / largest, 1)
        color = "#2a6f97" if label.startswith("this") else "#a9b4c2"
        lines += [
            f'<text x="{LABEL - 8}" y="{top + 15}" text-anchor="end">{escape(label)}</text>',
            f'<rect x="{LABEL}" y="{top + 3}" width="{length:.1f}" height="{ROW - 8}" fill="{color}"/>',
            f'<text x="{LABEL + length + 6:.1f}" y="{top + 15}">{value:,.0f} {escape(unit)}</text>',
        ]
    return "\n".join([*lines, "</svg>", ""])
