//! Standard files: small ones that are read right, and broken ones that are refused with
//! the line or field.

use logistics_dispatch::formats::{Format, FormatError, Instance};
use logistics_dispatch::{
    Control, Cost, Half, JobIndex, Solution, SolveOptions, check, savings, solve,
};

fn refusal(text: &str, format: Format) -> String {
    let error = Instance::parse(text, format).map(|_| ()).expect_err("must be refused");
    let mut line = error.to_string();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(&error);
    while let Some(next) = cause {
        line = format!("{line}: {next}");
        cause = next.source();
    }
    line
}

const CVRP: &str = "NAME : tiny\nTYPE : CVRP\nDIMENSION : 4\nEDGE_WEIGHT_TYPE : EUC_2D\n\
CAPACITY : 10\nNODE_COORD_SECTION\n1 0 0\n2 3 4\n3 6 8\n4 0 1.6\n\
DEMAND_SECTION\n1 0\n2 5\n3 5\n4 6\nDEPOT_SECTION\n1\n-1\nEOF\n";

#[test]
fn cvrp_rounds_legs_to_the_nearest_and_has_no_end_of_vehicles() {
    let instance = Instance::parse(CVRP, Format::Vrplib).unwrap();
    assert_eq!(Format::detect(CVRP), Some(Format::Vrplib));
    assert_eq!(instance.problem.vehicles().len(), 3);
    let plan = savings(&instance.problem);
    let verdict = check(&instance.problem, &plan);
    assert!(verdict.is_feasible());
    assert_eq!(verdict.cost(), Cost(20 + 4));
    assert_eq!(instance.write_solution(&plan).lines().last().unwrap(), "Cost 24");
    let text = "Route #1: 1 2\nRoute #2: 3\nCost 24\n";
    assert_eq!(check(&instance.problem, &instance.parse_solution(text).unwrap()).cost(), Cost(24));
}

#[test]
fn explicit_matrices_are_read() {
    let text = CVRP.replace("EUC_2D", "EXPLICIT\nEDGE_WEIGHT_FORMAT : LOWER_ROW").replace(
        "NODE_COORD_SECTION\n1 0 0\n2 3 4\n3 6 8\n4 0 1.6\n",
        "EDGE_WEIGHT_SECTION\n7\n8 9 1\n2 3\n",
    );
    let instance = Instance::parse(&text, Format::Vrplib).unwrap();
    let text = "Route #1: 1 2\nRoute #2: 3\n";
    let plan = instance.parse_solution(text).unwrap();
    assert_eq!(check(&instance.problem, &plan).cost(), Cost(7 + 9 + 8 + 1 + 1));
}

#[test]
fn hfvrp_has_a_vehicle_per_row_and_exact_costs() {
    let text = CVRP.replace("CVRP", "HFVRP\nVEHICLES : 2").replace("CAPACITY : 10\n", "").replace(
        "DEPOT_SECTION",
        "CAPACITY_SECTION\n1 6\n2 10\nVEHICLES_FIXED_COST_SECTION\n1 250\n2 0\n\
             VEHICLES_UNIT_DISTANCE_COST_SECTION\n1 59\n2 100\nDEPOT_SECTION",
    );
    let instance = Instance::parse(&text, Format::Vrplib).unwrap();
    let plan = instance.parse_solution("Route #1: 3\nRoute #2: 1 2\nCost 1\n").unwrap();
    let verdict = check(&instance.problem, &plan);
    assert!(verdict.is_feasible(), "{:?}", verdict.violations);
    // 2.50 + 0.59 × 3.2 + 1.00 × 20.
    assert_eq!(instance.display_cost(verdict.cost()), "24.38800");
    let lines = instance.write_solution(&plan);
    assert_eq!(lines, "Route #1: 3\nRoute #2: 1 2\nCost 24.38800\n");
}

const SOLOMON: &str = "TINY\n\nVEHICLE\nNUMBER     CAPACITY\n  2         10\n\nCUSTOMER\n\
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME\n\n\
0 0 0 0 0 100 0\n1 1 1 5 0 50 10\n2 2 2 5 30 60 10\n3 0 3 6 0 90 10\n";

#[test]
fn solomon_counts_tenths_and_truncates() {
    let instance = Instance::parse(SOLOMON, Format::Solomon).unwrap();
    assert_eq!(Format::detect(SOLOMON), Some(Format::Solomon));
    assert_eq!(instance.name, "TINY");
    assert_eq!(instance.problem.vehicles().len(), 2);
    let plan = instance.parse_solution("Route #1: 1 2\nRoute #2: 3\nCost 11.6\n").unwrap();
    let verdict = check(&instance.problem, &plan);
    assert!(verdict.is_feasible());
    assert_eq!(instance.display_cost(verdict.cost()), "11.6");
    let missing = instance.parse_solution("Route #1: 1 2\n").unwrap();
    assert_eq!(missing.unassigned, [JobIndex::new(2)]);
    assert!(instance.must_serve_all());
}

