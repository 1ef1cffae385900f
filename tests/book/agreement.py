"""What the laboratory and the package must agree on, and how it is measured."""

import numpy as np

AGREEMENT = 1e-9


def differences(found, wanted):
    """Relative differences; 0 where both are the same, inf or 0 included, and inf where only one is so or none is found."""
    found, wanted = np.array(found, dtype=float), np.array(wanted, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.abs(found / wanted - 1)
    return np.where(found == wanted, 0, np.where(np.isfinite(relative), relative, np.inf))
