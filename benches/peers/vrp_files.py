"""Instances as VROOM's JSON problem, whatever file they come from, and plans in the notation of
the file. A plan is a list of (number of the vehicle, [numbers of the jobs]), both from 0."""

import json
import math
from pathlib import Path

import numpy as np
import vrplib

KINDS = {".vrp": "vrplib", ".txt": "solomon", ".json": "vroom"}


def kind(path: Path) -> str:
    """Whose notation, by the name's ending."""
    return KINDS[path.suffix]


def must_serve_all(path: Path) -> bool:
    """VRPLIB and Solomon files want every customer served."""
    return kind(path) != "vroom"


def unit(path: Path) -> int:
    """How many units of the problem are one of the file's cost."""
    return 10 if kind(path) == "solomon" else 1


def read(path: Path, few_vehicles: bool = False) -> dict:
    """The problem. `few_vehicles`: an unlimited fleet is a tenth more than the load needs, and
    two; without it, one for each customer."""
    if kind(path) == "vroom":
        return json.loads(path.read_text())
    if kind(path) == "solomon":
        return solomon(vrplib.read_instance(path, instance_format="solomon"))
    return cvrp(vrplib.read_instance(path), few_vehicles)


def cvrp(file: dict, few_vehicles: bool) -> dict:
    """Legs rounded to the nearest integer."""
    if file["type"] != "CVRP":
        raise ValueError(f"type {file['type']} is not compared, CVRP is")
    demand, capacity = file["demand"], int(file["capacity"])
    fleet = len(demand) - 1
    if few_vehicles:
        fleet = min(fleet, math.ceil(demand.sum() / capacity * 1.1) + 2)
    legs = np.floor(file["edge_weight"] + 0.5).astype(np.int64)
    jobs = [
        {"id": number, "location_index": number, "delivery": [int(demand[number])]}
        for number in range(1, len(demand))
    ]
    return problem(jobs, fleet, capacity, None, legs)


def solomon(file: dict) -> dict:
    """Legs times ten and truncated, as in the 12th DIMACS challenge; times times ten."""
    legs = np.floor(file["edge_weight"] * 10 + 1e-9).astype(np.int64)
    windows = (file["time_window"] * 10).astype(np.int64).tolist()
    demand, service = file["demand"].tolist(), (file["service_time"] * 10).tolist()
    jobs = [
        {
            "id": number,
            "location_index": number,
            "delivery": [int(demand[number])],
            "service": int(service[number]),
            "time_windows": [windows[number]],
        }
        for number in range(1, len(demand))
    ]
    return problem(jobs, int(file["vehicles"]), int(file["capacity"]), windows[0], legs)


def problem(jobs: list, fleet: int, capacity: int, shift: list | None, legs: np.ndarray) -> dict:
    """Equal vehicles from place 0 back to it."""
    vehicle = {"start_index": 0, "end_index": 0, "capacity": [capacity], "profile": "car"}
    if shift is not None:
        vehicle["time_window"] = shift
    vehicles = [{"id": number, **vehicle} for number in range(1, fleet + 1)]
    matrices = {"car": {"durations": legs.tolist()}}
    return {"jobs": jobs, "vehicles": vehicles, "matrices": matrices}


def write_plan(path: Path, problem: dict, plan: list) -> str:
    """The plan as `vrp check` reads it."""
    jobs, vehicles = problem["jobs"], problem["vehicles"]
    if kind(path) != "vroom":
        lines = [
            f"Route #{number}: {' '.join(str(jobs[job]['id']) for job in route)}\n"
            for number, (_, route) in enumerate(plan, 1)
        ]
        return "".join(lines)
    served = {job for _, route in plan for job in route}
    routes = [
        {
            "vehicle": vehicles[vehicle]["id"],
            "steps": [{"type": "job", "id": jobs[job]["id"]} for job in route],
        }
        for vehicle, route in plan
    ]
    missing = [{"id": job["id"]} for number, job in enumerate(jobs) if number not in served]
    return json.dumps({"routes": routes, "unassigned": missing})