#[test]
fn broken_text_files_are_refused_with_the_line() {
    let vrplib = |from: &str, to: &str| refusal(&CVRP.replace(from, to), Format::Vrplib);
    let solomon = |from: &str, to: &str| refusal(&SOLOMON.replace(from, to), Format::Solomon);
    for (message, expected) in [
        (vrplib("2 3 4", "2 3 x"), "line 8: expected a number, found \"x\""),
        (vrplib("2 3 4", "3 3 4"), "line 8: expected rows numbered from 1 in order, found \"3\""),
        (vrplib("3 6 8\n", ""), "line 9: expected rows numbered from 1 in order, found \"4\""),
        (vrplib("EUC_2D", "GEO"), "EDGE_WEIGHT_TYPE GEO is not supported (line 4)"),
        (vrplib("CVRP", "PDTSP"), "TYPE PDTSP is not supported (line 2)"),
        (vrplib("CAPACITY : 10\n", ""), "CAPACITY is missing"),
        (vrplib("-1\nEOF", "2\n-1\nEOF"), "more than one depot is not supported"),
        (
            vrplib("DEPOT_SECTION", "TIME_WINDOW_SECTION"),
            "TIME_WINDOW_SECTION is not supported (line 16)",
        ),
        (
            vrplib("DIMENSION : 4", "DIMENSION : 5"),
            "a DEMAND_SECTION with a row per node is missing",
        ),
        (vrplib("DIMENSION : 4", "DIMENSION : -4"), "line 3: expected a count, found \"-4\""),
        (vrplib("4 6\n", "4 -6\n"), "inconsistent problem: job \"3\": delivery is -6, outside"),
        (solomon("2 2 2 5", "2 2 2"), "line 12: expected seven numbers"),
        (solomon("2 2 2 5", "7 2 2 5"), "line 12: expected customers numbered from 0 in order"),
        (solomon("CUSTOMER", "CUSTOMERS!"), "line 7: expected a row of numbers or a known heading"),
        (solomon("  2         10", "  2"), "line 5: expected vehicles and capacity"),
        (
            solomon("0 50 10", "60 50 10"),
            "inconsistent problem: job \"1\": time window ends before",
        ),
    ] {
        assert!(message.starts_with(expected), "{message}");
    }
    assert!(matches!(Instance::parse("", Format::Vrplib), Err(FormatError::Missing(_))));
    assert!(matches!(Instance::parse("", Format::Solomon), Err(FormatError::Missing(_))));
    let instance = Instance::parse(CVRP, Format::Vrplib).unwrap();
    for broken in ["Route #1: 0\n", "Route #1: a\n", "Route 1\n", "what is this\n"] {
        assert!(matches!(instance.parse_solution(broken), Err(FormatError::Line { line: 1, .. })));
    }
}

const VROOM: &str = r#"{
 "vehicles": [
  {"id": 1, "start_index": 0, "end_index": 0, "capacity": [4], "skills": [1, 14],
   "time_window": [28800, 43200], "description": "Asha"},
  {"id": 2, "profile": "bike", "start_index": 3, "capacity": [4], "max_tasks": 4,
   "costs": {"fixed": 5}, "breaks": []}],
 "jobs": [
  {"id": 14, "service": 300, "delivery": [1], "location_index": 1, "skills": [1], "location": [1.98, 48.69]},
  {"id": 15, "service": 300, "pickup": [1], "location_index": 2,
   "time_windows": [[32400, 36000], [0, 30000]], "priority": 7}],
 "matrices": {
  "car": {"durations": [[0, 100, 200, 300], [100, 0, 100, 200], [200, 100, 0, 100], [300, 200, 100, 0]]},
  "bike": {"durations": [[0, 200, 400, 600], [200, 0, 200, 400], [400, 200, 0, 200], [600, 400, 200, 0]]}}
}"#;

