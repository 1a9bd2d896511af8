//! Our Postgres store beside cqrs-es, esrs and disintegrate: the same commands on the same
//! PostgreSQL in the same run.

mod cpu;
mod cqrs;
mod disintegrate;
mod esrs;
mod load;
mod losses;
mod ours;
mod parcel;
mod peer;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use clap::{Parser, Subcommand, ValueEnum};
use logistics_sqlx::PostgresConfig;
use serde_json::json;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::cpu::Server;
use crate::peer::Peer;

/// Measures event stores on one PostgreSQL. Prints one JSON line for each store and setting.
///
/// Each store gets a schema of its own, made for the run and dropped after it. Take several rounds
/// and compare ratios: what else the machine does hits all of them.
#[derive(Debug, Parser)]
#[command(name = "peers")]
struct Args {
    /// The database, on this machine.
    #[arg(long, env = "LOGISTICS_POSTGRES_URL")]
    url: String,
    /// Which stores; all by default.
    #[arg(long, value_delimiter = ',')]
    stores: Vec<Kind>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Clone, Subcommand)]
enum Command {
    /// Commands by 1, 8 and 32 writers on 1,000 parcels of 10 events.
    Append {
        #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 32])]
        writers: Vec<u64>,
        #[arg(long, default_value_t = 8.0)]
        seconds: f64,
        #[arg(long, default_value_t = 1_000)]
        streams: u64,
        #[arg(long, default_value_t = 1)]
        rounds: u32,
    },
    /// Parcels of 1,000 events loaded and folded, then the whole feed read and decoded.
    Read {
        #[arg(long, default_value_t = 200)]
        streams: u64,
        #[arg(long, default_value_t = 1)]
        rounds: u32,
    },
    /// What a follower that polls every millisecond loses, without and with a paused writer.
    Losses {
        #[arg(long, default_value_t = 4)]
        writers: u64,
        #[arg(long, default_value_t = 5.0)]
        seconds: f64,
        #[arg(long, default_value_t = 3.0)]
        pause: f64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
enum Kind {
    Ours,
    OursCached,
    CqrsEs,
    Esrs,
    Disintegrate,
}

impl Kind {
    const ALL: [Self; 5] =
        [Self::Ours, Self::OursCached, Self::CqrsEs, Self::Esrs, Self::Disintegrate];

    fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::OursCached => "ours, cached",
            Self::CqrsEs => "cqrs-es",
            Self::Esrs => "esrs",
            Self::Disintegrate => "disintegrate",
        }
    }
}

/// Most connections of each store: as many as the most writers, and two.
const CONNECTIONS: u32 = 34;

/// A store in a schema of its own.
struct Subject {
    peer: Arc<dyn Peer>,
    pool: PgPool,
    schema: String,
}

impl Subject {
    async fn open(url: &str, kind: Kind, run: u32) -> Result<Self> {
        let schema = format!("peers_{}_{run}", kind.name().replace([' ', ',', '-'], "_"));
        let options: PgConnectOptions = url.parse().context("--url")?;
        let admin = PgPoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        sqlx::raw_sql(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}"))
            .execute(&admin)
            .await?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .min_connections(1)
            .test_before_acquire(false)
            .connect_with(
                options.options([("search_path", &*schema), ("check_function_bodies", "off")]),
            )
            .await?;
        let ours = || {
            let mut config = PostgresConfig::new(url);
            config.schema.clone_from(&schema);
            config.connections = CONNECTIONS;
            config
        };
        let peer: Arc<dyn Peer> = match kind {
            Kind::Ours => Arc::new(ours::Ours::open(ours(), false).await?),
            Kind::OursCached => Arc::new(ours::Ours::open(ours(), true).await?),
            Kind::CqrsEs => Arc::new(cqrs::CqrsEs::open(pool.clone()).await?),
            Kind::Esrs => Arc::new(esrs::Esrs::open(pool.clone()).await?),
            Kind::Disintegrate => Arc::new(disintegrate::Disintegrate::open(pool.clone()).await?),
        };
        Ok(Self { peer, pool, schema })
    }

