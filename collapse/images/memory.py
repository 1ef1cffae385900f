"""Is there memory for a run? Asked before it begins. Serves "Digits at scale"."""

import os
import re
from pathlib import Path

import torch

_MEMINFO = Path("/proc/meminfo")


def require(needed, device=None):
    """MemoryError, naming both numbers, if a run that takes ``needed`` bytes does not fit in what is :func:`available`."""
    free = available(device)
    if needed > free:
        where = "this machine" if device is None else device
        raise MemoryError(
            f"the run would take {needed / 1e9:.3g} GB, {where} has {free / 1e9:.3g} GB: make it smaller; single precision "
            "takes half, and with a folder the Gram matrix stays on disk, where a function has these arguments"
        )


def available(device=None):
    """Bytes that a new run may take on a torch device: by default the CPU, "cuda", ...

    CPU: what Linux calls available; elsewhere all the memory there is. The limit of a container is not seen.
    Raises ValueError if there is no such device.
    """
    try:
        device = torch.empty(0, device=device).device
    except (TypeError, RuntimeError, AssertionError) as error:
        raise ValueError(f"device must be a torch device of this machine, got {device!r} ({error})") from error
    if device.type == "cuda":
        kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)  # torch's own, free to use again
        return torch.cuda.mem_get_info(device)[0] + kept
    if _MEMINFO.exists():
        return 1024 * int(re.search(r"^MemAvailable:\s+(\d+) kB", _MEMINFO.read_text(), re.MULTILINE)[1])
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
