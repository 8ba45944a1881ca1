"""What the waiting policy of OpenMP's threads costs a training on a shared machine: images per second, in turns.

    python tests/benchmarks/waiting.py [BUSY] [ROUNDS]

BUSY processes (default 2) that only count run beside every second round. Each setting trains MobileNetV3-Small on
made-up images of 64 px for 20 s in a process of its own, as a probe is; the medians of ROUNDS (default 3) are printed.
The last row is what the probes do: threads that spin briefly, and as many as measured best (probing/threads.py).
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

TRAINS = """
import sys, time, torch, torchvision
from diagnose.probing.threads import Threads, processors
torch.manual_seed(0)
threads = Threads(processors()) if sys.argv[1] == "adapted" else None
net = torchvision.models.mobilenet_v3_small(num_classes=8)
optimizer = torch.optim.SGD(net.parameters(), 0.01)
images, labels = torch.randn(32, 3, 64, 64), torch.randint(8, (32,))
def step():
    begin = time.monotonic()
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(net(images), labels).backward()
    optimizer.step()
    if threads:
        threads.adapt("step", (time.monotonic() - begin) / 32)
step()
start, steps = time.monotonic(), 0
while time.monotonic() < start + 20:
    step()
    steps += 1
print(32 * steps / (time.monotonic() - start))
"""
SETTINGS: dict[str, dict[str, str]] = {
    "default": {},
    "OMP_WAIT_POLICY=passive": {"OMP_WAIT_POLICY": "passive"},
    "GOMP_SPINCOUNT=0": {"GOMP_SPINCOUNT": "0"},
    "GOMP_SPINCOUNT=30000": {"GOMP_SPINCOUNT": "30000"},
    "OMP_NUM_THREADS=1": {"OMP_NUM_THREADS": "1"},
    "adapted": {"GOMP_SPINCOUNT": "30000"},
}


def speed(name: str, settings: dict[str, str]) -> float:
    done = subprocess.run(
        [sys.executable, "-c", TRAINS, name], env={**os.environ, **settings}, capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def main() -> int:
    busy = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    found: dict[str, dict[str, list[float]]] = {"quiet": {}, "busy": {}}
    for _ in range(rounds):
        for state in found:
            loops = [
                subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True)
                for _ in range(busy if state == "busy" else 0)
            ]
            for name, settings in SETTINGS.items():
                found[state].setdefault(name, []).append(speed(name, settings))
            for loop in loops:
                loop.kill()
                loop.wait()
    print(f"{'images per second':26}{'quiet':>22}{f'beside {busy} busy':>22}")
    for name in SETTINGS:
        cells = [found[state][name] for state in found]
        shown = [f"{statistics.median(each):,.0f} ({min(each):,.0f}..{max(each):,.0f})" for each in cells]
        print(f"{name:26}{shown[0]:>22}{shown[1]:>22}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
