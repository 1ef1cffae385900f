"""One style for every figure, and figures that move, with and without a kernel. Serves every chapter."""

import base64
import html
import io
import math
import sys
from typing import NamedTuple

import ipywidgets as widgets
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from . import checks, live, recompute

# Okabe and Ito's palette, the light colours darkened until a thin line shows on white.
COLOURS = {
    "bias": "#0072b2",
    "variance": "#009e73",
    "shift": "#d55e00",
    "total": "#000000",
    "clean": "#3c96d2",
    "synthetic": "#b3538a",
    "theory": "#333333",
    "simulation": "#c98500",
    "plateau": "#767676",
    "neutral": "#8c8c8c",
}

STYLE = {
    "figure.figsize": (5.6, 3.8),
    "figure.dpi": 110,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "font.size": 12,
    "axes.labelsize": 12,
    "axes.titlesize": 12,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "legend.fontsize": 11,
    "legend.frameon": False,
    "axes.facecolor": "white",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#555555",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.8,
    "axes.formatter.min_exponent": 3,
    "axes.prop_cycle": mpl.cycler(color=[COLOURS[name] for name in ("bias", "shift", "variance", "synthetic", "total")]),
    "lines.linewidth": 1.8,
    "lines.markersize": 6,
    "lines.markeredgewidth": 1.4,
    "savefig.facecolor": "white",
}

FRAME_DPI = 110


def use_style():
    """Give every later figure the style of the book; in a notebook, draw it sharp enough for a dense screen.

    The default figure is 5.6 x 3.8 inches, so that 360 pixels wide, on a phone, its text is still 9 pixels high:
    put panels below one another rather than widen the figure.
    """
    mpl.rcParams.update(STYLE)
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None:
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("retina")


def p2_colour(p2):
    """The colour of a share of synthetic rows, the same in every figure, as "#rrggbb".

    p2 = 0 is COLOURS["clean"]; above it, darker means more synthetic, on a scale that is logarithmic above p2 = 0.01.
    Raises ValueError unless p2 is in [0, 1], TypeError unless it is a number.
    """
    p2 = checks.real_number("p2", p2, low=0, high=1)
    if p2 == 0:
        return COLOURS["clean"]
    darkness = math.log1p(p2 / 0.01) / math.log1p(1 / 0.01)
    return mpl.colors.to_hex(mpl.colormaps["inferno"](0.66 - 0.6 * darkness))


def over_theory(ax, x, estimate_mean, estimate_stderr, **kw):
    """Draw a simulation over its theory: open circles with bars of two standard errors on either side.

    x, estimate_mean and estimate_stderr have one shape (k,). Keywords go to `ax.errorbar` (`color`, `label`, ...).
    """
    look = {"fmt": "o", "color": COLOURS["simulation"], "markerfacecolor": "white", "elinewidth": 1.2, "zorder": 3}
    return ax.errorbar(x, estimate_mean, yerr=2 * np.asarray(estimate_stderr), **(look | kw))


def plateau_line(ax, height, label=None):
    """Draw a dotted horizontal line at `height`, such as the error that more data cannot go below."""
    return ax.axhline(checks.real_number("height", height), color=COLOURS["plateau"], linestyle=":", label=label)


def two_sliders(draw, first, second, alt, still=(0, 0)):
    """A figure with two sliders. It moves without a kernel: every frame is drawn now and kept as a small image.

    Where a person runs the notebook (`live.watched`), only the still is drawn now, and each move of a slider draws anew; the
    sliders then stop between the values too, unless `draw` or `alt` fails there or the run has labels of its own.

    first, second: (name, values) or (name, values, labels): what each slider is called and runs over.
    draw(a, b) returns the matplotlib Figure at those values; alt(a, b) says in words what it shows.
    still = (i, j): the frame shown first, and the one on paper.
    The axes stay where they are in the first frame; fix their limits and the legend's place in `draw`.
    A frame takes about 15 KB in the page and 0.2 to 0.4 s to draw: about 60 in a chapter are plenty.
    Raises ValueError on an empty list of values, labels that do not match them, a still out of range, or figures
    that differ in size or number of axes; TypeError on a draw that returns no Figure. Each names the argument.
    """
    first, second = _run("first", first), _run("second", second)
    if not (isinstance(still, tuple) and len(still) == 2):
        raise ValueError(f"still must be a pair (i, j), got {still!r}")
    i, j = _position("still[0]", still[0], first), _position("still[1]", still[1], second)
    if _live():
        return _live_figure(draw, alt, [first, second], [i, j])
    camera = _Camera(draw, alt)
    frames = [[camera.frame(a, b) for a in first.values] for b in second.values]
    rows = [_stack([_image(frame) for frame in row], i) for row in frames]
    return _moving_figure([(first, i, rows), (second, j, [_stack(rows, j)])], frames[j][i])


def slider(draw, first, alt, still=0):
    """A figure with one slider: `two_sliders` where draw and alt take one value and still is one index."""
    first = _run("first", first)
    i = _position("still", still, first)
    if _live():
        return _live_figure(draw, alt, [first], [i])
    camera = _Camera(draw, alt)
    frames = [camera.frame(a) for a in first.values]
    return _moving_figure([(first, i, [_stack([_image(frame) for frame in frames], i)])], frames[i])


