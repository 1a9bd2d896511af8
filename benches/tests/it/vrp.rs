//! The program `vrp` as a stranger calls it: files in, lines and exit codes out.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

/// Eight customers on a ring around the depot.
pub(crate) fn cvrp() -> String {
    let ring = [(9, 0), (7, 7), (0, 9), (-7, 7), (-9, 0), (-7, -7), (0, -9), (7, -7)];
    let mut text = "NAME : ring\nTYPE : CVRP\nDIMENSION : 9\nEDGE_WEIGHT_TYPE : EUC_2D\n\
                    CAPACITY : 4\nNODE_COORD_SECTION\n1 0 0\n"
        .to_owned();
    for (node, (x, y)) in (2..).zip(ring) {
        text += &format!("{node} {x} {y}\n");
    }
    text += "DEMAND_SECTION\n1 0\n";
    for node in 2..10 {
        text += &format!("{node} 1\n");
    }
    text + "DEPOT_SECTION\n1\n-1\nEOF\n"
}

/// Two customers, one vehicle, and time for one of them.
const SOLOMON: &str = "late\nVEHICLE\nNUMBER CAPACITY\n1 10\nCUSTOMER\nCUST NO.\n\
0 0 0 0 0 100 0\n1 10 0 1 0 20 10\n2 -10 0 1 0 20 10\n";

pub(crate) const VROOM: &str = r#"{"vehicles": [{"id": 3, "start_index": 0, "time_window": [0, 500]}],
"jobs": [{"id": 7, "location_index": 1}, {"id": 8, "location_index": 1, "skills": [5]}],
"matrices": {"car": {"durations": [[0, 60], [60, 0]]}}}"#;