#[test]
fn vroom_problems_are_solved_and_their_solutions_read_back() {
    let instance = Instance::parse(VROOM, Format::Vroom).unwrap();
    assert_eq!(Format::detect(VROOM), Some(Format::Vroom));
    let options = SolveOptions { seed: 1, iterations: 500 };
    let plan = solve(&instance.problem, &options, &mut |_| Control::Continue).solution;
    let verdict = check(&instance.problem, &plan);
    assert!(verdict.is_feasible());
    assert_eq!(verdict.cost(), Cost(400));
    let text = instance.write_solution(&plan);
    assert_eq!(instance.parse_solution(&text).unwrap(), plan);
    let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(answer["code"], 0);
    assert_eq!(answer["summary"]["cost"], 400);
    assert_eq!(answer["summary"]["service"], 600);
    assert_eq!(answer["routes"][0]["vehicle"], 1);
    assert_eq!(answer["routes"][0]["description"], "Asha");
    let steps = answer["routes"][0]["steps"].as_array().unwrap();
    let kinds: Vec<&str> = steps.iter().map(|step| step["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["start", "job", "job", "end"]);
    assert_eq!(steps[0]["load"], serde_json::json!([1]));
    assert_eq!(steps[3]["load"], serde_json::json!([1]));
    assert_eq!(steps[3]["duration"], 400);
}

const SHIPMENTS: &str = r#"{
 "vehicles": [{"id": 1, "start_index": 0, "capacity": [2], "skills": [3]}],
 "jobs": [{"id": 7, "location_index": 2, "delivery": [1]}],
 "shipments": [{"amount": [1], "skills": [3], "priority": 5,
   "pickup": {"id": 7, "location_index": 1, "service": 60, "description": "kitchen"},
   "delivery": {"id": 7, "location_index": 3, "time_windows": [[0, 900]]}}],
 "matrices": {"car": {"durations":
   [[0, 100, 200, 300], [100, 0, 100, 200], [200, 100, 0, 100], [300, 200, 100, 0]]}}
}"#;

#[test]
fn vroom_shipments_are_pairs_and_ids_are_unique_by_kind() {
    let instance = Instance::parse(SHIPMENTS, Format::Vroom).unwrap();
    let [job, pickup, delivery] = [0, 1, 2].map(JobIndex::new);
    assert_eq!(instance.problem.half(pickup), Some(Half::Pickup { delivery }));
    let options = SolveOptions { seed: 1, iterations: 500 };
    let plan = solve(&instance.problem, &options, &mut |_| Control::Continue).solution;
    assert_eq!(plan.routes[0].jobs, [pickup, job, delivery]);
    let text = instance.write_solution(&plan);
    assert_eq!(instance.parse_solution(&text).unwrap(), plan);
    let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
    let steps = answer["routes"][0]["steps"].as_array().unwrap();
    let part = |key: &str| -> Vec<_> { steps.iter().map(|step| step[key].clone()).collect() };
    assert_eq!(part("type"), ["start", "pickup", "job", "delivery"]);
    assert_eq!(part("load"), [[1], [2], [1], [0]].map(serde_json::Value::from));
    assert_eq!(steps[1]["description"], "kitchen");
    let nobody = Solution { routes: vec![], unassigned: vec![job, pickup, delivery] };
    let text = instance.write_solution(&nobody);
    assert_eq!(instance.parse_solution(&text).unwrap(), nobody);
    let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(answer["unassigned"][2]["type"], "delivery");
}

#[test]
fn vroom_rates_per_hour_and_km_are_exact() {
    let with = |costs: &str| {
        VROOM
            .replace("\"description\": \"Asha\"", costs)
            .replace("300, 200, 100, 0]]},", "300, 200, 100, 0]], \"distances\": [[0, 1500, 3000, 4500], [1500, 0, 1500, 3000], [3000, 1500, 0, 1500], [4500, 3000, 1500, 0]]},")
    };
    let text = with(r#""costs": {"fixed": 3, "per_hour": 18, "per_km": 7}"#);
    let instance = Instance::parse(&text, Format::Vroom).unwrap();
    let answer = r#"{"routes": [{"vehicle": 1, "steps": [{"type": "job", "id": 14}]}]}"#;
    let plan = instance.parse_solution(answer).unwrap();
    // 3 + 200 s at 18 an hour + 3 km at 7.
    assert_eq!(instance.display_cost(check(&instance.problem, &plan).cost()), "25");
    assert_eq!(plan.unassigned, [JobIndex::new(1)]);
    assert!(!instance.must_serve_all());
}

#[test]
fn vroom_without_a_matrix_goes_by_great_circles() {
    let text = r#"{"vehicles": [{"id": 1, "profile": "bike", "start": [73.8, 18.0]}],
                   "jobs": [{"id": 1, "location": [73.8, 18.01]}]}"#;
    let instance = Instance::parse(text, Format::Vroom).unwrap();
    let plan = savings(&instance.problem);
    assert_eq!(check(&instance.problem, &plan).cost(), Cost(300));
    let answer: serde_json::Value = serde_json::from_str(&instance.write_solution(&plan)).unwrap();
    assert_eq!(answer["routes"][0]["distance"], 1501);
    assert_eq!(answer["routes"][0]["steps"][1]["location"], serde_json::json!([73.8, 18.01]));
}

#[test]
fn what_vroom_knows_and_this_crate_does_not_is_refused_by_name() {
    let with = |from: &str, to: &str| refusal(&VROOM.replace(from, to), Format::Vroom);
    let brk = r#""breaks": [{"id": 1, "time_windows": [[0, 9]], "max_load": [1]}]"#;
    for (message, expected) in [
        (with("\"breaks\": []", brk), "vehicles[1].breaks[0].max_load is not supported"),
        (
            with("\"breaks\": []", "\"speed_factor\": 1.5"),
            "vehicles[1].speed_factor is not supported",
        ),
        (with("\"breaks\": []", "\"steps\": [{}]"), "vehicles[1].steps is not supported"),
        (
            with("\"fixed\": 5", "\"per_task_hour\": 5"),
            "vehicles[1].costs.per_task_hour is not supported",
        ),
        (
            with("\"service\": 300, \"pickup\"", "\"setup\": 9, \"pickup\""),
            "jobs[1].setup is not supported",
        ),
        (
            with("\"jobs\"", "\"shipments\": [{}], \"jobs\""),
            "shipments[0].pickup: expected an object",
        ),
        (
            with("\"profile\": \"bike\"", "\"profile\": \"boat\""),
            "vehicles[1].profile: expected a profile",
        ),
        (with("\"id\": 15", "\"id\": \"x\""), "jobs[1].id: expected a whole number from 0"),
        (
            with("\"location_index\": 2", "\"location\": [1, 2]"),
            "jobs[1].location_index: expected a row",
        ),
        (
            with("\"location_index\": 2", "\"location_index\": 9"),
            "inconsistent problem: job \"15\": location",
        ),
        (with("[0, 30000]", "[0]"), "jobs[1].time_windows: expected [start, end] in seconds"),
        (
            with("[[0, 100, ", "[[0, -100, "),
            "matrices.car.durations is not a usable matrix: cell 0 to 1",
        ),
        (
            with("[[0, 100, 200, ", "[[0, 100, "),
            "matrices.car.durations is not a usable matrix: row 0",
        ),
        (with("\"priority\": 7", "\"priority\": 700"), "jobs[1].priority: expected 0 to 100"),
        (with("\"capacity\": [4], \"max", "\"max"), "vehicles[1].capacity: expected as many"),
        (with("\"vehicles\"", "\"matrix\": [[0]], \"vehicles\""), "matrix is not supported"),
    ] {
        assert!(message.starts_with(expected), "{message}");
    }
    assert!(refusal("{", Format::Vroom).starts_with("not JSON: EOF"));
    assert!(refusal("[]", Format::Vroom).ends_with(": expected an object"));
}

const RESTED: &str = r#"{
 "vehicles": [{"id": 1, "start_index": 0, "end_index": 0, "breaks": [
   {"id": 6, "service": 50, "time_windows": [[600, 700]], "description": "tea"},
   {"id": 5, "service": 300, "time_windows": [[250, 260], [90, 190]]}]}],
 "jobs": [{"id": 7, "location_index": 1, "service": 10}, {"id": 8, "location_index": 2}],
 "matrices": {"car": {
   "durations": [[0, 100, 200], [100, 0, 120], [200, 120, 0]],
   "distances": [[0, 1000, 2000], [1000, 0, 1200], [2000, 1200, 0]]}}
}"#;