    /// Fills `streams` parcels with `events` each, `at_once` in turn, so that they lie mixed.
    async fn fill(&self, streams: u64, events: u64, at_once: u64) -> Result<()> {
        for _ in 0..events / at_once {
            for number in 0..streams {
                self.peer.fill(number, at_once).await?;
            }
        }
        sqlx::raw_sql("VACUUM ANALYZE").execute(&self.pool).await?;
        sqlx::raw_sql("CHECKPOINT").execute(&self.pool).await?;
        Ok(())
    }

    async fn drop(self) -> Result<()> {
        let statement = format!("DROP SCHEMA {} CASCADE", self.schema);
        drop(self.peer);
        sqlx::raw_sql(&statement).execute(&self.pool).await?;
        self.pool.close().await;
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    let kinds = if args.stores.is_empty() { Kind::ALL.to_vec() } else { args.stores.clone() };
    match args.command {
        Command::Append { ref writers, seconds, streams, rounds } => {
            for round in 0..rounds {
                for &writers in writers {
                    for &kind in &kinds {
                        let load = append(&args.url, kind, writers, streams, seconds).await?;
                        let line = json!({"append": kind.name(), "round": round,
                            "writers": writers, "streams": streams, "load": load});
                        println!("{line}");
                    }
                }
            }
        }
        Command::Read { streams, rounds } => {
            for round in 0..rounds {
                for &kind in kinds.iter().filter(|&&kind| kind != Kind::OursCached) {
                    println!("{}", read(&args.url, kind, streams, round).await?);
                }
            }
        }
        Command::Losses { writers, seconds, pause } => {
            for pause in [None, Some(Duration::from_secs_f64(pause))] {
                for &kind in kinds.iter().filter(|&&kind| kind != Kind::OursCached) {
                    let subject = Subject::open(&args.url, kind, 2).await?;
                    let time = Duration::from_secs_f64(seconds);
                    let losses =
                        losses::run(&subject.peer, &subject.pool, writers, time, pause).await?;
                    let line = json!({"losses": kind.name(), "writers": writers,
                        "pause_s": pause.map(|pause| pause.as_secs_f64()), "found": losses});
                    println!("{line}");
                    subject.drop().await?;
                }
            }
        }
    }
    Ok(())
}

async fn append(
    url: &str,
    kind: Kind,
    writers: u64,
    streams: u64,
    seconds: f64,
) -> Result<load::Load> {
    let subject = Subject::open(url, kind, 0).await?;
    subject.fill(streams, 10, 10).await?;
    let server = Server::of(&subject.pool).await?;
    let warm_up = Duration::from_millis(500);
    load::run(&subject.peer, server, writers, streams, warm_up).await?;
    let time = Duration::from_secs_f64(seconds);
    let load = load::run(&subject.peer, server, writers, streams, time).await?;
    subject.drop().await?;
    Ok(load)
}

async fn read(url: &str, kind: Kind, streams: u64, round: u32) -> Result<serde_json::Value> {
    let subject = Subject::open(url, kind, 1).await?;
    subject.fill(streams, 1_000, 50).await?;
    let server = Server::of(&subject.pool).await?;
    // Once to warm the caches of both sides.
    for number in 0..streams {
        subject.peer.replay(number).await?;
    }
    let (before, start) = (server.used()?, Instant::now());
    let mut replayed = 0;
    for number in 0..streams {
        replayed += subject.peer.replay(number).await?;
    }
    let (replay_s, middle) = (start.elapsed().as_secs_f64(), server.used()?);
    let start = Instant::now();
    let fed = subject.peer.feed().await?;
    ensure!(fed == streams * 1_000 && replayed == fed, "{fed} and {replayed} events are there");
    let (feed_s, after) = (start.elapsed().as_secs_f64(), server.used()?);
    let us = |used: cpu::Cpu, events: u64| {
        json!({"client_us": used.client_us as f64 / events as f64,
            "server_us": used.server_us as f64 / events as f64})
    };
    let line = json!({"read": kind.name(), "round": round, "events": fed,
        "replay_per_s": replayed as f64 / replay_s,
        "replay": us(middle.since(before), replayed),
        "feed_per_s": fed as f64 / feed_s, "feed": us(after.since(middle), fed)});
    subject.drop().await?;
    Ok(line)
}
