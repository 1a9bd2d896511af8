"""One run of one peer, as a process of its own: `vrp_run.py PEER FILE SECONDS SEED OUT`.

Writes the plan into OUT and prints {"wall_s", "cpu_s", "cost"}: time of the peer's own call
(importing and reading are not in it, building the peer's model and searching are), and the cost
as the peer counts it, in the problem's unit."""

import json
import sys
import time
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import numpy as np
import vrp_files

# What PyVRP earns for a job that need not be served; either is more than any detour costs. The
# first leaves fewer out in a short run, but exceeds what PyVRP charges for an overload at most
# (10^5 a unit), so that now and then its best plan is an overloaded one. The second is safe.
PRIZES = {"pyvrp": 10**6, "pyvrp-p50k": 50_000}
# VROOM's default: as thorough as its time lets it be.
EXPLORATION = 5


def pyvrp_plan(problem: dict, prize: int, seconds: float, seed: int) -> tuple:
    """A vehicle type for each kind of vehicle, a profile for each matrix and set of skills; open
    routes end at a place that is nowhere."""
    import pyvrp

    kinds = defaultdict(list)
    for number, vehicle in enumerate(problem["vehicles"]):
        kinds[json.dumps({**vehicle, "id": 0, "description": ""}, sort_keys=True)].append(number)
    samples = [problem["vehicles"][numbers[0]] for numbers in kinds.values()]
    profiles = sorted({pyvrp_profile(vehicle) for vehicle in samples})
    distances, durations = zip(*(pyvrp_legs(problem, *profile) for profile in profiles))
    nowhere = len(durations[0]) - 1
    ends = [(vehicle["start_index"], vehicle.get("end_index", nowhere)) for vehicle in samples]
    places = sorted({place for pair in ends for place in pair})
    data = pyvrp.ProblemData(
        pyvrp_locations(problem, nowhere + 1),
        [pyvrp_client(job, prize) for job in problem["jobs"]],
        [pyvrp.Depot(location=place) for place in places],
        [
            pyvrp_type(vehicle, len(numbers), [places.index(place) for place in pair], profiles)
            for vehicle, numbers, pair in zip(samples, kinds.values(), ends)
        ],
        distances,
        durations,
    )
    stop = pyvrp.stop.MaxRuntime(seconds)
    best = pyvrp.solve(data, stop, seed=seed, collect_stats=False, display=False).best
    free = [list(numbers) for numbers in kinds.values()]
    plan = [
        (free[route.vehicle_type()].pop(0), [step.idx for step in route if step.is_client()])
        for route in best.routes()
    ]
    return plan, best.distance_cost()


def pyvrp_profile(vehicle: dict) -> tuple:
    return vehicle.get("profile", "car"), tuple(sorted(vehicle.get("skills", [])))


def pyvrp_legs(problem: dict, matrix: str, skills: tuple) -> tuple:
    """Costs and durations of a profile: where it may not go costs what PyVRP's own reader lets
    it cost; the last place is nowhere."""
    from pyvrp.constants import MAX_VALUE

    durations = np.pad(np.array(problem["matrices"][matrix]["durations"], dtype=np.int64), (0, 1))
    costs = durations.copy()
    for job in problem["jobs"]:
        if not set(job.get("skills", [])) <= set(skills):
            place = job["location_index"]
            costs[place, :] = costs[:, place] = MAX_VALUE
    np.fill_diagonal(costs, 0)
    return costs, durations


def pyvrp_type(vehicle: dict, count: int, depots: list, profiles: list):
    """So many equal vehicles."""
    import pyvrp
    from pyvrp.constants import MAX_VALUE

    opens, closes = vehicle.get("time_window", (0, MAX_VALUE))
    return pyvrp.VehicleType(
        num_available=count,
        capacity=vehicle["capacity"],
        start_depot=depots[0],
        end_depot=depots[1],
        tw_early=opens,
        tw_late=closes,
        profile=profiles.index(pyvrp_profile(vehicle)),
    )


def pyvrp_locations(problem: dict, count: int) -> list:
    """Where the places are: PyVRP wants it, and measures by the matrices."""
    import pyvrp

    known = {job["location_index"]: job.get("location", (0, 0)) for job in problem["jobs"]}
    return [pyvrp.Location(*map(float, known.get(place, (0, 0)))) for place in range(count)]


def pyvrp_client(job: dict, prize: int):
    """A job; without a prize it must be served. Several windows would need a client for each."""
    import pyvrp
    from pyvrp.constants import MAX_VALUE

    [(opens, closes)] = job.get("time_windows", [(0, MAX_VALUE)])
    return pyvrp.Client(
        location=job["location_index"],
        delivery=job["delivery"],
        service_duration=job.get("service", 0),
        tw_early=opens,
        tw_late=closes,
        prize=prize,
        required=prize == 0,
    )


def vroom_plan(problem: dict, seconds: float) -> tuple:
    """VROOM takes no seed."""
    import vroom

    model = vroom.Input()
    model._from_json(json.dumps(problem), False)
    limit = timedelta(seconds=seconds)
    answer = model.solve(exploration_level=EXPLORATION, nb_threads=1, timeout=limit).to_dict()
    jobs = {job["id"]: number for number, job in enumerate(problem["jobs"])}
    vehicles = {vehicle["id"]: number for number, vehicle in enumerate(problem["vehicles"])}
    plan = [
        (
            vehicles[route["vehicle"]],
            [jobs[step["id"]] for step in route["steps"] if step["type"] == "job"],
        )
        for route in answer["routes"]
    ]
    return plan, answer["summary"]["cost"]


def main(peer: str, file: str, seconds: str, seed: str, out: str) -> None:
    path = Path(file)
    problem = vrp_files.read(path, few_vehicles=peer == "vroom")
    __import__(peer.split("-")[0])
    wall, cpu = time.perf_counter(), time.process_time()
    if peer == "vroom":
        plan, cost = vroom_plan(problem, float(seconds))
    else:
        prize = 0 if vrp_files.must_serve_all(path) else PRIZES[peer]
        plan, cost = pyvrp_plan(problem, prize, float(seconds), int(seed))
    spent = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
    spent["cost"] = int(cost)
    Path(out).write_text(vrp_files.write_plan(path, problem, plan))
    print(json.dumps(spent))


if __name__ == "__main__":
    main(*sys.argv[1:])
