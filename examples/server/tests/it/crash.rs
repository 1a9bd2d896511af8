//! Kill −9 in the middle of publishes and posts: what was acknowledged is there, once.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Http, Server, fix, now_ms, try_publish};

/// How often the server is killed.
const CYCLES: usize = 3;

#[test]
fn everything_acknowledged_survives_a_kill_once() {
    let mut server = Server::start();
    server.http().register_partner("DP-1");
    let mut orders = BTreeSet::new();
    let mut fixes = BTreeSet::new();
    for cycle in 0..CYCLES {
        let acknowledged = under_load(&mut server, cycle);
        orders.extend(acknowledged.orders);
        fixes.extend(acknowledged.fixes);
        server = server.kill_and_restart();
    }
    assert!(
        orders.len() > 20 && fixes.len() > 20,
        "{} orders, {} fixes",
        orders.len(),
        fixes.len()
    );
    let http = server.http();
    assert_orders(&http, &orders);
    let day = 86_400_000;
    let stored = stored_fixes(&http, now_ms() - day, now_ms() + day);
    let distinct: BTreeSet<_> = stored.iter().copied().collect();
    assert_eq!(distinct.len(), stored.len(), "no fix twice");
    let lost: Vec<_> = fixes.difference(&distinct).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
}

#[derive(Default)]
struct Acknowledged {
    orders: BTreeSet<String>,
    fixes: BTreeSet<i64>,
}

/// Posts and publishes until the server is killed under it; gives what was acknowledged before.
fn under_load(server: &mut Server, cycle: usize) -> Acknowledged {
    let acknowledged = Arc::new(Mutex::new(Acknowledged::default()));
    let stop = Arc::new(AtomicBool::new(false));
    let mut workers = Vec::new();
    for worker in 0..4 {
        let (http, acknowledged, stop) =
            (server.http(), Arc::clone(&acknowledged), Arc::clone(&stop));
        workers.push(std::thread::spawn(move || {
            for number in 0.. {
                let id = format!("S-{cycle}-{worker}-{number}");
                let order = json!({ "id": id, "client": "acme", "destination": { "lat": 18.5, "lon": 73.8 } });
                match http.try_post("/v1/shipments", &id, &order) {
                    Some(answer) if answer.status == 201 => {
                        acknowledged.lock().expect("lock").orders.insert(id);
                    }
                    _ if stop.load(Ordering::Relaxed) => return,
                    _ => {}
                }
            }
        }));
    }
    for worker in 0..2 {
        let (broker, acknowledged, stop) =
            (server.mqtt_addr, Arc::clone(&acknowledged), Arc::clone(&stop));
        workers.push(std::thread::spawn(move || {
            // Each worker and cycle has times of its own: a fix is known by its time.
            let mut ts = now_ms() - i64::from(worker) * 3_600_000;
            while !stop.load(Ordering::Relaxed) {
                ts += 1;
                let message = fix(73.85, 18.52, ts).to_string();
                if try_publish(broker, "mqttv311", "logistics/dp/DP-1/location", &message).is_ok() {
                    acknowledged.lock().expect("lock").fixes.insert(ts);
                }
            }
        }));
    }
    std::thread::sleep(Duration::from_millis(1_500));
    server.kill();
    stop.store(true, Ordering::Relaxed);
    for worker in workers {
        worker.join().expect("the worker ends");
    }
    std::mem::take(&mut acknowledged.lock().expect("lock"))
}

fn assert_orders(http: &Http, acknowledged: &BTreeSet<String>) {
    let stored: Vec<Value> = http.all("/v1/shipments");
    let ids: Vec<_> =
        stored.iter().map(|order| order["id"].as_str().expect("id").to_owned()).collect();
    let distinct: BTreeSet<_> = ids.iter().cloned().collect();
    assert_eq!(distinct.len(), ids.len(), "no order twice");
    let lost: Vec<_> = acknowledged.difference(&distinct).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    for id in acknowledged.iter().take(20) {
        assert_eq!(http.all(&format!("/v1/shipments/{id}/events")).len(), 1);
    }
}

/// The times of all stored fixes of the partner.
fn stored_fixes(http: &Http, from_ms: i64, to_ms: i64) -> Vec<i64> {
    http.all(&format!("/v1/partners/DP-1/fixes?from={from_ms}&to={to_ms}"))
        .iter()
        .map(|fix| fix["ts"].as_i64().expect("ts"))
        .collect()
}
