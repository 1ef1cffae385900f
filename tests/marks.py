"""Marks that several test files use."""

import os

import pytest

real_mnist = pytest.mark.skipif("COLLAPSE_DATA" not in os.environ, reason="COLLAPSE_DATA is not set: no real MNIST at hand")
