"""Who proves what: the numbered statements of the chapters, the functions that implement them, the tests that check them."""

import ast
import re
from dataclasses import dataclass

KINDS = ("theorem", "lemma", "proposition", "corollary", "definition", "observation")
_STATEMENT = re.compile(rf"^[`:]{{3,}}\s*\{{prf:({'|'.join(KINDS)})\}}(.*)\n((?::.*\n)*)", re.MULTILINE)
_LABEL = re.compile(r"^:label:\s*(\S+)", re.MULTILINE)
_CHAPTER = re.compile(r"(?:root|file): (chapters/\S+)")
_IMPLEMENTS = re.compile(r"^\s*Implements:((?:.*,\s*\n)*.*)", re.MULTILINE)  # a line that ends in a comma goes on
_REMARK = re.compile(r"\([^)]*\)")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Place:
    """Where a label stands: ``name`` for the reader, ``path`` from the repository root, ``line``."""

    label: str
    name: str
    path: str
    line: int


def statements(root):
    """Every numbered statement, in the order of the book. ValueError for one without a label."""
    found = []
    for chapter in _CHAPTER.findall((root / "_toc.yml").read_text(encoding="utf-8")):
        path = root / f"{chapter}.md"
        text = path.read_text(encoding="utf-8")
        for match in _STATEMENT.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            label = _LABEL.search(match[3])
            if not label:
                raise ValueError(f"{path.name}:{line}: this {match[1]} has no :label:, so the ledger cannot name it")
            found.append(Place(label[1], match[2].strip(), path.relative_to(root).as_posix(), line))
    return found


def functions(root):
    """Every ``Implements: label, label (remark)`` in a docstring of a function or class in collapse/."""
    found = []
    for path, module in _modules(root, "collapse"):
        room = path.relative_to(root / "collapse").parts[0].removesuffix(".py")
        for name, node in _definitions(module):
            for labels in _IMPLEMENTS.findall(ast.get_docstring(node) or ""):
                for label in _REMARK.sub("", labels).split(","):
                    found.append(_place(label.strip(" .\n"), f"{room}.{name}", root, path, node))
    return found


def tests(root):
    """Every ``@pytest.mark.proves("label", ...)`` on a function, a class or a whole module in tests/."""
    found = []
    for path, module in _modules(root, "tests"):
        marked = [(f"{path.name}::{name}", node, node.decorator_list) for name, node in _definitions(module)]
        for node in module.body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
                marked.append((path.name, node, getattr(node.value, "elts", [node.value])))
        for name, node, marks in marked:
            for mark in marks:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.proves":
                    found += [_place(ast.literal_eval(label), name, root, path, node) for label in mark.args]
    return found


def orphans(root):
    """Sentences about every statement without function or test, and every label that no chapter has."""
    stated = {place.label for place in statements(root)}
    problems = []
    for what, places in (("function", functions(root)), ("test", tests(root))):
        named = {place.label for place in places}
        problems += [f"no {what} for the statement {label}" for label in sorted(stated - named)]
        problems += [
            f"{place.path}:{place.line}: {what} names {place.label}, which no chapter states"
            for place in places
            if place.label not in stated
        ]
    return problems


def _modules(root, folder):
    for path in sorted((root / folder).rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"), str(path))


def _definitions(parent, prefix=""):
    """(qualified name, node) of every function and class below ``parent``."""
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, _DEFINITIONS):
            yield prefix + node.name, node
            yield from _definitions(node, f"{prefix}{node.name}.")


def _place(label, name, root, path, node):
    return Place(label, name, path.relative_to(root).as_posix(), node.lineno)
