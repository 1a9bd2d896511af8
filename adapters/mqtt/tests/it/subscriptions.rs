//! Which filters are granted, and what more than one of them brings.

use std::sync::Arc;

use crate::host::{Host, manifest, partner, start};
use crate::wire::{Hello, V5, V311, Wire, packet, quiet, text};

const MANIFEST: &str = "logistics/dp/DP-1/manifest";

#[tokio::test]
async fn filters_are_granted_by_what_they_cover() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    let mut old = Wire::join(&gateway, &Hello::new(V311, "DP-1")).await;
    let mut new = Wire::join(&gateway, &Hello::new(V5, "DP-1-v5")).await;
    let mut tool = Wire::join(&gateway, &Hello::new(V311, "tool")).await;
    for (filter, partner_code, tool_code) in [
        ("logistics/dp/%/manifest", 1, 1),
        ("logistics/dp/%/#", 1, 1),
        ("+/+/%/+", 1, 1),
        ("logistics/dp/DP-2/manifest", 0x87, 1),
        ("logistics/dp/+/manifest", 0x87, 1),
        ("#", 0x87, 1),
        ("logistics/dp/%/location", 0x8F, 0x80),
        ("owntracks/#", 1, 1),
        ("owntracks/+/+/cmd", 1, 1),
        ("$SYS/#", 0x8F, 0x80),
        ("$share/g/logistics/dp/%/manifest", 0x9E, 0x80),
    ] {
        assert_eq!(old.subscribe(&filter.replace('%', "DP-1"), 2).await, partner_code.min(0x80));
        assert_eq!(new.subscribe(&filter.replace('%', "DP-1-v5"), 2).await, partner_code);
        assert_eq!(tool.subscribe(&filter.replace('%', "DP-1"), 2).await, tool_code, "{filter}");
    }
}

#[tokio::test]
async fn overlapping_subscriptions_bring_one_copy() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    let mut wire = Wire::join(&gateway, &Hello::new(V311, "DP-1")).await;
    wire.subscribe(MANIFEST, 0).await;
    wire.subscribe("logistics/dp/DP-1/#", 1).await;
    gateway.publish_manifest(&partner("DP-1"), &manifest(1, "one"));
    let only = wire.delivery().await;
    assert!(only.id.is_some(), "the higher quality of service");
    assert!(quiet(&mut wire).await);
}

#[tokio::test]
async fn an_ended_subscription_brings_nothing() {
    let host = Arc::new(Host::default());
    let gateway = start(&host).await;
    for (level, codes) in [(V311, vec![]), (V5, vec![0, 0, 0x11])] {
        let mut wire = Wire::join(&gateway, &Hello::new(level, "DP-1")).await;
        wire.subscribe(MANIFEST, 1).await;
        let properties: &[u8] = if level == V5 { &[0] } else { &[] };
        let filters = [text(MANIFEST), text("never/was")].concat();
        wire.send(&packet(0xA2, &[&[0, 5], properties, &filters].concat())).await;
        assert_eq!(wire.next().await, Some((0xB0, [vec![0, 5], codes].concat())));
        gateway.publish_manifest(&partner("DP-1"), &manifest(1, "one"));
        assert!(quiet(&mut wire).await);
    }
}
