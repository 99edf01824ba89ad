"""The front: web pages, webhooks, command line, and the composition of it all."""

import os

# Before anything imports numpy. A process's lanes are its threads: what they multiply is small, and the
# threads that OpenBLAS would share it out to take turns with the lanes and burn processors while they wait.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
