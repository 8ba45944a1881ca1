"""Runs every case as a process of its own from ROOT and compares with truth.yaml."""
import glob, subprocess, sys, yaml, re, os, time
root = sys.argv[1]; t0 = time.time(); done = bad = 0
for f in sorted(glob.glob(root + "/c*/truth.yaml"))[int((sys.argv + [0, 0])[2]):]:
    if time.time() - t0 > int((sys.argv + [0, 530, 530])[3]): print("time up at", f); break
    t = yaml.safe_load(open(f))
    assert os.path.exists(f"{root}/{t['checkpoint']}") and os.path.isdir(f"{root}/{t['data']}")
    p = subprocess.run(["nice", "-n", "15", sys.executable] + t["command"].split(), cwd=root, capture_output=True, text=True)
    last = (p.stdout.strip().splitlines() or [""])[-1]
    if m := re.findall(r"(\d+(?:\.\d+)?)\s*%", last): a = float(m[0])
    elif m := re.findall(r"(\d+)\s*/\s*(\d+)", last): a = 100 * int(m[-1][0]) / int(m[-1][1])
    elif m := re.findall(r"\d*\.\d+", last): a = 100 * float(m[-1])
    else: a = -1
    done += 1
    if abs(a - t["accuracy_as_written"]) > 0.3 or t["sound"] != (abs(t["accuracy_as_written"] - t["accuracy_matched"]) < 0.6):
        bad += 1; print(t["command"], t["kind"], t["accuracy_as_written"], "now", a, p.stderr[-300:] if a < 0 else "", flush=True)
print(done, "run,", bad, "differ")
