//! Cases of [`DayRoutes`](crate::telemetry::DayRoutes).

use chrono::NaiveDate;

use super::Stores;
use super::fixtures::at;
use crate::privacy::{Pseudonym, SubjectKey};
use crate::telemetry::DayRoute;

fn whose(n: u8) -> Pseudonym {
    Pseudonym::of(&SubjectKey::from_bytes([n; 32]), "a case")
}

fn day(n: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, n).expect("a date")
}

fn route(fixes: u64, polylines: &[&str]) -> DayRoute {
    DayRoute {
        fixes,
        first: at(0),
        last: at(36_000),
        distance_m: 0.1 + 0.2,
        within_m: 12.5,
        polylines: polylines.iter().map(|line| (*line).to_owned()).collect(),
    }
}

async fn keep(stores: &Stores, n: u8, on: u32, route: &DayRoute) -> bool {
    stores.day_routes.keep(&whose(n), day(on), route).await.expect("answered")
}

async fn of_day(stores: &Stores, n: u8, on: u32) -> Option<DayRoute> {
    stores.day_routes.of_day(&whose(n), day(on)).await.expect("answered")
}

/// Each pseudonym has a route of its own for each day, which comes back as it was kept.
pub async fn a_route_is_found_by_pseudonym_and_day(stores: &Stores) {
    // Every character of the format, among them those that mean something elsewhere.
    let all: String = (63..127_u8).map(char::from).collect();
    let (one, other) = (route(7, &[&all, "??"]), route(8, &["_p~iF~ps|U"]));
    assert!(keep(stores, 1, 2, &one).await);
    assert!(keep(stores, 1, 3, &other).await);
    assert!(keep(stores, 2, 2, &other).await);
    assert_eq!(of_day(stores, 1, 2).await, Some(one));
    assert_eq!(of_day(stores, 1, 3).await, Some(other.clone()));
    assert_eq!(of_day(stores, 2, 2).await, Some(other));
    assert_eq!(of_day(stores, 2, 3).await, None);
    assert_eq!(of_day(stores, 3, 2).await, None);
}

/// A route of as many fixes or more takes the place of the one before, one of fewer does not.
pub async fn a_route_of_fewer_fixes_takes_no_place(stores: &Stores) {
    assert!(keep(stores, 1, 2, &route(100, &["first"])).await);
    assert!(!keep(stores, 1, 2, &route(99, &["partial"])).await);
    assert_eq!(of_day(stores, 1, 2).await, Some(route(100, &["first"])));
    assert!(keep(stores, 1, 2, &route(100, &["same"])).await);
    assert!(keep(stores, 1, 2, &route(101, &["late"])).await);
    assert_eq!(of_day(stores, 1, 2).await, Some(route(101, &["late"])));
}