#[test]
fn vroom_breaks_are_steps_of_the_answer() {
    let instance = Instance::parse(RESTED, Format::Vroom).unwrap();
    let breaks: Vec<&str> =
        instance.problem.vehicles()[0].breaks.iter().map(|rest| rest.id.as_str()).collect();
    assert_eq!(breaks, ["5", "6"], "by their first windows");
    let answer = r#"{"routes": [{"vehicle": 1, "steps": [{"type": "start"},
        {"type": "break", "id": 5}, {"type": "job", "id": 7}, {"type": "job", "id": 8}]}]}"#;
    let plan = instance.parse_solution(answer).unwrap();
    assert!(check(&instance.problem, &plan).is_feasible());
    let text = instance.write_solution(&plan);
    assert_eq!(instance.parse_solution(&text).unwrap(), plan);
    let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
    let route = &answer["routes"][0];
    let steps = route["steps"].as_array().unwrap();
    let part = |key: &str| -> Vec<_> { steps.iter().map(|step| step[key].clone()).collect() };
    // The first may begin at 110 s too, but at 250 s both jobs are done, and the end is the
    // same. Both are on the way back.
    assert_eq!(part("type"), ["start", "job", "job", "break", "break", "end"]);
    assert_eq!(part("arrival"), [0, 100, 230, 250, 600, 780].map(serde_json::Value::from));
    assert_eq!(part("duration"), [0, 100, 220, 240, 290, 420].map(serde_json::Value::from));
    assert_eq!(part("distance"), [0, 1000, 2200, 2400, 2900, 4200].map(serde_json::Value::from));
    assert_eq!((&steps[4]["description"], &steps[4]["service"]), (&"tea".into(), &50.into()));
    assert_eq!((&route["service"], &route["waiting_time"]), (&360.into(), &0.into()));
}
