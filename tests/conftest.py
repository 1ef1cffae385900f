"""Fixtures shared by all tests."""

import pytest
import torch

import collapse.theory

torch.set_num_threads(1)  # many small factorisations: a second thread costs more than it brings


@pytest.fixture
def theory():
    """The theory under test. test_wrong_formulas.py calls the same tests with deliberately wrong copies."""
    return collapse.theory
