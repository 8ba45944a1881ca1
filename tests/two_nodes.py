"""A Ray cluster of two nodes on this machine. As a program, `two_nodes.py CORES GPUS`: prints its address, kills the
second node when a line comes in, and ends with its standard input. CORES: of the first node; GPUS: of the second, as
it says."""

import os
import subprocess
import sys

QUIET = {**os.environ, "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0", "RAY_DEDUP_LOGS": "0"}


class TwoNodes:
    """The cluster as a process; a context manager. cores: of the first node; gpus: of the second."""

    def __init__(self, cores=1, gpus=0):
        self._words = [str(cores), str(gpus)]

    def __enter__(self):
        self._process = subprocess.Popen(
            [sys.executable, __file__, *self._words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=QUIET,
        )  # fmt: skip
        self.address = self._process.stdout.readline().strip()
        assert self.address
        return self

    def kill_one(self):
        self._process.stdin.write("kill\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "killed\n"

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


def main():
    from ray.cluster_utils import Cluster

    cores, gpus = map(int, sys.argv[1:])
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": cores, "include_dashboard": False})
    second = cluster.add_node(num_cpus=1, num_gpus=gpus)
    sys.stdout.write(f"{cluster.address}\n")
    sys.stdout.flush()
    for _ in sys.stdin:
        cluster.remove_node(second, allow_graceful=False)
        sys.stdout.write("killed\n")
        sys.stdout.flush()
    cluster.shutdown()


if __name__ == "__main__":
    main()
