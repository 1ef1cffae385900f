"""The figures: colours that can be told apart, simulations drawn with their errors, sliders that show the right frame."""

import base64
import io
import itertools
import re
from html import unescape

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from ipywidgets.embed import dependency_state, embed_data
from PIL import Image

from collapse import figures
from collapse.figures import COLOURS, p2_colour

SHARES = (0.01, 0.03, 0.1, 0.3, 1)

# Linear RGB as seen without one kind of cone (Machado, Oliveira and Fernandes, 2009, severity 1).
SIGHT = {
    "full colour": np.eye(3),
    "no L cones": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no M cones": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "no S cones": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
SRGB_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
JUST_NOTICEABLE = 2.3  # in CIELAB


def linear_rgb(colour):
    rgb = np.array(mpl.colors.to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast_with_white(colour):
    return 1.05 / (SRGB_TO_XYZ[1] @ linear_rgb(colour) + 0.05)


def lab(colour, sight):
    xyz = SRGB_TO_XYZ @ np.clip(sight @ linear_rgb(colour), 0, 1) / SRGB_TO_XYZ.sum(axis=1)
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def closest(colours, sight):
    return min(np.linalg.norm(lab(a, sight) - lab(b, sight)) for a, b in itertools.combinations(colours, 2))


@pytest.fixture(autouse=True)
def clean_slate():
    with mpl.rc_context():
        figures.use_style()
        yield
        plt.close("all")


# Colours


def test_every_colour_shows_on_white():
    assert len(set(COLOURS.values())) == len(COLOURS)
    for name, colour in COLOURS.items():
        assert contrast_with_white(colour) >= 3, name


@pytest.mark.parametrize("sight", SIGHT.values(), ids=SIGHT)
@pytest.mark.parametrize(
    "together",
    [
        [COLOURS[name] for name in ("bias", "variance", "shift", "total")],
        [COLOURS[name] for name in ("theory", "simulation", "plateau")],
        [COLOURS[name] for name in ("clean", "synthetic", "total")],
        [p2_colour(p2) for p2 in (0, *SHARES)],
    ],
    ids=["parts of the risk", "theory and simulation", "clean and synthetic", "shares"],
)
def test_colours_drawn_together_can_be_told_apart_by_everybody(together, sight):
    assert closest(together, sight) >= 5 * JUST_NOTICEABLE


def test_no_synthetic_data_has_the_clean_colour():
    assert p2_colour(0) == p2_colour(0.0) == COLOURS["clean"]


def test_more_synthetic_is_darker():
    shares = np.logspace(-4, 0, 200)
    lightness = [lab(p2_colour(p2), SIGHT["full colour"])[0] for p2 in shares]
    assert np.all(np.diff(lightness) <= 0)
    assert contrast_with_white(p2_colour(shares[0])) >= 3


@pytest.mark.parametrize("p2", [-0.1, 1.001, np.nan, np.inf, [0.1, 0.2]])
def test_a_share_out_of_range_is_an_error(p2):
    with pytest.raises(ValueError, match="p2"):
        p2_colour(p2)


@pytest.mark.parametrize("p2", ["0.1", None, True])
def test_a_share_that_is_no_number_is_an_error(p2):
    with pytest.raises(TypeError, match="p2"):
        p2_colour(p2)


# Drawing


def test_text_is_readable_on_a_phone():
    sizes = [plt.rcParams[f"{part}size"] for part in ("font.", "axes.label", "xtick.label", "ytick.label", "legend.font")]
    pixels_per_inch = 360 / plt.figure().get_figwidth()
    assert min(sizes) / 72 * pixels_per_inch >= 9


def test_simulation_is_open_circles_with_two_standard_errors():
    x, mean, stderr = np.array([1.0, 2.0, 4.0]), np.array([3.0, 2.0, 1.0]), np.array([0.1, 0.2, 0.3])
    drawn = figures.over_theory(plt.figure().add_subplot(), x, mean, stderr, color="#123456", label="simulation")
    points, _, (bars,) = drawn
    assert (points.get_marker(), points.get_linestyle(), points.get_markerfacecolor()) == ("o", "None", "white")
    assert points.get_markeredgecolor() == "#123456"
    ends = np.array(bars.get_segments())[:, :, 1]
    np.testing.assert_allclose(ends, np.stack([mean - 2 * stderr, mean + 2 * stderr], axis=1), rtol=1e-12)


def test_plateau_line():
    ax = plt.figure().add_subplot()
    line = figures.plateau_line(ax, 0.25, "plateau")
    assert (list(line.get_ydata()), line.get_linestyle(), line.get_label()) == ([0.25, 0.25], ":", "plateau")
    with pytest.raises(ValueError, match="height"):
        figures.plateau_line(ax, np.nan)


# Figures that move


class Page:
    """What a browser makes of a moving figure without a kernel: the stored models, and links between their traits."""

    def __init__(self, figure):
        data = embed_data(views=[figure], state=dependency_state(figure, drop_defaults=False))
        self.models = {key: model["state"] for key, model in data["manager_state"]["state"].items()}
        self.root = data["view_specs"][0]["model_id"]

    def child(self, reference):
        return self.models[reference.removeprefix("IPY_MODEL_")]

    def of_kind(self, name):
        return [state for state in self.models.values() if state["_model_name"] == name]

    def slide(self, name, index):
        (control,) = [state for state in self.of_kind("SelectionSliderModel") if state["description"] == name]
        control["index"] = index
        for link in self.of_kind("LinkModel"):
            (source, source_trait), (target, target_trait) = link["source"], link["target"]
            if self.child(source) is control:
                self.child(target)[target_trait] = control[source_trait]

    def frame(self):
        """The description and the picture of the one frame that shows."""
        state = self.child(self.models[self.root]["children"][-1])
        while state["_model_name"] == "StackModel":
            state = self.child(state["children"][state["selected_index"]])
        alt, png = re.fullmatch(r'<img alt="([^"]*)" .*base64,([^"]*)">', state["value"]).groups()
        return unescape(alt), png


def draw(a, b=1):
    fig, ax = plt.subplots(figsize=(1.5, 1))
    ax.plot([0, 1], [a, b])
    return fig


def describe(a, b=1):
    return f'a line from {a} to {b}, "straight" & <thin>'


A = ("λ", [0.1, 1, 10])
B = ("shift", [2, 3], ["two", "three"])


def test_two_sliders_show_the_frame_they_stand_at():
    page = Page(figures.two_sliders(draw, A, B, describe, still=(2, 1)))
    assert page.frame()[0] == describe(10, 3)
    pictures = set()
    for (i, a), (j, b) in itertools.product(enumerate(A[1]), enumerate(B[1])):
        page.slide("λ", i)
        page.slide("shift", j)
        alt, png = page.frame()
        assert alt == describe(a, b)
        pictures.add(png)
    assert len(pictures) == 6


def test_one_slider_shows_the_frame_it_stands_at():
    page = Page(figures.slider(draw, A, describe, still=1))
    assert page.frame()[0] == describe(1)
    for i, a in enumerate(A[1]):
        page.slide("λ", i)
        assert page.frame()[0] == describe(a)


def test_labels_are_given_or_the_values_themselves():
    page = Page(figures.two_sliders(draw, A, B, describe))
    labels = {state["description"]: tuple(state["_options_labels"]) for state in page.of_kind("SelectionSliderModel")}
    assert labels == {"λ": ("0.1", "1", "10"), "shift": ("two", "three")}


def test_on_paper_it_is_the_still_frame():
    figure = figures.two_sliders(draw, A, B, describe, still=(1, 1))
    bundle = figure._repr_mimebundle_()
    assert bundle["text/plain"] == describe(1, 3)
    assert (describe(1, 3), bundle["image/png"]) == Page(figure).frame()
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_frames_are_small_and_keep_the_colours_of_the_lines():
    colours = [*COLOURS.values(), *(p2_colour(p2) for p2 in SHARES)]

    def lines(height):
        fig, ax = plt.subplots()
        n = np.logspace(1, 4, 50)
        for level, colour in enumerate(colours):
            ax.loglog(n, height / n + 2.0**-level, color=colour)
        return fig

    figure = figures.slider(lines, ("height", [1]), str)
    png = base64.b64decode(figure._repr_mimebundle_()["image/png"])
    assert len(png) < 20_000
    image = Image.open(io.BytesIO(png))
    assert (image.mode, image.size) == ("P", (616, 418))
    painted = {f"#{r:02x}{g:02x}{b:02x}" for _, (r, g, b) in image.convert("RGB").getcolors()}
    assert {"#ffffff", *colours} <= painted


def test_axes_stay_where_they_are():
    drawn = []

    def wide_labels(top):
        fig, ax = plt.subplots(figsize=(3, 2))
        ax.set_ylim(0, top)
        drawn.append(fig)
        return fig

    figures.slider(wide_labels, ("top", [1, 12345]), str)
    first, second = (fig.axes[0].get_position().bounds for fig in drawn)
    np.testing.assert_array_equal(first, second)


def test_no_figure_is_left_open():
    figures.two_sliders(draw, A, B, describe)
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    "error, name, changes",
    [
        (ValueError, "first", {"first": ("λ", [])}),
        (ValueError, "second", {"second": ("shift", [])}),
        (ValueError, "second", {"second": ("shift", [1, 2], ["one"])}),
        (TypeError, "first", {"first": [1, 2]}),
        (TypeError, "second", {"second": "shift"}),
        (ValueError, r"still\[0\]", {"still": (3, 0)}),
        (ValueError, r"still\[1\]", {"still": (0, -1)}),
        (TypeError, r"still\[0\]", {"still": (0.5, 0)}),
        (ValueError, "still", {"still": 1}),
        (TypeError, "draw", {"draw": lambda a, b: None}),
        (ValueError, "draw", {"draw": lambda a, b: plt.figure(figsize=(a, 1))}),
        (ValueError, "draw", {"draw": lambda a, b: plt.subplots(b)[0]}),
        (TypeError, "alt", {"alt": lambda a, b: None}),
    ],
)
def test_bad_arguments_are_named(error, name, changes):
    good = {"draw": draw, "first": ("λ", [1, 2, 3]), "second": B, "alt": describe}
    with pytest.raises(error, match=rf"^{name} must"):
        figures.two_sliders(**(good | changes))
    if "first" in changes:
        with pytest.raises(error, match=rf"^{name} must"):
            figures.slider(draw, changes["first"], describe)


def test_a_still_out_of_range_is_named_with_one_slider():
    with pytest.raises(ValueError, match="^still must be < 3"):
        figures.slider(draw, A, describe, still=3)
