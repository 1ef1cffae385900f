"""Ridge on random projections of real and synthetic rows, simulated (chapter "Random projections")."""

from .ridge import simulated


def projection(setting, n, m, lam, trials, seed, device=None, dtype=None):
    """Test error of ridge regression on random projections, on simulated designs.

    The model is f(x) = v.(S x), where S (m, d) has independent entries N(0, 1/d), drawn anew with each design.

    Parameters
    ----------
    setting : Setting.
    n : number of rows, whole, >= 1. The first round(p1 n) of them are real; choose n with whole p1 n to compare with theory.
    m : number of random projections, whole, >= 1. Only S'S matters to the student; for m > d it is drawn as a Wishart
        matrix, at a cost that does not depend on m.
    lam : ridge >= 0 of (1/n) ||X S' v - y||^2 + lam ||v||^2; lam = 0 is the ridgeless (minimum-norm) solution. Unit [x]^2.
    trials, seed, device, dtype : as in simulate.ridge.
    n, m, lam and setting.p2 broadcast; points with the same n and m share their designs.

    Returns an Estimate; its samples have shape (trials, *broadcast shape).

    Raises ValueError or TypeError naming the argument; ValueError where the precision does not suffice.
    """
    if m is None:
        raise TypeError("m must be a whole number of projections, got None; simulate.ridge is the model without projections")
    return simulated(setting, n, m, lam, trials, seed, device, dtype)
