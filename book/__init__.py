"""What turns the chapters into the site: execution cache, ledger, vendored JavaScript, Sphinx extensions."""

import os

# Chapters factor many small matrices: a second thread brings little, and costs much where the machine has other work.
os.environ.setdefault("OMP_NUM_THREADS", "1")
