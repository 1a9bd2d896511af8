//! What a device hears from the other side.

use bytes::Bytes;
use tokio::sync::watch;

/// What a device hears.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceEvent {
    /// It is connected.
    Connected,
    /// The connection is lost; it is being made anew.
    Disconnected,
    /// The partner's manifest, as it stands now.
    Manifest(Bytes),
}

/// The events of one device. What is not taken in time is overtaken by what is newer: a slow
/// listener sees the latest manifest, not every one.
#[derive(Debug)]
pub struct DeviceEvents {
    pub(super) manifests: watch::Receiver<Option<Bytes>>,
    pub(super) links: watch::Receiver<bool>,
}

impl DeviceEvents {
    /// The next event; `None` when the client is closed.
    pub async fn next(&mut self) -> Option<DeviceEvent> {
        loop {
            tokio::select! {
                biased;
                changed = self.links.changed() => {
                    changed.ok()?;
                    let is_up = *self.links.borrow_and_update();
                    return Some(if is_up { DeviceEvent::Connected } else { DeviceEvent::Disconnected });
                }
                changed = self.manifests.changed() => {
                    changed.ok()?;
                    if let Some(manifest) = self.manifests.borrow_and_update().clone() {
                        return Some(DeviceEvent::Manifest(manifest));
                    }
                }
            }
        }
    }
}
