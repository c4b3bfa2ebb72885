"""One look for every figure: sizes, colours, units on axes, and SVG that a page can adopt.

The colours are those of Okabe and Ito (2008), which stay apart under every common colour blindness; series
over slits run from blue (next to the bulk) to orange (deepest). Figures are 4.8 in wide at 9 pt so that their
text stays readable when a phone scales them down.
"""

import io
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from functools import wraps

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter
from numpy.typing import ArrayLike

INK = "#1b1f24"
MUTED = "#767d86"
#: background; nearly white, so that a page can tell it from white that is drawn
PAPER = "#fefefe"
BLUE = "#0072b2"
VERMILION = "#d55e00"
GREEN = "#009e73"

#: label of an axis
POTENTIAL = "electrode potential $\\varphi_m$ / V"
#: width of every figure [inch]
WIDTH = 4.8

_DEPTH = LinearSegmentedColormap.from_list("depth", ["#2166ac", "#8073ac", "#c5588a", "#e08214"])
_RC = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.labelsize": 9,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "figure.facecolor": PAPER,
    "axes.facecolor": "none",
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
    "savefig.dpi": 200,
    "svg.fonttype": "path",
    "svg.hashsalt": "ionspice",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}
_LABELS = {"A/cm^2": "A cm⁻²", "A/m": "A m⁻¹", "C/m": "C m⁻¹", "F/m": "F m⁻¹", "ohm m": "Ω m", "ohm cm^2": "Ω cm²"}
_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"


def styled[**P, R](draw: Callable[P, R]) -> Callable[P, R]:
    """Run a drawing function under the common style without leaving it set."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> R:
        with mpl.rc_context(_RC):  # type: ignore[arg-type]
            return draw(*args, **kwargs)

    return drawn


def new_figure(height: float) -> Figure:
    """Return an empty figure of the common width and a height in inches, drawn without a display."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def new_axes(height: float, xlabel: str = "", ylabel: str = "", *, zero: bool = False) -> tuple[Figure, Axes]:
    """Return a figure of a height in inches with one pair of axes, and a line through 0 where wanted."""
    figure = new_figure(height)
    axes = figure.add_subplot(xlabel=xlabel, ylabel=ylabel)
    if zero:
        axes.axhline(0, color=MUTED, linewidth=0.6)
    return figure, axes


def time_axes(height: float, ylabel: str, duration: float, charging_end: float) -> tuple[Figure, Axes, float]:
    """Return figure and axes over time [s] with the end of charging marked, and the factor on times."""
    factor, unit = scale_for(charging_end, "s")
    figure, axes = new_axes(height, f"time / {unit}", ylabel)
    axes.axvline(charging_end * factor, color=MUTED, linewidth=0.6, linestyle=(0, (2, 2)))
    axes.set_xlim(0, duration * factor)
    return figure, axes, factor


def scale_for(values: ArrayLike, unit: str) -> tuple[float, str]:
    """Choose the SI prefix for an axis.

    Args:
        values: what the axis shows, in `unit`.
        unit: a unit whose first letter may take a prefix, such as `A/m`; `ohm` is shown as Ω and a divisor as a
            negative power, because the slash stands between quantity and unit.

    Returns:
        The factor that the values are multiplied by, and the label of the scaled unit.
    """
    finite = np.abs(np.asarray(values, dtype=float))
    largest = float(np.max(finite, where=np.isfinite(finite), initial=0))
    power = int(np.clip(3 * np.floor(np.log10(largest) / 3), -24, 24)) if largest else 0
    return 10.0**-power, EngFormatter.ENG_PREFIXES[power] + _LABELS.get(unit, unit)


def slit_colours(count: int) -> list[str]:
    """Return one colour per slit, from the bulk inwards."""
    return [to_hex(_DEPTH(x)) for x in np.linspace(0, 1, count)] if count > 1 else [to_hex(_DEPTH(0.0))]


def shown_slits(count: int) -> list[int]:
    """Return at most six positions, first and last among them, that a legend names."""
    return sorted({round(x) for x in np.linspace(0, count - 1, min(count, 6))})


@styled
def to_png(figure: Figure) -> bytes:
    """Return the figure as PNG."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    return stream.getvalue()


@styled
def to_svg(figure: Figure) -> str:
    """Return the figure as a stand-alone SVG document."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return stream.getvalue()


def inline_svg(svg: str, name: str, label: str) -> str:
    """Turn an SVG document into an element of a page.

    Its identifiers get the prefix `name`, because two figures of one page share none; its size is left to the
    page; ink becomes `currentColor` and the background goes, so that text and axes follow a dark page.

    Args:
        svg: what `to_svg` returned.
        name: an identifier that is unique in the page.
        label: the text alternative.
    """
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    root = ElementTree.fromstring(svg)
    for metadata in root.findall(f"{{{_SVG}}}metadata"):
        root.remove(metadata)
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, f"{name}-{value}")
            elif key == f"{{{_XLINK}}}href" and value.startswith("#"):
                element.set(key, f"#{name}-{value[1:]}")
            else:
                adopted = value.replace(INK, "currentColor").replace(PAPER, "none")
                element.set(key, adopted.replace("url(#", f"url(#{name}-"))
    for attribute in ("width", "height"):
        root.attrib.pop(attribute, None)
    root.set("role", "img")
    root.set("aria-label", label)
    return ElementTree.tostring(root, encoding="unicode")
