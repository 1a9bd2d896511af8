//! Many messages and many connections: nothing acknowledged is missing.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::host::{Host, start};
use crate::wire::{Hello, V5, V311, Wire};

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_pipelined_publishes_are_held_back_and_all_acknowledged() {
    let host = Host::slow(Duration::from_millis(2));
    let gateway = start(&host).await;
    for level in [V311, V5] {
        host.messages.lock().unwrap().clear();
        host.batches.lock().unwrap().clear();
        let mut wire = Wire::join(&gateway, &Hello::new(level, "DP-1")).await;
        let topic = "logistics/dp/DP-1/location";
        let bytes: Vec<u8> = (1..=1_000_u16)
            .flat_map(|id| wire.publish_bytes(Some(id), topic, id.to_string().as_bytes()))
            .collect();
        // All at once, without waiting for a single acknowledgement.
        wire.send(&bytes).await;
        for id in 1..=1_000_u16 {
            assert_eq!(wire.next().await, Some((0x40, id.to_be_bytes().to_vec())));
        }
        let expected: Vec<String> = (1..=1_000).map(|id: u32| id.to_string()).collect();
        assert_eq!(host.payloads(), expected);
        let largest = host.batches.lock().unwrap().iter().copied().max().unwrap();
        assert!(largest <= 20, "{largest} of one connection were in flight");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_connections_share_batches() {
    const DEVICES: usize = 200;
    const FIXES: u16 = 20;
    let host = Host::slow(Duration::from_millis(5));
    let gateway = start(&host).await;
    let mut wires = Vec::new();
    for device in 0..DEVICES {
        let level = if device % 2 == 0 { V311 } else { V5 };
        wires.push(Wire::join(&gateway, &Hello::new(level, &format!("DP-{device}"))).await);
    }
    assert_eq!(gateway.stats().connections.get(), 200);
    let mut devices = JoinSet::new();
    for (device, mut wire) in wires.into_iter().enumerate() {
        devices.spawn(async move {
            let topic = format!("logistics/dp/DP-{device}/location");
            for id in 1..=FIXES {
                wire.publish(Some(id), &topic, format!("{device}/{id}").as_bytes()).await;
                assert_eq!(wire.next().await, Some((0x40, id.to_be_bytes().to_vec())));
            }
        });
    }
    while let Some(device) = devices.join_next().await {
        device.unwrap();
    }
    let stored: BTreeSet<String> = host.payloads().into_iter().collect();
    assert_eq!(stored.len(), DEVICES * usize::from(FIXES));
    assert_eq!(gateway.stats().acks.get(), 4_000);
    assert!(gateway.stats().batches.get() < 2_000, "batches of {}", gateway.stats().batches.get());
}
