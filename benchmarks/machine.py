"""What a benchmark ran on: printed with every result."""

import os
import platform
from importlib.metadata import version
from pathlib import Path


def processor():
    cpuinfo = Path("/proc/cpuinfo")
    names = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    return next((line.partition(":")[2].strip() for line in names if line.startswith("model name")), platform.processor())


def describe(*packages, threads):
    """Print hardware, threads and versions."""
    print(f"{processor()}, {os.cpu_count()} cores, {threads} thread(s), {platform.system()} {platform.machine()}")
    print(f"Python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in packages))
