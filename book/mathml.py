"""Formulas of the EPUB as MathML: by the MathJax of the site, in Node.js, then as readers of e-books draw them best."""

import json
import subprocess
import unicodedata
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

from book import vendor

SCRIPT = Path(__file__).with_suffix(".js")
MATHJAX = vendor.PACKAGES[0]._replace(keep=("LICENSE", "es5/node-main.js", "es5/adaptors/*", "es5/input/tex-full.js"))
NAMESPACE = ' xmlns="http://www.w3.org/1998/Math/MathML"'
ROWS = {"math", "mrow", "mtd", "mstyle", "msqrt"}
THIN = "0.167em"


def letters(variant, text):
    """The letters of an alphabet as characters of their own: few readers know MathML's attribute for it."""
    return "".join(_letter(variant.upper().replace("-", " ").replace("DOUBLE ", "DOUBLE-"), each) for each in text)


def _letter(alphabet, plain):
    name = unicodedata.name(plain).replace("LATIN ", "").replace("LETTER ", "")
    for candidate in (f"MATHEMATICAL {alphabet} {name}", f"{alphabet} {name}"):
        try:
            return unicodedata.lookup(candidate)
        except KeyError:
            pass
    raise ValueError(f"Unicode has no {alphabet.lower()} {plain}")


def _names_a_function(element):
    return element.tag == "mi" and len(element.text or "") > 1


def tidy(mathml):
    """MathJax's MathML without its notes to itself, and with TeX's spaces around names of functions and strokes."""
    math = ET.fromstring(mathml.replace(NAMESPACE, ""))
    for element in math.iter():
        for name in [name for name in element.attrib if name.startswith("data-")]:
            del element.attrib[name]
        element.text, element.tail = (element.text or "").strip(" \n"), None
        if element.get("mathvariant", "normal") != "normal":
            element.text = letters(element.attrib.pop("mathvariant"), element.text)
        if element.text == "/":
            element.attrib |= {"lspace": "0", "rspace": "0"}
    for row in [element for element in math.iter() if element.tag in ROWS]:
        for name, argument in list(pairwise(row)):
            if _names_a_function(name) and argument.tag != "mo":
                row.insert(list(row).index(name) + 1, ET.Element("mspace", width=THIN))
    return ET.tostring(math, encoding="unicode").replace("<math", f"<math{NAMESPACE}", 1)


class Formulas:
    """``formulas(tex, display)`` is the MathML; ValueError if MathJax does not know what is meant."""

    def __init__(self, macros):
        folder = vendor.FOLDER / "epub" / MATHJAX.folder
        vendor.fetch(MATHJAX, folder)
        command = [Path(vendor.npm()).with_name("node"), SCRIPT, folder, json.dumps(macros)]
        self._node = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")

    def __call__(self, tex, display):
        print(json.dumps({"tex": tex, "display": display}), file=self._node.stdin, flush=True)
        mathml = json.loads(self._node.stdout.readline())
        if "<merror" in mathml:
            raise ValueError(f"not a formula: {tex}")
        return tidy(mathml)

    def close(self):
        self._node.communicate()
