//! `dead-letters`: the operator's verbs for messages that could not be taken.
//!
//! They go to the running server over HTTP and not to its files: a message that is taken later must
//! meet the same partners, the same cache of duplicates and the same evaluation as any other.

use anyhow::{Context as _, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::cli::{DeadLetters, Which};
use crate::say;

/// Letters asked for at a time.
const PAGE: usize = 1_000;

#[derive(Deserialize)]
struct Letter {
    id: u64,
    received_at: String,
    partner: Option<String>,
    source: String,
    code: String,
    detail: String,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Letter>,
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
enum Replayed {
    Taken { counts: Counts },
    Kept { code: String, detail: String },
}

#[derive(Deserialize)]
struct Counts {
    stored: u32,
    duplicates: u32,
    filtered: u32,
    refused: u32,
}

#[derive(Deserialize)]
struct Refused {
    code: String,
    detail: String,
}

/// Runs the command; waits for the server's answers.
pub(crate) fn run(command: &DeadLetters) -> anyhow::Result<()> {
    match command {
        DeadLetters::List { code, server } => {
            for letter in Server::new(server).letters(code.as_deref())? {
                let Letter { id, received_at, partner, source, code, detail } = letter;
                let partner = partner.as_deref().unwrap_or("-");
                say(format_args!("{id}\t{received_at}\t{code}\t{partner}\t{source}\t{detail}"));
            }
            Ok(())
        }
        DeadLetters::Replay { which, server } => replay(&Server::new(server), which),
    }
}

fn replay(server: &Server, which: &Which) -> anyhow::Result<()> {
    let ids = match which.id {
        Some(id) => vec![id],
        None => server.letters(which.code.as_deref())?.iter().map(|letter| letter.id).collect(),
    };
    let (mut taken, mut kept) = (0_usize, 0_usize);
    for id in ids {
        match server.replay(id)? {
            Replayed::Taken { counts: Counts { stored, duplicates, filtered, refused } } => {
                taken += 1;
                say(format_args!(
                    "{id}\ttaken\tstored {stored}, duplicates {duplicates}, filtered {filtered}, refused {refused}"
                ));
            }
            Replayed::Kept { code, detail } => {
                kept += 1;
                say(format_args!("{id}\tkept\t{code}: {detail}"));
            }
        }
    }
    say(format_args!("{taken} taken, {kept} kept"));
    Ok(())
}

/// A running server.
struct Server {
    agent: ureq::Agent,
    base: String,
}

impl Server {
    fn new(base: &str) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        Self { agent: config.into(), base: base.trim_end_matches('/').to_owned() }
    }

    /// The letters, oldest first; of one reason where it is given.
    fn letters(&self, code: Option<&str>) -> anyhow::Result<Vec<Letter>> {
        let (mut letters, mut after) = (Vec::new(), String::new());
        loop {
            let url = format!("{}/v1/dead-letters?limit={PAGE}{after}", self.base);
            let answer = self.agent.get(&url).call();
            let page: Page = self.read(answer)?;
            let wanted =
                page.items.into_iter().filter(|letter| code.is_none_or(|c| c == letter.code));
            letters.extend(wanted);
            match page.next {
                Some(next) => after = format!("&after={next}"),
                None => return Ok(letters),
            }
        }
    }

    /// A letter that cannot be taken, or is gone by now, counts as kept.
    fn replay(&self, id: u64) -> anyhow::Result<Replayed> {
        let url = format!("{}/v1/dead-letters/{id}/replay", self.base);
        let mut answer = self.reached(self.agent.post(&url).send_empty())?;
        if matches!(answer.status().as_u16(), 404 | 409) {
            let Refused { code, detail } = answer.body_mut().read_json()?;
            return Ok(Replayed::Kept { code, detail });
        }
        self.read(Ok(answer))
    }

    fn reached(
        &self,
        answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> anyhow::Result<ureq::http::Response<ureq::Body>> {
        answer.with_context(|| format!("no server answers at {}", self.base))
    }

    fn read<T: DeserializeOwned>(
        &self,
        answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> anyhow::Result<T> {
        let mut answer = self.reached(answer)?;
        if !answer.status().is_success() {
            bail!(
                "the server answers {}: {}",
                answer.status(),
                answer.body_mut().read_to_string()?
            );
        }
        // A page of letters may hold a thousand payloads.
        let body = answer.body_mut().with_config().limit(256 * 1024 * 1024);
        body.read_json().context("the server's answer is not what this program expects")
    }
}
