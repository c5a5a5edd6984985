"""Line charts as SVG, in as few lines as will do."""

from pathlib import Path

import numpy as np

from jobtui_core import Persister

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 50, 12, 28, 24
COLOURS = ("#2e6f95", "#d1495b")


class SvgFile(Persister):
    """Keeps a drawing, which is text, in a file."""

    def save(self, data):
        Path(self.filename).write_text(data, encoding="utf-8")

    def load(self):
        return Path(self.filename).read_text(encoding="utf-8")


def chart(title, x, lines, band=None):
    """Draw `lines` (name -> values) over `x`, on top of a band (low, high) if there is one."""
    shown = [*lines.values(), *(band if band is not None else ())]
    low = min(np.nanmin(values) for values in shown)
    high = max(np.nanmax(values) for values in shown)

    def place(xs, ys):
        across = LEFT + (xs - x[0]) / (x[-1] - x[0]) * (WIDTH - LEFT - RIGHT)
        down = TOP + (high - ys) / (high - low) * (HEIGHT - TOP - BOTTOM)
        points = np.column_stack([across, down])
        return " ".join(f"{a:.1f},{b:.1f}" for a, b in points[np.isfinite(down)])

    parts = [f'<text x="{LEFT}" y="16" font-weight="bold">{title}</text>']
    for value in np.linspace(low, high, 3):
        y = TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#e4e7eb"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.4g}</text>')
    for value in np.linspace(x[0], x[-1], 5):
        across = LEFT + (value - x[0]) / (x[-1] - x[0]) * (WIDTH - LEFT - RIGHT)
        parts.append(
            f'<text x="{across:.1f}" y="{HEIGHT - 6}" text-anchor="middle">{value:.4g}</text>'
        )
    if band is not None:
        edge = place(np.concatenate([x, x[::-1]]), np.concatenate([band[0], band[1][::-1]]))
        parts.append(f'<polygon points="{edge}" fill="#2e6f95" opacity="0.25"/>')
    for n, (name, values) in enumerate(lines.items()):
        colour = COLOURS[n % len(COLOURS)]
        parts.append(f'<polyline points="{place(x, values)}" fill="none" stroke="{colour}"/>')
        parts.append(f'<text x="{LEFT + 10 + 130 * n}" y="40" fill="{colour}">{name}</text>')
    return "\n".join(parts)


def page(*charts):
    """Stack charts into one drawing."""
    height = HEIGHT * len(charts)
    groups = [f'<g transform="translate(0 {HEIGHT * n})">{c}</g>' for n, c in enumerate(charts)]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="11">\n<rect width="100%" height="100%" fill="white"/>'
    )
    return "\n".join([head, *groups, "</svg>\n"])
