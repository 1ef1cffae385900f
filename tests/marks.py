"""Marks that several test files use."""

import os
from pathlib import Path

import pytest

real_mnist = pytest.mark.skipif("COLLAPSE_DATA" not in os.environ, reason="COLLAPSE_DATA is not set: no real MNIST at hand")
real_stories = pytest.mark.skipif(
    not Path(os.environ.get("COLLAPSE_DATA", ""), "stories").is_dir(), reason="COLLAPSE_DATA has no folder stories/"
)
