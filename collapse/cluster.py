"""joblib's Dask backend, with an answer for jobs whose worker was lost (serves collapse.sweep)."""

from concurrent.futures import Future

from joblib._dask import DaskDistributedBackend


class ClusterBackend(DaskDistributedBackend):
    """joblib's own backend waits for ever where Dask gives up on a job, since its callback is never called; here it is.

    client : distributed.Client.  lost(error, *arguments) : what takes the place of the result of a lost call.
    """

    def __init__(self, client=None, lost=None, **options):
        super().__init__(client=client, **options)
        self._lost = lost

    def submit(self, func, callback=None):
        future = super().submit(func, callback)
        future.calls = func.items
        future.add_done_callback(lambda done: done.exception() and callback(done))
        return future

    def retrieve_result_callback(self, out):
        if isinstance(out, Future):
            return [self._lost(out.exception(), *arguments) for _, arguments, _ in out.calls]
        return super().retrieve_result_callback(out)