class MovingFigure(widgets.VBox):
    """Sliders above their frames; where widgets cannot be shown, the still frame (PNG) and its description."""

    def __init__(self, children, still):
        super().__init__(children, layout={"max_width": f"{still.width}px"})
        self.add_class("moving-figure")
        self.still = still

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        return bundle | {"image/png": self.still.png, "text/plain": self.still.alt}


class _Run(NamedTuple):
    """What one slider is called and runs over."""

    name: str
    values: list
    labels: list


class _Frame(NamedTuple):
    """One picture: a palette PNG in base64, its size in pixels, and what it shows in words."""

    png: str
    width: int
    height: int
    alt: str


class _Camera:
    """Takes frames, each with its axes where the layout puts them in the first one (which also saves most of the time)."""

    def __init__(self, draw, alt):
        self.draw, self.alt, self.layout = draw, alt, None

    def frame(self, *values):
        alt, figure = self.alt(*values), self.draw(*values)
        if not isinstance(alt, str):
            raise TypeError(f"alt must return a str, got {type(alt).__name__} at {values}")
        if not isinstance(figure, mpl.figure.Figure):
            raise TypeError(f"draw must return a matplotlib Figure, got {type(figure).__name__} at {values}")
        plt.close(figure)
        png, (width, height) = _palette_png(self.expose(figure))
        return _Frame(png, width, height, alt)

    def expose(self, figure):
        canvas = FigureCanvasAgg(figure)
        figure.set_dpi(FRAME_DPI)
        if self.layout is not None:
            size, boxes = self.layout
            if (canvas.get_width_height(), len(figure.axes)) != (size, len(boxes)):
                raise ValueError("draw must return figures of one size with the same number of axes")
            figure.set_layout_engine("none")
            for ax, box in zip(figure.axes, boxes, strict=True):
                ax.set_position(box)
        canvas.draw()
        if self.layout is None:
            self.layout = canvas.get_width_height(), [ax.get_position() for ax in figure.axes]
        return np.asarray(canvas.buffer_rgba())


def _palette_png(rgba):
    image = Image.fromarray(rgba).convert("RGB").quantize(256)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True, dpi=(FRAME_DPI, FRAME_DPI))
    return base64.b64encode(file.getvalue()).decode("ascii"), image.size


def _markup(frame):
    return (
        f'<img alt="{html.escape(frame.alt)}" width="{frame.width}" height="{frame.height}"'
        f' style="max-width: 100%; height: auto" src="data:image/png;base64,{frame.png}">'
    )


def _image(frame):
    return widgets.HTML(_markup(frame), layout={"margin": "0"})


def _stack(children, index):
    return widgets.Stack(children, selected_index=index)


def _moving_figure(controls, still):
    """The figure of controls (run, position, the stacks that its slider turns); the last stack holds the frames."""
    sliders = _sliders([run for run, _, _ in controls], [position for _, position, _ in controls])
    for slider, (_, _, stacks) in zip(sliders, controls):
        for stack in stacks:
            widgets.jslink((slider, "index"), (stack, "selected_index"))
    return MovingFigure([*sliders, stack], still)


def _live():
    """Whether sliders draw as they move: for a person, and with ipywidgets 7 (Colab's), which has no Stack for frames."""
    return live.watched() or not hasattr(widgets, "Stack")


def _live_figure(draw, alt, runs, positions):
    camera = _Camera(*recompute.as_of_now(draw, alt))
    here = [run.values[position] for run, position in zip(runs, positions)]
    still = camera.frame(*here)
    fine = [
        recompute.refined(run, lambda value, k=k: camera.frame(*here[:k], value, *here[k + 1 :]))
        for k, run in enumerate(runs)
    ]
    sliders = _sliders(fine, [run.values.index(value) for run, value in zip(fine, here)])
    picture = _image(still)
    recompute.connect(sliders, fine, lambda *values: _markup(camera.frame(*values)), picture)
    return MovingFigure([*sliders, picture], still)


def _sliders(runs, positions):
    name_width = f"{1 + max(len(run.name) for run in runs)}ch"
    controls = []
    for run, position in zip(runs, positions):
        control = widgets.SelectionSlider(
            options=[(label, index) for index, label in enumerate(run.labels)],
            index=position,
            description=run.name,
            style={"description_width": name_width},
            layout={"width": "auto"},
        )
        control.tooltip = run.name
        controls.append(control)
    return controls


def _run(argument, run):
    if not (isinstance(run, (tuple, list)) and len(run) in (2, 3) and isinstance(run[0], str)):
        raise TypeError(f"{argument} must be (name, values) or (name, values, labels), got {run!r}")
    name, values = run[0], list(run[1])
    if not values:
        raise ValueError(f"{argument} must have at least one value, got none for {name!r}")
    labels = list(run[2]) if len(run) == 3 else [f"{value:g}" for value in values]
    if len(labels) != len(values):
        raise ValueError(f"{argument} must have one label for each of its {len(values)} values, got {len(labels)}")
    return _Run(name, values, labels)


def _position(argument, index, run):
    index = checks.whole_number(argument, index, low=0)
    if index >= len(run.values):
        raise ValueError(f"{argument} must be < {len(run.values)}, the number of values of {run.name!r}, got {index}")
    return index
