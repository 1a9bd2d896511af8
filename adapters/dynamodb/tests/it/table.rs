//! The table itself: how it is made, what lies in it, what has had its time.

use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::types::{AttributeValue, ProjectionType, TimeToLiveStatus};
use chrono::DateTime;
use logistics_core::ids::{PartnerId, ZoneId};
use logistics_core::telemetry::{Appended, Fix, FixStore, Presence, PresenceStore};
use logistics_dynamodb::{CreateTableError, DynamoConfig};

use crate::fixtures::{at, block_on};
use crate::server::Server;

type Item = std::collections::HashMap<String, AttributeValue>;

async fn item(server: &Server, pk: &str, sk: &str) -> Option<Item> {
    let get = server.client().get_item().table_name("logistics");
    let get = get.key("PK", AttributeValue::S(pk.to_owned()));
    get.key("SK", AttributeValue::S(sk.to_owned())).send().await.unwrap().item
}

fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name).map(|value| value.as_s().unwrap().as_str())
}

fn partner() -> PartnerId {
    PartnerId::new("DP-7").unwrap()
}

fn fix(ts: DateTime<chrono::Utc>) -> Fix {
    Fix {
        partner: partner(),
        ts,
        position: (73.85, 18.52).into(),
        accuracy_m: 8.0,
        accuracy_assumed: false,
        speed_mps: Some(4.0),
        bearing_deg: None,
        battery: None,
        mocked: false,
    }
}

#[test]
fn a_table_is_made_once_with_its_indexes_and_its_time_to_live() {
    block_on(async {
        let server = Server::start().await;
        let store = server.store(DynamoConfig::new("logistics")).await;
        let again = store.create_table().await;
        assert!(
            matches!(&again, Err(CreateTableError::Exists { table }) if table == "logistics"),
            "{again:?}"
        );
        let described = server.client().describe_table().table_name("logistics").send().await;
        let table = described.unwrap().table.unwrap();
        let mut names: Vec<String> = Vec::new();
        for index in table.global_secondary_indexes() {
            let projection = index.projection().unwrap().projection_type();
            assert_eq!(projection, Some(&ProjectionType::KeysOnly));
            names.push(index.index_name().unwrap().to_owned());
        }
        names.sort();
        assert_eq!(names, ["GSI1", "GSI2", "GSI3", "GSI4", "GSI5"]);
        let ttl = server.client().describe_time_to_live().table_name("logistics").send().await;
        let ttl = ttl.unwrap().time_to_live_description.unwrap();
        assert_eq!(ttl.attribute_name(), Some("ttl"));
        assert_eq!(ttl.time_to_live_status(), Some(&TimeToLiveStatus::Enabled));
    });
}

/// DynamoDB removes an item some time after its time is over. Until then it is not answered.
#[test]
fn a_fix_whose_time_is_over_is_not_answered() {
    block_on(async {
        let server = Server::start().await;
        let mut config = DynamoConfig::new("logistics");
        config.fixes_kept = Some(Duration::from_secs(60));
        let store = server.store(config).await;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let now = DateTime::from_timestamp(i64::try_from(now.as_secs()).unwrap(), 0).unwrap();
        let ago = |seconds| fix(now - chrono::Duration::seconds(seconds));
        let (over, fresh) = (ago(61), ago(0));
        let appended = store.append(&[over.clone(), fresh.clone(), ago(90)]).await.unwrap();
        assert_eq!(appended, [Appended::Stored; 3]);
        let lies = format!("LOC#{}", over.ts.format("%Y-%m-%dT%H:%M:%S%.6fZ"));
        let there = item(&server, "DP#DP-7", &lies).await.expect("it is still there");
        let expires = AttributeValue::N((over.ts.timestamp() + 60).to_string());
        assert_eq!(there.get("ttl"), Some(&expires));
        let (from, to) = (ago(100).ts, ago(-100).ts);
        let range = async |limit| store.range(&partner(), from, to, limit).await.unwrap();
        let only = std::slice::from_ref(&fresh);
        assert_eq!(range(10).await, only);
        // Those that are over do not use up the limit.
        assert_eq!(range(1).await, only);
        assert_eq!(FixStore::latest(&store).await.unwrap(), only);
        assert_eq!(store.prune(fresh.ts, 10).await.unwrap(), 2);
        assert!(item(&server, "DP#DP-7", &lies).await.is_none());
    });
}

/// A partner on shift is in the sparse index of those who can be silent, under the minute of its
/// last fix: fixes within a minute do not write to the index.
#[test]
fn a_partners_place_among_the_silent_changes_with_the_minute() {
    block_on(async {
        let server = Server::start().await;
        let store = server.store(DynamoConfig::new("logistics")).await;
        let presence = |ms: i64, on_shift: bool| Presence {
            partner: partner(),
            last_seen: at(ms),
            zone: on_shift.then(|| ZoneId::new("kothrud").unwrap()),
            on_shift,
        };
        let minute = |minute: &str| Some(format!("2026-11-23T09:{minute}#DP-7"));
        for (ms, on_shift, place) in [
            (1_000, true, minute("00")),
            (59_999, true, minute("00")),
            (60_000, true, minute("01")),
            (61_000, false, None),
            (62_000, true, minute("01")),
        ] {
            store.note(&[presence(ms, on_shift)]).await.unwrap();
            let state = item(&server, "DP#DP-7", "STATE").await.unwrap();
            assert_eq!(text(&state, "GSI5SK").map(str::to_owned), place, "{ms} ms");
            let zone = on_shift.then_some("ZONE#kothrud");
            assert_eq!(text(&state, "GSI3PK"), zone, "{ms} ms");
        }
        let state = item(&server, "DP#DP-7", "STATE").await.unwrap();
        assert!(text(&state, "GSI5PK").is_some_and(|part| part.starts_with("SEEN#")));
    });
}
