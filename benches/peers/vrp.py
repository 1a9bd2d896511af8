#!/usr/bin/env python3
"""PyVRP, VROOM and `vrp` one after the other on one core: the same instances, the same seconds.

Every plan is written to a file and judged by `vrp check`, which shares nothing with any of the
three. A table on standard output, a row for each run in a CSV file. See benches/README.md."""

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import vrp_files

ROOT = Path(__file__).resolve().parents[2]
SOLVERS = ["ours", "pyvrp", "pyvrp-p50k", "vroom"]
# A peer may overrun its seconds this many times, and by this many seconds, before it has failed.
PATIENCE, GRACE_S = 10, 60
# A job more than the reference leaves out counts as an hour of travel, as in `vrp bench`.
LEFT_OUT_COST = 3600
COLUMNS = [
    "solver",
    "class",
    "instance",
    "n",
    "seed",
    "seconds",
    "cost",
    "reference_cost",
    "gap_pct",
    "unassigned",
    "reference_unassigned",
    "vehicles",
    "feasible",
    "wall_s",
    "cpu_s",
]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path, help="instances, or folders of them")
    parser.add_argument("--seconds", type=float, default=1, help="for each search [1]")
    parser.add_argument("--seeds", type=int, default=1, help="runs with seeds 1, 2, ... [1]")
    parser.add_argument("--core", type=int, default=0, help="the core that all run on [0]")
    parser.add_argument("--solvers", default=",".join(SOLVERS), help="which [%(default)s]")
    parser.add_argument("--vrp", type=Path, default=ROOT / "target/release/vrp", help="the program")
    parser.add_argument("--csv", type=Path, help="a row for each run")
    found = parser.parse_args()
    found.solvers = found.solvers.split(",")
    if unknown := set(found.solvers) - set(SOLVERS):
        parser.error(f"no solver {', '.join(unknown)}; there are {', '.join(SOLVERS)}")
    if not found.vrp.exists():
        parser.error(f"no {found.vrp}; cargo build --release -p logistics-benches --bin vrp")
    return found


def references(folder: Path) -> dict:
    """What bks.csv and best.csv of a folder know, by instance."""
    known = {}
    for name in ["bks.csv", "best.csv"]:
        file = folder / name
        for row in csv.DictReader(file.open()) if file.exists() else []:
            known[row["instance"]] = {
                "class": row.get("class", "dispatch"),
                "reference_cost": float(row["cost"]),
                "reference_unassigned": int(row.get("unassigned") or 0),
            }
    return known


def instances(paths: list) -> list:
    """Files with their references. HFVRP files, whose routes are bound to vehicles by number,
    are passed over."""
    found = []
    for path in paths:
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.suffix in vrp_files.KINDS)
        else:
            files = [path]
        for file in files:
            known = references(file.parent).get(file.stem)
            if known is None:
                print(f"{file}: no reference cost, passed over", file=sys.stderr)
            elif known["class"] == "HFVRP":
                print(f"{file}: HFVRP is not compared, passed over", file=sys.stderr)
            else:
                found.append((file, known))
    return found


def solve(options, solver: str, file: Path, seed: int, plan: Path) -> dict | None:
    """Wall and processor time, and the cost by the solver's own account; the plan is in the
    file. None if it came to no plan."""
    seconds = str(options.seconds)
    if solver == "ours":
        command = [options.vrp, "solve", file, "--seconds", seconds, "--seed", str(seed)]
        command += ["--out", plan]
    else:
        script = Path(__file__).with_name("vrp_run.py")
        command = [sys.executable, script, solver, file, seconds, str(seed), plan]
    before = children_cpu_s()
    limit = options.seconds * PATIENCE + GRACE_S
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        print(f"{solver}, {file.name}: no answer in {limit:.0f} s", file=sys.stderr)
        return None
    whole = children_cpu_s() - before
    if not plan.exists():
        print(f"{solver}, {file.name}: {done.stderr.strip()}", file=sys.stderr)
        return None
    spent = json.loads(done.stdout.splitlines()[-1])
    return {name: spent.get(name, whole) for name in ["wall_s", "cpu_s", "cost"]}


