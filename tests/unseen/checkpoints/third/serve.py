"""serve.py ROOT LIBS: imports LIBS, then builds and measures what lies in ../queue-LIBS, in forked children."""
import fcntl, importlib, json, os, sys, time, traceback
from pathlib import Path
sys.path.insert(0, str(Path(__file__).resolve().parent))
Q = Path(__file__).resolve().parent.parent / ("queue-" + sys.argv[2].split(",")[0]); Q.mkdir(exist_ok=True)
for l in sys.argv[2].split(","): importlib.import_module(l)
print("ready", time.strftime("%X"), flush=True)
if "torch" in sys.argv[2]:
    import torch; torch.set_num_threads(1)
def note(n, v, r):
    import make
    with open(make.RES.with_suffix(".lock"), "w") as k:
        fcntl.flock(k, fcntl.LOCK_EX)
        a = json.load(open(make.RES)) if make.RES.exists() else {}
        a.setdefault(n, {})[v] = r; json.dump(a, open(make.RES, "w"), indent=1)
def job(n):
    import make
    try: make.build(n)
    except Exception: print("build failed", n); traceback.print_exc(); return
    kids = []
    for v in ("wrong", "right"):
        p = make.CAND / n / f"{v}.py"
        if not p.exists(): continue
        k = os.fork()
        if k == 0:
            r = None
            try: r, out = make.run(p, make.C[n][2].split(), make.C[n][7])
            except BaseException: traceback.print_exc()
            note(n, v, r); print(n, v, r, time.strftime("%X"), flush=True); sys.stderr.flush(); os._exit(0)
        kids.append(k)
    for k in kids: os.waitpid(k, 0)
live = {}
while True:
    for p in sorted(Q.iterdir(), key=lambda p: p.stat().st_mtime):
        if p.name == "stop" and not live and len(list(Q.iterdir())) == 1: sys.exit()
        if p.name == "stop" or len(live) >= 5: continue
        p.unlink(); k = os.fork()
        if k == 0:
            job(p.name); sys.stdout.flush(); sys.stderr.flush(); os._exit(0)
        live[k] = p.name
    for k in list(live):
        if os.waitpid(k, os.WNOHANG)[0]: live.pop(k)
    time.sleep(.5)
