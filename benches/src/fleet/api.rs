//! The server's HTTP interface, as far as a fleet needs it.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use ureq::Agent;

#[derive(Clone)]
pub(crate) struct Api {
    agent: Agent,
    base: String,
}

impl Api {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let config = Agent::config_builder().timeout_global(Some(Duration::from_secs(60))).build();
        Self { agent: config.into(), base: format!("http://{address}/v1") }
    }

    pub(crate) fn register(&self, partner: &str) -> Result<()> {
        let body = json!({ "id": partner, "vehicle": "two_wheeler" });
        let answer = self.agent.post(format!("{}/partners", self.base)).send_json(body);
        answer.map(drop).with_context(|| format!("{partner} is not registered"))
    }

    pub(crate) fn put_zones(&self, city: &str, zones: &Value) -> Result<()> {
        let request = self.agent.put(format!("{}/zones/{city}", self.base));
        let request = request.header("Content-Type", "application/geo+json");
        request.send(zones.to_string()).map(drop).context("the zones are refused")
    }

    /// The times of all stored fixes of the partner, in epoch milliseconds.
    pub(crate) fn fix_times(&self, partner: &str, from_ms: i64, to_ms: i64) -> Result<Vec<i64>> {
        let path = format!("{}/partners/{partner}/fixes", self.base);
        let (mut times, mut after) = (Vec::new(), String::new());
        loop {
            let url = format!("{path}?from={from_ms}&to={to_ms}&limit=1000{after}");
            let page: Value = self.agent.get(url).call()?.body_mut().read_json()?;
            let items = page["items"].as_array().context("a page without items")?;
            times.extend(items.iter().filter_map(|fix| fix["ts"].as_i64()));
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return Ok(times),
            }
        }
    }
}
