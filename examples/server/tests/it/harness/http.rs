//! An HTTP client that shows every answer, errors too.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::{Request, Response};

/// A client of one server.
#[derive(Clone)]
pub(crate) struct Http {
    agent: Agent,
    base: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: Value,
}

impl Answer {
    /// The body of a success.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.body
    }

    /// The code of a problem with this status; the answer must be proper problem+json.
    #[track_caller]
    pub(crate) fn problem(self, status: u16) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.content_type, "application/problem+json", "{self:?}");
        for field in ["type", "title", "detail", "correlation_id"] {
            assert!(self.body[field].is_string(), "{field} is missing: {self:?}");
        }
        assert_eq!(self.body["status"], status, "{self:?}");
        self.body["code"].as_str().expect("a code").to_owned()
    }
}

impl Http {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(120)))
            .build();
        Self { agent: config.into(), base: format!("http://{address}") }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        answer(self.agent.get(self.url(path)).call().expect("an answer"))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        answer(self.agent.post(self.url(path)).send_json(body).expect("an answer"))
    }

    /// A POST that may meet a dying server.
    pub(crate) fn try_post(&self, path: &str, key: &str, body: &Value) -> Option<Answer> {
        let request = self.agent.post(self.url(path)).header("Idempotency-Key", key);
        request.send_json(body).ok().map(answer)
    }

    pub(crate) fn post_with_key(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.try_post(path, key, body).expect("an answer")
    }

    pub(crate) fn post_bytes(&self, path: &str, body: &[u8]) -> Answer {
        let request = self.agent.post(self.url(path)).header("Content-Type", "application/json");
        answer(request.send(body).expect("an answer"))
    }

    /// Any request, with a body as it is.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.to_owned()).expect("a request");
        answer(self.agent.run(request).expect("an answer"))
    }

    pub(crate) fn put(&self, path: &str, body: &[u8]) -> Answer {
        let request = self.agent.put(self.url(path)).header("Content-Type", "application/geo+json");
        answer(request.send(body).expect("an answer"))
    }

    /// Every item of a list, page by page.
    pub(crate) fn all(&self, path: &str) -> Vec<Value> {
        let join = if path.contains('?') { '&' } else { '?' };
        let mut items = Vec::new();
        let mut after = String::new();
        loop {
            let page = self.get(&format!("{path}{join}limit=1000{after}")).ok();
            items.extend(page["items"].as_array().expect("items").iter().cloned());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return items,
            }
        }
    }

    pub(crate) fn register_partner(&self, id: &str) {
        self.post("/v1/partners", &json!({ "id": id, "vehicle": "two_wheeler" })).ok();
    }

    /// A shipment that stands ready at its hub.
    pub(crate) fn shipment_at_hub(&self, id: &str, lon: f64, lat: f64) {
        self.shipment_at("HUB-1", id, lon, lat);
    }

    /// A shipment that stands ready at this hub.
    pub(crate) fn shipment_at(&self, hub: &str, id: &str, lon: f64, lat: f64) {
        let order = json!({
            "id": id, "client": "acme", "hub": hub, "destination": { "lat": lat, "lon": lon },
        });
        self.post("/v1/shipments", &order).ok();
        self.post(&format!("/v1/shipments/{id}/pickup"), &json!({})).ok();
        let scan = json!({ "hub": hub, "direction": "inbound" });
        self.post(&format!("/v1/shipments/{id}/scans"), &scan).ok();
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

fn answer(mut response: Response<ureq::Body>) -> Answer {
    let header = response.headers().get("content-type").and_then(|value| value.to_str().ok());
    let content_type = header.unwrap_or_default().to_owned();
    let text = response.body_mut().with_config().limit(64 << 20).read_to_string().expect("a body");
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answer { status: response.status().as_u16(), content_type, body }
}
