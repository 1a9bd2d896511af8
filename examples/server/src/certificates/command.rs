//! The operator's verbs: `device enrol`, `device revoke`, `device list`.

use std::fs;

use anyhow::{Context as _, bail};
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use logistics_core::PartnerId;
use serde_json::json;

use super::authority::{Authority, Credential};
use super::ledger::{Entry, Records, State};
use super::{AUTHORITY, Folder, cannot};
use crate::cli::{Device, Enrol};
use crate::data_dir::{DataDir, write_private};
use crate::ids::hex;
use crate::say;

/// Does what the operator asks for.
pub(crate) fn run(command: &Device) -> anyhow::Result<()> {
    match command {
        Device::Enrol(enrol) => self::enrol(&folder(&enrol.data)?, enrol),
        Device::Revoke { whose, data } => revoke(&folder(data)?, whose),
        Device::Broker { names, days, data } => broker(&folder(data)?, names, *days),
        Device::List { data } => list(&folder(data)?),
    }
}

fn folder(data: &std::path::Path) -> anyhow::Result<Folder> {
    DataDir::open(data)?.certificates()
}

fn enrol(folder: &Folder, enrol: &Enrol) -> anyhow::Result<()> {
    let lock = folder.lock()?;
    let authority = folder.authority(&lock)?;
    let now = Utc::now();
    let until = now + Duration::days(enrol.days.into());
    let mut entries = Vec::new();
    for partner in &enrol.partners {
        let serial = issue(folder, &authority, partner, now, until)?;
        entries.push(Entry::Issued { serial, partner: partner.clone(), at: now, until });
    }
    // Before the first word of it: what is told is good.
    folder.ledger().append(&lock, &entries)?;
    for entry in &entries {
        if let Entry::Issued { serial, partner, .. } = entry {
            tell(folder, enrol, partner, serial, until);
        }
    }
    Ok(())
}

/// Writes a new certificate and its key; its serial number.
fn issue(
    folder: &Folder,
    authority: &Authority,
    partner: &PartnerId,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> anyhow::Result<String> {
    let serial = new_serial()?;
    let issued = authority.device(partner, &serial, now, until)?;
    let serial = hex(&serial);
    write(folder, &serial, &issued)?;
    Ok(serial)
}

fn new_serial() -> anyhow::Result<[u8; 16]> {
    let mut serial = [0; 16];
    getrandom::fill(&mut serial).context("the system gives no randomness")?;
    // Positive, and of the same length always.
    serial[0] = serial[0] & 0x3F | 0x40;
    Ok(serial)
}

/// Writes a certificate and its key as files of this name.
fn write(folder: &Folder, name: &str, issued: &Credential) -> anyhow::Result<()> {
    let (key, certificate) =
        (folder.file(&format!("{name}.key")), folder.file(&format!("{name}.pem")));
    write_private(&key, issued.key.as_bytes()).with_context(|| cannot("write", &key))?;
    fs::write(&certificate, &issued.certificate).with_context(|| cannot("write", &certificate))
}

/// Certificates for a broker and for this server at it. They are not in the ledger, which is of
/// devices: the built-in gateway takes neither.
fn broker(folder: &Folder, names: &[String], days: u16) -> anyhow::Result<()> {
    let lock = folder.lock()?;
    let authority = folder.authority(&lock)?;
    let now = Utc::now();
    let until = now + Duration::days(days.into());
    let broker = authority.server(names.to_vec(), now, until)?;
    let serial = new_serial()?;
    let platform = authority.platform(&serial, now, until)?;
    let mut lines = vec![("authority", folder.file(AUTHORITY).display().to_string())];
    for (whose, issued) in [("broker", broker), ("platform", platform)] {
        let name = format!("{whose}-{}", hex(&serial));
        write(folder, &name, &issued)?;
        let file = |kind| folder.file(&format!("{name}.{kind}")).display().to_string();
        lines.push((whose, format!("{}  {}", file("pem"), file("key"))));
    }
    for (whose, files) in lines {
        say(format_args!("{whose:<12} {files}"));
    }
    Ok(())
}

fn tell(folder: &Folder, enrol: &Enrol, partner: &PartnerId, serial: &str, until: DateTime<Utc>) {
    let until = until.to_rfc3339_opts(SecondsFormat::Secs, true);
    let authority = folder.file(AUTHORITY).display().to_string();
    let certificate = folder.file(&format!("{serial}.pem")).display().to_string();
    let key = folder.file(&format!("{serial}.key")).display().to_string();
    if enrol.json {
        return say(format_args!(
            "{}",
            json!({
                "partner": partner, "serial": serial, "until": until,
                "authority": authority, "certificate": certificate, "key": key,
            })
        ));
    }
    say(format_args!("partner      {partner}"));
    say(format_args!("serial       {serial}"));
    say(format_args!("until        {until}"));
    say(format_args!("authority    {authority}"));
    say(format_args!("certificate  {certificate}"));
    say(format_args!("key          {key}"));
    let (host, port) = &enrol.gateway;
    let id = quoted(partner.as_str());
    let topic = quoted(&format!("logistics/dp/{partner}/location"));
    let [authority, certificate, key, host] =
        [&authority, &certificate, &key, host].map(|text| quoted(text));
    say(format_args!(
        "publish      mosquitto_pub -h {host} -p {port} --cafile {authority} --cert {certificate} --key {key} -i {id} -q 1 -t {topic} -m '{{\"lat\":18.52,\"lon\":73.85,\"ts\":'$(date +%s%3N)'}}'"
    ));
}

/// One word of a shell, whatever is in it.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn revoke(folder: &Folder, whose: &str) -> anyhow::Result<()> {
    let lock = folder.lock()?;
    let now = Utc::now();
    let records = folder.ledger().read()?;
    let serials = good_ones(&records, whose, now);
    if serials.is_empty() {
        bail!("no good certificate of {whose:?}; `device list` shows all");
    }
    let revoked = |serial: &String| Entry::Revoked { serial: serial.clone(), at: now };
    folder.ledger().append(&lock, &serials.iter().map(revoked).collect::<Vec<_>>())?;
    for serial in serials {
        say(format_args!("revoked {serial} of {}", records[&serial].partner));
    }
    Ok(())
}

/// The good certificates with this serial number, or of this partner.
fn good_ones(records: &Records, whose: &str, now: DateTime<Utc>) -> Vec<String> {
    let is_meant = |serial: &str, partner: &PartnerId| serial == whose || partner.as_str() == whose;
    records
        .iter()
        .filter(|(serial, record)| {
            is_meant(serial, &record.partner) && record.state(now) == State::Good
        })
        .map(|(serial, _)| serial.clone())
        .collect()
}

fn list(folder: &Folder) -> anyhow::Result<()> {
    let now = Utc::now();
    let records = folder.ledger().read()?;
    let mut rows: Vec<_> = records.iter().collect();
    rows.sort_by_key(|(_, record)| (&record.partner, record.issued_at));
    for (serial, record) in rows {
        let until = record.until.to_rfc3339_opts(SecondsFormat::Secs, true);
        say(format_args!("{serial}  {:7}  {until}  {}", record.state(now).word(), record.partner));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_shell() {
        assert_eq!(quoted("DP-7"), "DP-7");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(quoted(""), "''");
    }
}
