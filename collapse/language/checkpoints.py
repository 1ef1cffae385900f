"""Checkpoints of a training: tensors by name in one safetensors file, nothing that would be unpickled. Serves "Stories".

The file's metadata hold what the training is, as JSON to read, and the sha256 of the tensors.
"""

import hashlib
import json
import warnings

import numpy as np
import safetensors.torch
import torch

from ..results import replace_file


def digest(about):
    """sha256 of ``about``, a dict of what JSON can hold."""
    return hashlib.sha256(json.dumps(about, default=np.generic.item).encode()).hexdigest()


def write(path, tensors, about):
    """Write ``tensors`` (name -> tensor) and ``about`` (name -> number or text) to ``path``: whole, or not at all."""
    tensors = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    told = {"about": json.dumps(about, default=np.generic.item), "sha256": _sha256(tensors)}
    content = safetensors.torch.save(tensors, told)
    replace_file(path, lambda stream: stream.write(content))


def read(path):
    """(tensors, about) as :func:`write` took them; None, with a warning that names the file, if it is damaged."""
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            tensors, told = {name: file.get_tensor(name) for name in file.keys()}, file.metadata()
        if _sha256(tensors) != told["sha256"]:
            raise ValueError("wrong sha256")
        return tensors, json.loads(told["about"])
    except Exception as error:  # safetensors, json and the operating system each have their own
        warnings.warn(f"{path} is damaged ({error}): not used", stacklevel=3)
        return None


def _sha256(tensors):
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(f"{name} {tuple(tensors[name].shape)} {tensors[name].dtype}".encode())
        digest.update(tensors[name].reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()
