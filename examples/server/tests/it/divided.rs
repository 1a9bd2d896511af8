//! Dispatch of more than one plan takes: divided by zone and position, finished after a crash.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Http, Server, last_minute, two_zones, within};

/// `count` shipments at a hub, in turns west and east of longitude 73.86, within the two zones.
fn shipments_at(http: &Http, hub: &str, count: usize) {
    std::thread::scope(|scope| {
        for worker in 0..24 {
            let http = http.clone();
            scope.spawn(move || {
                for number in (worker..count).step_by(24) {
                    let n = f64::from(u32::try_from(number).expect("few"));
                    let lon = 73.851 + (n % 2.0) * 0.01 + (n % 37.0) * 0.000_2;
                    let lat = 18.521 + (n % 41.0) * 0.000_2;
                    http.shipment_at(hub, &format!("{hub}-{number}"), lon, lat);
                }
            });
        }
    });
}

fn waiting(http: &Http) -> usize {
    http.all("/v1/shipments?status=at_hub").len()
}

#[test]
fn a_large_hub_is_planned_zone_by_zone_and_once_though_the_server_dies() {
    let server = Server::start();
    let http = server.http();
    http.put("/v1/zones/pune", two_zones().to_string().as_bytes()).ok();
    let partners: Vec<String> = (0..16).map(|number| format!("DP-{number}")).collect();
    let mut positions = Vec::new();
    for (partner, number) in partners.iter().zip(0..) {
        let vehicle = json!({ "id": partner, "vehicle": "four_wheeler", "capacity": 90 });
        http.post("/v1/partners", &vehicle).ok();
        positions.push((partner.as_str(), 73.8505 + f64::from(number) * 0.0012));
    }
    server.locate(&positions, 18.525);
    shipments_at(&http, "HUB-1", 1_100);
    http.shipment_at("HUB-0", "S-other", 73.855, 18.525);

    let (date, time) = last_minute();
    let arguments = ["--time-zone", "UTC", "--dispatch-at", time.as_str()];
    let server = server.kill_and_restart_with(&arguments);
    let http = server.http();
    let long = Duration::from_secs(240);
    within(long, "the first manifests", || (waiting(&http) < 1_101).then_some(()));
    let server = server.kill_and_restart_with(&arguments);
    let http = server.http();
    within(long, "everything assigned", || (waiting(&http) == 0).then_some(()));

    let (mut seen, mut served) = (BTreeSet::new(), BTreeSet::new());
    for partner in &partners {
        let manifest = http.get(&format!("/v1/manifests/{partner}/{date}"));
        if manifest.status == 404 {
            continue;
        }
        let manifest = manifest.ok();
        let stops = manifest["stops"].as_array().expect("stops");
        let large_hub = |stop: &&Value| stop["shipment"] != "S-other";
        let east = |stop: &Value| stop["lon"].as_f64().expect("degrees") > 73.86;
        let zones: BTreeSet<_> = stops.iter().filter(large_hub).map(east).collect();
        assert!(zones.len() < 2, "{partner} has stops of one zone: {manifest}");
        served.extend(zones);
        for stop in stops {
            let shipment = stop["shipment"].as_str().expect("an id");
            assert!(seen.insert(shipment.to_owned()), "{shipment} is planned twice");
        }
    }
    assert_eq!(served.len(), 2, "both zones");
    assert_eq!(seen.len(), 1_101);
}

#[test]
fn a_run_that_is_asked_for_is_divided_too_and_told_as_one() {
    let server = Server::start();
    let http = server.http();
    for partner in ["DP-1", "DP-2"] {
        let vehicle = json!({ "id": partner, "vehicle": "two_wheeler", "capacity": 10 });
        http.post("/v1/partners", &vehicle).ok();
    }
    shipments_at(&http, "HUB-1", 1_010);
    http.post("/v1/shipments/HUB-1-7/hold", &json!({ "reason": "customs" })).ok();
    let wanted = json!({ "hub": "HUB-1", "iterations": 50 });
    let run = http.post_with_key("/v1/dispatch/runs", "morning", &wanted).ok();
    assert_eq!((&run["status"], &run["check"]["feasible"]), (&json!("applied"), &json!(true)));
    let count = |list: &Value| list.as_array().expect("a list").len();
    assert_eq!(count(&run["parts"]), 2, "{}", run["parts"]);
    assert_eq!(count(&run["manifests"]), 2, "a partner for each part");
    let assigned: usize =
        run["manifests"].as_array().expect("a list").iter().map(|part| count(&part["stops"])).sum();
    assert_eq!((assigned, count(&run["unassigned"]), waiting(&http)), (20, 989, 990));
    assert_eq!(run["excluded"], json!([{ "shipment": "HUB-1-7", "why": "on hold: customs" }]));
    let part = http.get(&format!("/v1/dispatch/runs/{}", run["parts"][0].as_str().expect("id")));
    assert_eq!(part.ok()["status"], "applied");
    let again = http.post_with_key("/v1/dispatch/runs", "morning", &wanted).ok();
    assert_eq!(again, run, "asked again, nothing changes");
    let other = http.post_with_key("/v1/dispatch/runs", "morning", &json!({ "hub": "HUB-2" }));
    assert_eq!(other.problem(422), "key_reused");
}
