//! Figures: for the operations desk, kept current and pushed; for Prometheus, on request.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use logistics_core::eventsourcing::model_name;
use logistics_core::readmodel::ShipmentOperations;
use logistics_core::telemetry::PipelineSnapshot;
use logistics_mqtt::gateway::GatewayStats;

use crate::app::App;
use crate::broker;
use crate::http::chain;
use crate::live::{Live, Metrics, Scope};

/// How often the figures are recomputed.
const PERIOD: Duration = Duration::from_secs(5);

/// Recomputes and pushes the figures, for ever.
pub(crate) async fn keep_current(app: Arc<App>) {
    let mut shown = Metrics::default();
    let mut stored_before = 0;
    let mut tick = tokio::time::interval(PERIOD);
    loop {
        tick.tick().await;
        let stored = app.gps.counters().stored;
        let metrics = compute(&app, rate(stored - stored_before)).await;
        stored_before = stored;
        if metrics != shown {
            app.hub.send(Scope::Everyone, &Live::Metric(metrics.clone()));
            shown.clone_from(&metrics);
        }
        app.set_metrics(metrics);
    }
}

fn rate(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / PERIOD.as_secs_f64()
}

async fn compute(app: &App, fixes_per_s: f64) -> Metrics {
    let model = model_name::<ShipmentOperations>();
    let counts = app.ports.models.count(&model, "status").await.unwrap_or_else(|error| {
        tracing::error!(error = %chain(&error), "shipments cannot be counted");
        BTreeMap::new()
    });
    let now = app.now();
    let of = |status: &str| counts.get(status).copied().unwrap_or_default();
    let delivered = of("delivered");
    let planned = delivered + of("assigned") + of("out_for_delivery") + of("attempt_failed");
    let (partners, on_route) = app.board.tally(now, &app.settings.status);
    let on_shift: u64 =
        partners.iter().filter(|(status, _)| **status != "grey").map(|(_, count)| count).sum();
    Metrics {
        completion: share(delivered, planned),
        predicted_breaches: app.board.forecast(now),
        utilisation: share(on_route, on_shift),
        fixes_per_s,
        counts,
        partners,
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    let float = |count: u64| u32::try_from(count).ok().map(f64::from);
    (whole > 0).then_some(())?;
    Some(float(part)? / float(whole)?)
}

/// The text that Prometheus scrapes.
pub(crate) fn exposition(app: &App) -> String {
    let mut text = String::new();
    let gps = app.gps.counters();
    let fates = [
        ("stored", gps.stored),
        ("duplicate", gps.duplicates),
        ("conflict", gps.conflicts),
        ("unavailable", gps.unavailable),
    ];
    header(
        &mut text,
        "logistics_fixes_total",
        "counter",
        "Position reports by what became of them",
    );
    for (fate, count) in fates {
        sample(&mut text, "logistics_fixes_total", "fate", fate, count);
    }
    count_unused(&mut text, &gps);
    header(
        &mut text,
        "logistics_parked_rows",
        "gauge",
        "Rows of read models that stand still, for an event that this program cannot read",
    );
    for (model, count) in app.projector.parked() {
        sample(&mut text, "logistics_parked_rows", "model", &model, count);
    }
    let (partners, _) = app.board.tally(app.now(), &app.settings.status);
    header(&mut text, "logistics_partners", "gauge", "Delivery partners by status");
    for (status, count) in partners {
        sample(&mut text, "logistics_partners", "status", status, count);
    }
    if let Some(gateway) = app.gateway.get() {
        count_gateway(&mut text, gateway);
    }
    if let Some(stats) = app.broker.get() {
        let help = "What passed between this server and the external broker";
        header(&mut text, "logistics_broker", "untyped", help);
        for (name, count) in broker::counts(stats) {
            sample(&mut text, "logistics_broker", "of", name, count);
        }
    }
    text
}

fn count_unused(text: &mut String, gps: &PipelineSnapshot) {
    let refused = "logistics_fixes_refused_total";
    header(text, refused, "counter", "Position reports not used, by reason");
    sample(text, refused, "reason", "inaccurate", gps.filtered);
    for (reason, count) in &gps.refused {
        sample(text, refused, "reason", reason, *count);
    }
    let ignored = "logistics_messages_ignored_total";
    header(text, ignored, "counter", "Messages of phones that say no position, by reason");
    for (reason, count) in &gps.ignored {
        sample(text, ignored, "reason", reason, *count);
    }
    let marked = "logistics_fixes_marked_total";
    header(text, marked, "counter", "Position reports that devices mark as made up by a program");
    sample(text, marked, "mark", "mock", gps.mocks);
}

fn count_gateway(text: &mut String, gateway: &GatewayStats) {
    let counters = [
        ("connections", &gateway.connections),
        ("publishes", &gateway.publishes),
        ("acks", &gateway.acks),
        ("protocol_errors", &gateway.protocol_errors),
        ("oversized", &gateway.oversized),
        ("handshakes", &gateway.handshakes),
        ("refused_full", &gateway.refused_full),
        ("refused_handshake_slow", &gateway.refused_handshake_slow),
        ("refused_no_certificate", &gateway.refused_no_certificate),
        ("refused_authority", &gateway.refused_authority),
        ("refused_expired", &gateway.refused_expired),
        ("refused_certificate", &gateway.refused_certificate),
        ("refused_tls_version", &gateway.refused_tls_version),
        ("refused_handshake", &gateway.refused_handshake),
        ("refused_client_id", &gateway.refused_client_id),
        ("refused_by_host", &gateway.refused_by_host),
        ("shut_out", &gateway.shut_out),
        ("subscriptions_refused", &gateway.subscriptions_refused),
        ("forbidden", &gateway.forbidden),
        ("unknown_topic", &gateway.unknown_topic),
        ("manifests_sent", &gateway.manifests_sent),
        ("lookups_failed", &gateway.lookups_failed),
    ];
    header(text, "logistics_gateway", "untyped", "The device gateway's own counts");
    for (name, counter) in counters {
        sample(text, "logistics_gateway", "of", name, counter.get());
    }
}

fn header(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

/// Label values are our own words: letters, digits, underscores and `@`.
fn sample(text: &mut String, name: &str, label: &str, value: &str, count: u64) {
    let _ = writeln!(text, "{name}{{{label}=\"{value}\"}} {count}");
}
