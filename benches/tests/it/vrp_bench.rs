//! The program `vrp` where it measures itself.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::vrp::{VROOM, cvrp, vrp};

/// A folder with two instances that have references and one that has none.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("batches")).unwrap();
    for (file, text) in [
        ("ring.vrp", &*cvrp()),
        ("unknown.vrp", &*cvrp()),
        ("bks.csv", "instance,class,cost\nring,CVRP,50\n"),
        ("batches/skill.json", VROOM),
        ("batches/best.csv", "instance,unassigned,cost,by\nskill,1,60,hand\n"),
    ] {
        fs::write(folder.join(file), text).unwrap();
    }
    folder
}

#[test]
fn benches_a_folder_against_its_references() {
    let folder = folder("vrp-bench");
    let output = vrp(&["bench", "--iterations", "300", "--seeds", "2"], &[&folder]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let (lines, table): (Vec<&str>, Vec<&str>) =
        text.lines().partition(|line| line.starts_with('{'));
    let lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let runs: Vec<_> = lines
        .iter()
        .map(|line| (line["instance"].as_str().unwrap(), line["seed"].as_u64()))
        .collect();
    let expected = [("skill", Some(1)), ("skill", Some(2)), ("ring", Some(1)), ("ring", Some(2))];
    assert_eq!(runs, expected);
    assert_eq!(lines[0]["reference_unassigned"], 1);
    assert_eq!(lines[0]["gap_pct"], 0.0);
    let words: Vec<Vec<&str>> = table.iter().map(|row| row.split_whitespace().collect()).collect();
    let gap = format!("{:.3}", lines[2]["gap_pct"].as_f64().unwrap());
    assert_eq!(words[1][..9], ["CVRP", "1", "2", "0", &gap, &gap, "ring", "(2)", "0"]);
    assert_eq!(words[2][..8], ["dispatch", "1", "2", "0", "0.000", "0.000", "skill", "(2)"]);
    assert_eq!(words[2][8..10], ["2", "2"], "left out, and by the reference");
    fs::remove_file(folder.join("bks.csv")).unwrap();
    fs::remove_dir_all(folder.join("batches")).unwrap();
    assert_eq!(vrp(&["bench"], &[&folder]).status.code(), Some(2));
}

#[test]
fn a_bench_leaves_a_row_for_each_run_and_a_curve_for_each_class() {
    let folder = folder("vrp-curves");
    let (rows, picture) = (folder.join("rows.csv"), folder.join("gap.svg"));
    let [csv, svg] = [&rows, &picture].map(|path| path.to_str().unwrap());
    let options = ["bench", "--iterations", "5000", "--seeds", "2", "--csv", csv, "--plot", svg];
    let output = vrp(&options, &[&folder]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let mut reader = csv::Reader::from_path(&rows).unwrap();
    let cells: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let columns = reader.headers().unwrap().clone();
    assert_eq!(
        columns.iter().collect::<Vec<_>>().join(","),
        "class,instance,n,seed,cost,reference_cost,gap_pct,unassigned,reference_unassigned,\
         vehicles,feasible,iterations,wall_s,cpu_s"
    );
    let first: Vec<&str> = cells[0].iter().take(12).collect();
    let expected =
        ["dispatch", "skill", "2", "1", "60.0", "60.0", "0.0", "1", "1", "1", "true", "5000"];
    assert_eq!((cells.len(), first), (4, expected.to_vec()));
    let drawn = fs::read_to_string(&picture).unwrap();
    let gap: f64 = cells[2][6].parse().unwrap();
    let named = [format!("CVRP, 2 runs: {gap:.2} % at the end"), "dispatch, 2 runs".to_owned()];
    for text in named.iter().map(String::as_str).chain(["steps of the search", ">1000<", ">0.5<"]) {
        assert!(drawn.replace('\n', "").contains(text), "{text} is not in {drawn}");
    }
    assert_eq!(drawn.matches("stroke-width=\"2\"").count(), 2, "a line for each class");

    let nowhere = folder.join("no/such/folder.csv");
    let options = ["bench", "--iterations", "1", "--csv", nowhere.to_str().unwrap()];
    assert_eq!(vrp(&options, &[&folder]).status.code(), Some(2));
}

#[test]
fn an_instance_that_must_be_served_and_is_not_fails_and_has_no_gap() {
    let folder = folder("vrp-failed");
    fs::remove_dir_all(folder.join("batches")).unwrap();
    // A quantity that no vehicle carries.
    fs::write(folder.join("ring.vrp"), cvrp().replace("\n9 1\n", "\n9 5\n")).unwrap();
    let rows = folder.join("rows.csv");
    let options = ["bench", "--iterations", "100", "--csv", rows.to_str().unwrap()];
    let output = vrp(&options, &[&folder]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let words: Vec<&str> = text.lines().last().unwrap().split_whitespace().collect();
    assert_eq!(words[..7], ["CVRP", "1", "1", "1", "-", "-", "1"]);
    let rows = fs::read_to_string(rows).unwrap();
    assert!(rows.contains(",50.0,,1,0,"), "{rows}");
}

#[test]
fn plans_a_metropolis_zone_by_zone_whatever_the_threads() {
    let none: [&PathBuf; 0] = [];
    let run = |threads: &str| {
        let size = ["metro", "--zones", "5", "--stops", "30", "--iterations", "200"];
        let output = vrp(&[&size[..], &["--threads", threads]].concat(), &none);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let [one, three] = ["1", "3"].map(run);
    for name in ["partners", "left_out", "infeasible", "cost", "iterations"] {
        assert_eq!(one[name], three[name], "{name}");
    }
    assert_eq!((&one["iterations"], &one["infeasible"]), (&1000.into(), &0.into()));
    assert_eq!(
        (&one["partners"], &one["threads"], &three["threads"]),
        (&15.into(), &1.into(), &3.into())
    );
    assert!(one["cost"].as_i64().unwrap() > 0);
    assert!(one["wall_s"].as_f64().unwrap() >= one["slowest_zone_s"].as_f64().unwrap());
    for name in ["cpu_s", "peak_rss_mb"] {
        assert_eq!(one[name].as_f64().is_some(), cfg!(target_os = "linux"), "{name}");
    }
    let output = vrp(&["metro", "--zones", "0"], &none);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_zone_of_a_metropolis_keeps_its_seconds() {
    let options = ["metro", "--zones", "2", "--stops", "50", "--seconds-per-zone", "0.2"];
    let output = vrp(&options, &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    let wall = line["wall_s"].as_f64().unwrap();
    assert!((0.35..2.0).contains(&wall), "{line}");
}