/// A file in a folder of this test run.
fn file(name: &str, text: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("vrp");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

pub(crate) fn vrp(args: &[&str], files: &[&PathBuf]) -> Output {
    let (command, options) = args.split_first().unwrap();
    Command::new(env!("CARGO_BIN_EXE_vrp")).arg(command).args(files).args(options).output().unwrap()
}

/// What was printed before the last line, and that line.
fn printed(output: &Output) -> (String, Value) {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let (plan, line) = text.trim_end().rsplit_once('\n').unwrap_or(("", text.trim_end()));
    (plan.to_owned(), serde_json::from_str(line).unwrap())
}

#[test]
fn solves_a_vrplib_file_and_checks_its_own_answer() {
    let problem = file("ring.vrp", &cvrp());
    let output = vrp(&["solve", "--iterations", "2000", "--seed", "3", "--bks", "60"], &[&problem]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let (plan, line) = printed(&output);
    assert!(plan.starts_with("Route #1: "));
    assert_eq!(line["instance"], "ring");
    assert_eq!(line["n"], 8);
    assert_eq!(line["vehicles"], 2);
    assert_eq!(line["unassigned"], 0);
    assert_eq!(line["feasible"], true);
    assert_eq!(line["iterations"], 2000);
    assert!(line["wall_s"].as_f64().unwrap() > 0.0);
    let cost = line["cost"].as_f64().unwrap();
    assert_eq!(plan.lines().last().unwrap(), format!("Cost {cost}"));
    let gap = line["gap_pct"].as_f64().unwrap();
    assert!((gap - (cost - 60.0) / 60.0 * 100.0).abs() < 1e-3);

    let again = vrp(&["solve", "--iterations", "2000", "--seed", "3"], &[&problem]);
    assert_eq!(printed(&again).0, plan);

    let solution = file("ring.sol", &plan);
    let checked = vrp(&["check"], &[&problem, &solution]);
    assert_eq!(checked.status.code(), Some(0));
    assert_eq!(printed(&checked).1["cost"], line["cost"]);
}

/// Customers with windows in no order, on more work than the vehicles can do.
fn scattered() -> String {
    let mut text = "scattered\nVEHICLE\nNUMBER CAPACITY\n8 100\nCUSTOMER\nCUST NO.\n\
                    0 500 500 0 0 4000 0\n"
        .to_owned();
    let mut state = 7_u64;
    let mut draw = |below: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for customer in 1..=120 {
        let (x, y, demand, open) = (draw(1_000), draw(1_000), 1 + draw(20), draw(3_000));
        text += &format!("{customer} {x} {y} {demand} {open} {} 10\n", open + 300);
    }
    text
}

#[test]
fn two_processes_find_the_same_plan() {
    let problem = file("scattered.txt", &scattered());
    let plan = |seed: &str| {
        let output = vrp(&["solve", "--iterations", "4000", "--seed", seed], &[&problem]);
        // The format wants all served, which nobody can.
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        printed(&output).0
    };
    let first = plan("1");
    assert!(first.lines().count() > 2, "{first}");
    assert_eq!(plan("1"), first);
    assert_ne!(plan("2"), first);
}

#[test]
fn threads_search_with_seeds_of_their_own_and_the_best_plan_counts() {
    let problem = file("threads.json", VROOM);
    let run = |options: &[&str]| {
        let output = vrp(&[&["solve", "--iterations", "200"], options].concat(), &[&problem]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        printed(&output)
    };
    let (plan, line) = run(&["--threads", "3"]);
    assert_eq!((&line["iterations"], &line["cost"]), (&600.into(), &60.into()));
    assert_eq!(run(&["--threads", "3"]).0, plan);
    assert_eq!(run(&[]).1["iterations"], 200);
}

#[test]
fn out_keeps_the_plan_off_the_output() {
    let problem = file("out.vrp", &cvrp());
    let target = problem.with_extension("sol");
    let output = vrp(&["savings", "--out", target.to_str().unwrap()], &[&problem]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let (before, line) = printed(&output);
    assert_eq!(before, "");
    assert_eq!(line["iterations"], 0);
    assert!(fs::read_to_string(target).unwrap().contains("Route #1:"));
}

#[test]
fn a_limit_in_seconds_is_the_wall_time_of_the_process() {
    let problem = file("timed.vrp", &cvrp());
    let output = vrp(&["solve", "--seconds", "0.3"], &[&problem]);
    let (_, line) = printed(&output);
    let wall = line["wall_s"].as_f64().unwrap();
    assert!((0.2..=0.5).contains(&wall), "{wall}");
    assert!(line["iterations"].as_u64().unwrap() > 1000);
}

#[test]
fn exit_code_1_when_a_customer_must_be_served_and_is_not() {
    let problem = file("late.txt", SOLOMON);
    let output = vrp(&["solve", "--iterations", "100"], &[&problem]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let (plan, line) = printed(&output);
    assert!(plan.ends_with("Cost 20.0"), "{plan}");
    assert_eq!(line["unassigned"], 1);
    assert_eq!(line["feasible"], false);
    // A VROOM problem may leave jobs out.
    let problem = file("skills.json", VROOM);
    let output = vrp(&["solve", "--iterations", "100"], &[&problem]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let (plan, line) = printed(&output);
    let plan: Value = serde_json::from_str(&plan).unwrap();
    assert_eq!(plan["unassigned"][0]["id"], 8);
    assert_eq!((&line["unassigned"], &line["cost"]), (&1.into(), &60.into()));
}

#[test]
fn exit_code_1_when_the_plan_checked_does_not_hold() {
    let problem = file("broken.vrp", &cvrp());
    let solution = file("broken.sol", "Route #1: 1 2 3 4 5\nRoute #2: 6 7 8\nCost 1\n");
    let output = vrp(&["check"], &[&problem, &solution]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(printed(&output).1["feasible"], false);
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(complaint, "vrp: vehicle 1: carries 1 too much of quantity 0\n");
}

#[test]
fn exit_code_2_and_a_line_that_says_where() {
    let good = file("good.vrp", &cvrp());
    for (name, text, place) in [
        ("word.vrp", cvrp().replace("2 9 0", "2 nine 0"), "line 8"),
        ("type.vrp", cvrp().replace(": CVRP", ": PDTSP"), "line 2"),
        ("prose.txt", "once upon a time".to_owned(), "--format"),
        ("json.json", VROOM.replace("\"skills\": [5]", "\"setup\": 5"), "jobs[1].setup"),
        ("cut.json", VROOM[..90].to_owned(), "line 2"),
    ] {
        let output = vrp(&["solve", "--iterations", "1"], &[&file(name, &text)]);
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(output.stdout.is_empty(), "{name}");
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert!(complaint.contains(place) && complaint.contains(name), "{complaint}");
    }
    let missing = PathBuf::from("/nonexistent/file.vrp");
    assert_eq!(vrp(&["solve"], &[&missing]).status.code(), Some(2));
    assert_eq!(vrp(&["check"], &[&good, &missing]).status.code(), Some(2));
    for options in [["--seconds", "-1"], ["--threads", "0"], ["--iterations", "x"]] {
        let output = vrp(&["solve", options[0], options[1]], &[&good]);
        assert_eq!(output.status.code(), Some(2), "{options:?}");
    }
}

#[test]
fn explains_what_is_left_out() {
    let problem = file("why.json", VROOM);
    let solution = file("why.solution.json", r#"{"routes": []}"#);
    let output = vrp(&["explain"], &[&problem, &solution]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        text,
        "job 7 is left out\n  vehicle 3 has room for it\n\
         job 8 is left out\n  vehicle 3 lacks skill 5\n2 of 2 jobs left out\n"
    );
    let output = vrp(&["explain", "--json"], &[&problem, &solution]);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["job"], &lines[1]["job"]), (&"7".into(), &"8".into()));
    let kept = &lines[1]["vehicles"][0];
    assert_eq!(kept["vehicle"], "3");
    let needed = serde_json::json!([{"kind": "skill", "skill": 5, "text": "lacks skill 5"}]);
    assert_eq!(kept["needs"], needed);
}

#[test]
fn explains_once_what_holds_for_several_vehicles_and_names_the_stop_that_would_be_late() {
    // Job 9 before job 7 makes that late by 40 s, after it comes 60 s late itself.
    let problem = r#"{"vehicles": [{"id": 3, "start_index": 0},
        {"id": 4, "start_index": 0, "time_window": [0, 50]}],
    "jobs": [{"id": 7, "location_index": 1, "service": 60, "time_windows": [[0, 70]]},
        {"id": 8, "location_index": 0, "skills": [5]},
        {"id": 9, "location_index": 1, "service": 50, "time_windows": [[0, 60]]}],
    "matrices": {"car": {"durations": [[0, 60], [60, 0]]}}}"#;
    let plan = r#"{"routes": [{"vehicle": 3, "steps": [{"type": "job", "id": 7}]}]}"#;
    let files = [file("stop.json", problem), file("stop.solution.json", plan)];
    let output = vrp(&["explain"], &files.each_ref());
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        text,
        "job 8 is left out\n  each of the vehicles 3, 4 lacks skill 5\n\
         job 9 is left out\n  vehicle 3 would be 40 s late at job 7\n  \
         vehicle 4 would finish 60 s after its shift\n2 of 3 jobs left out\n",
    );
    let output = vrp(&["explain", "--json"], &files.each_ref());
    let text = String::from_utf8(output.stdout).unwrap();
    let line: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let need = &line["vehicles"][0]["needs"][0];
    assert_eq!(
        (&need["kind"], &need["job"], &need["late_s"]),
        (&"later_stop".into(), &"7".into(), &40.into())
    );
}

/// What the elements of a picture with this class say of themselves.
fn titles(picture: &str, class: &str) -> Vec<String> {
    let groups = picture.split("<g ").skip(1);
    let wanted = format!("class=\"{class}\"");
    let of_class = groups.filter(|group| group.split('>').next().unwrap().contains(&wanted));
    let title = |group: &str| {
        let text = group.split("<title>").nth(1).unwrap().split("</title>").next();
        text.unwrap().trim().to_owned()
    };
    of_class.map(title).collect()
}

#[test]
fn draws_each_route_and_each_job_left_out() {
    let text = cvrp().replace("NAME : ring", "NAME : a<b");
    let problem = file("a&b.vrp", &text);
    let picture = problem.with_extension("svg");
    let options = ["--plot", picture.to_str().unwrap()];
    let solve = ["solve", "--iterations", "500", options[0], options[1]];
    let output = vrp(&solve, &[&problem]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let drawn = fs::read_to_string(&picture).unwrap();
    assert_eq!(titles(&drawn, "route"), ["vehicle 1: 4 stops", "vehicle 2: 4 stops"]);
    assert_eq!(titles(&drawn, "left-out"), [""; 0]);
    assert!(!drawn.contains("a break"));
    let cost = &printed(&output).1["cost"];
    assert!(drawn.contains(&format!("a&amp;b: cost {cost}, 2 vehicles, 0 left out")), "{drawn}");
    // The outermost customers are as far from the depot on the picture as in the file.
    assert!(
        drawn.contains("<rect fill=\"black\" height=\"10\" width=\"10\" x=\"495\" y=\"555\"/>")
    );
    assert!(drawn.contains("cx=\"980\" cy=\"560\"") && drawn.contains("cx=\"20\" cy=\"560\""));

    let solution = file("part.sol", "Route #1: 1 2 3 4 5\nCost 1\n");
    let output = vrp(&["check", options[0], options[1]], &[&problem, &solution]);
    assert_eq!(output.status.code(), Some(1));
    let drawn = fs::read_to_string(&picture).unwrap();
    let left_out = ["job 6 is left out", "job 7 is left out", "job 8 is left out"];
    assert_eq!(titles(&drawn, "left-out"), left_out);
    assert!(drawn.contains("1 vehicle, 3 left out, infeasible"));
}

/// One rider from the west to the east; the pause must begin at the first door.
const PAUSE: &str = r#"{"vehicles": [{"id": 3, "start": [73.80, 18.5], "start_index": 0,
    "breaks": [{"id": 9, "time_windows": [[60, 60]], "service": 600}]}],
"jobs": [{"id": 7, "location": [73.85, 18.5], "location_index": 1},
    {"id": 8, "location": [73.90, 18.5], "location_index": 2}],
"matrices": {"car": {"durations": [[0, 60, 120], [60, 0, 60], [120, 60, 0]]}}}"#;

#[test]
fn draws_a_break_as_a_ring_around_the_stop_before_it_and_names_it_in_the_legend() {
    let problem = file("pause.json", PAUSE);
    let picture = problem.with_extension("svg");
    let options = ["solve", "--iterations", "100", "--plot", picture.to_str().unwrap()];
    let output = vrp(&options, &[&problem]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(printed(&output).1["unassigned"], 0);
    let drawn = fs::read_to_string(&picture).unwrap();
    let rings: Vec<&str> = drawn.split("<circle ").filter(|part| part.contains("\"8\"")).collect();
    let [of_route, of_legend] = rings[..] else { panic!("{drawn}") };
    assert!(of_route.contains("class=\"break\"") && of_route.contains("cx=\"500\""), "{of_route}");
    assert!(of_route.contains("break 9 from 60 s to 660 s"), "{of_route}");
    assert!(of_legend.contains("cx=\"282\"") && of_legend.contains("stroke=\"black\""));
    assert!(drawn.contains("a break after this stop"));
}

#[test]
fn a_plan_without_coordinates_is_not_drawn() {
    let problem = file("nowhere.json", VROOM);
    let picture = problem.with_extension("svg");
    let output = vrp(&["savings", "--plot", picture.to_str().unwrap()], &[&problem]);
    assert_eq!(output.status.code(), Some(2));
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(complaint.contains("nowhere.json: the file has no coordinates"), "{complaint}");
    assert!(!picture.exists());
}
