"""What is wrong with a chapter's two notebooks, as they can be downloaded from its page."""

import base64
import hashlib

import nbformat

NOT_SHOWN = {"remove-output", "remove-cell"}


def code(cells):
    return [cell for cell in cells if cell.cell_type == "code"]


def outputs(cells):
    """Those outputs of the cells that the page shows."""
    shown = [cell for cell in code(cells) if not NOT_SHOWN & set(cell.metadata.get("tags", []))]
    return [output for cell in shown for output in cell.outputs]


def problems(kept, clean, executed, page):
    """``kept`` is the notebook of the repository, ``page`` the text of the chapter's page."""
    for name, notebook in (("clean", clean), ("executed", executed)):
        if not nbformat.validator.isvalid(notebook):
            yield f"{name}: not a notebook"
        if [cell.source.strip() for cell in notebook.cells] != [cell.source.strip() for cell in kept.cells]:
            yield f"{name}: other cells than the chapter"
    if any(cell.outputs or cell.execution_count for cell in code(clean.cells)):
        yield "clean: holds outputs"
    if any(cell.execution_count is None for cell in code(executed.cells)):
        yield "executed: a cell has not been run"
    if sum(bool(outputs([cell])) for cell in executed.cells) != page.count('"cell_output '):
        yield "executed: other cells than on the page have outputs"
    state = executed.metadata.get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {}).get("state", {})
    for data in (output.data for output in outputs(executed.cells) if "data" in output):
        widget = data.get("application/vnd.jupyter.widget-view+json")
        if "image/png" in data and not widget:
            picture = base64.b64decode(data["image/png"])
            if f"{hashlib.sha256(picture).hexdigest()}.png" not in page:
                yield "executed: another picture than on the page"
        if widget and ("image/png" not in data or widget["model_id"] not in state or widget["model_id"] not in page):
            yield "executed: sliders without their state, without a picture, or not those of the page"
