"""Training in several processes, started by torchrun: each takes its rows of every batch. Serves "Stories"."""

import atexit
import contextlib
import os
import sys
import traceback
from dataclasses import dataclass

import torch
from torch import distributed


@dataclass(frozen=True)
class Processes:
    """This process among those that train together: number ``rank`` of ``count``."""

    rank: int = 0
    count: int = 1

    @property
    def first(self):
        """Whether this is the process that writes files and shows progress."""
        return self.rank == 0

    def average_(self, tensor):
        """The mean of ``tensor`` over the processes, in its place."""
        if self.count > 1:
            distributed.all_reduce(tensor)
            tensor.div_(self.count)

    def wait(self):
        """Until all processes are here."""
        if self.count > 1:
            distributed.barrier()


def processes(device="cpu"):
    """The :class:`Processes` that torchrun started, or the one that there is.

    The first call joins them, through nccl on GPUs, one for each process, and through gloo elsewhere.
    """
    if alone():
        return Processes()
    if not distributed.is_initialized():
        on_gpu = torch.device(device).type == "cuda"
        if on_gpu:
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        distributed.init_process_group("nccl" if on_gpu else "gloo")
        atexit.register(distributed.destroy_process_group)
    return Processes(distributed.get_rank(), distributed.get_world_size())


@contextlib.contextmanager
def in_step():
    """What the processes do together: where one of them fails, it ends, and torchrun ends the others."""
    try:
        yield
    except Exception:
        if alone():
            raise
        sys.exit(traceback.format_exc())


def alone():
    """Whether torchrun did not start this process."""
    return "TORCHELASTIC_RUN_ID" not in os.environ