def children_cpu_s() -> float:
    """Processor time of all processes that are over."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def check(options, file: Path, plan: Path) -> dict:
    """What the checker says of a plan: complaints go to standard error."""
    done = subprocess.run([options.vrp, "check", file, plan], capture_output=True, text=True)
    if done.returncode == 2:
        sys.exit(f"{plan}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def run(options, solver: str, file: Path, known: dict, seed: int) -> dict:
    """One row."""
    row = {"solver": solver, "instance": file.stem, "seed": seed, "seconds": options.seconds}
    row |= known | {"feasible": False}
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder) / ("plan.json" if file.suffix == ".json" else "plan.sol")
        spent = solve(options, solver, file, seed, plan)
        if spent is None:
            return row
        said = check(options, file, plan)
    own_cost = spent.pop("cost") / (1 if solver == "ours" else vrp_files.unit(file))
    if abs(own_cost - said["cost"]) > 0.01:
        both = f"counts {own_cost}, the checker {said['cost']}"
        sys.exit(f"{solver}, {file.name}: {both}: it does not solve the problem of the file")
    told = ["n", "cost", "unassigned", "vehicles", "feasible"]
    row |= spent | {name: said[name] for name in told}
    if row["feasible"]:
        more = row["unassigned"] - known["reference_unassigned"]
        cost = row["cost"] + more * LEFT_OUT_COST
        row["gap_pct"] = (cost / known["reference_cost"] - 1) * 100
    return row


def solvers(options, file: Path) -> list:
    """Prizes are for jobs that may be left out; elsewhere the second prize is no other run."""
    second = not vrp_files.must_serve_all(file)
    return [solver for solver in options.solvers if second or solver != "pyvrp-p50k"]


def mean(values: list) -> str:
    return f"{sum(values) / len(values):.3f}" if values else "-"


def table(rows: list) -> None:
    """A line for each class and solver, over instances and seeds alike."""
    heads = ["class", "solver", "runs", "failed", "mean %", "worst %", "of (seed)"]
    heads += ["left out", "reference", "wall s", "worst", "cpu s"]
    widths = [9, 10, 5, 6, 8, 8, 24, 8, 9, 7, 7, 7]
    print("  ".join(f"{head:<{width}}" for head, width in zip(heads, widths)))
    for group, solver in sorted({(row["class"], row["solver"]) for row in rows}):
        own = [row for row in rows if (row["class"], row["solver"]) == (group, solver)]
        good = [row for row in own if "gap_pct" in row]
        worst = max(good, key=lambda row: row["gap_pct"], default=None)
        walls = [row["wall_s"] for row in own if "wall_s" in row]
        cells = [group, solver, len(own), len(own) - len(good)]
        cells += [mean([row["gap_pct"] for row in good])]
        if worst:
            cells += [f"{worst['gap_pct']:.3f}", f"{worst['instance']} ({worst['seed']})"]
        else:
            cells += ["-", "-"]
        cells += [sum(row["unassigned"] for row in good)]
        cells += [sum(row["reference_unassigned"] for row in good)]
        cells += [mean(walls), f"{max(walls):.3f}" if walls else "-"]
        cells += [mean([row["cpu_s"] for row in own if "cpu_s" in row])]
        print("  ".join(f"{cell!s:<{width}}" for cell, width in zip(cells, widths)))


def main() -> None:
    options = arguments()
    os.sched_setaffinity(0, {options.core})
    sample = instances(options.files)
    if not sample:
        sys.exit("no instance with a reference cost")
    out = options.csv.open("w", newline="") if options.csv else open(os.devnull, "w")
    rows = []
    with out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        for file, known in sample:
            for seed in range(1, options.seeds + 1):
                for solver in solvers(options, file):
                    rows.append(run(options, solver, file, known, seed))
                    writer.writerow(rows[-1])
                    out.flush()
                    print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    table(rows)


if __name__ == "__main__":
    main()
