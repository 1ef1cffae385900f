"""What only a person sees: is somebody at this notebook, and a bar while something takes long. Serves every chapter."""

import sys

from tqdm.auto import tqdm


def watched():
    """Whether a person runs the cell that asks, and not a program: the build of the book, a test, `jupyter execute`.

    With every cell a front end tells the kernel whether somebody can be asked for input. JupyterLab, VS Code and Colab
    say yes, programs that run notebooks say no. False outside a notebook.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    request = shell.get_parent() if hasattr(shell, "get_parent") else None
    return bool(request) and request.get("content", {}).get("allow_stdin", False)


def progress(iterable=None, shown=True, **keywords):
    """A bar of tqdm in a terminal and where a person runs the notebook; elsewhere it is silent. shown=False: everywhere.

    Other keywords are tqdm's: `total`, `unit`, `desc`, `delay` (seconds without a bar, for what is often quick).
    """
    seen = watched() or sys.stderr.isatty()
    return tqdm(iterable, disable=not (shown and seen), **keywords)
