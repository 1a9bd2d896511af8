//! Processor time of this process and of the PostgreSQL server behind a connection, as the kernel
//! counts it. Linux only.

use std::fs;

use anyhow::{Context as _, Result};
use sqlx::PgPool;

/// The kernel's unit of processor time in `/proc`, on all common configurations.
const TICK_US: u64 = 10_000;

/// Processor time used so far, in microseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cpu {
    pub client_us: u64,
    pub server_us: u64,
}

impl Cpu {
    pub fn since(self, before: Self) -> Self {
        Self {
            client_us: self.client_us.saturating_sub(before.client_us),
            server_us: self.server_us.saturating_sub(before.server_us),
        }
    }
}

/// A server by its first process.
#[derive(Debug, Clone, Copy)]
pub struct Server {
    postmaster: u32,
}

impl Server {
    pub async fn of(pool: &PgPool) -> Result<Self> {
        let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(pool).await?;
        let stat = Stat::read(&format!("/proc/{backend}/stat"))
            .context("the server must run on this machine")?;
        Ok(Self { postmaster: stat.parent })
    }

    /// What this process and all processes of the server have used; those of the server that have
    /// ended count through their parent.
    pub fn used(self) -> Result<Cpu> {
        let mut cpu = Cpu { client_us: Stat::read("/proc/self/stat")?.own_us, server_us: 0 };
        for entry in fs::read_dir("/proc")? {
            let entry = entry?;
            let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
            // A process may end while we look.
            let Ok(stat) = Stat::read(&format!("/proc/{pid}/stat")) else { continue };
            if pid == self.postmaster {
                cpu.server_us += stat.own_us + stat.children_us;
            } else if stat.parent == self.postmaster {
                cpu.server_us += stat.own_us;
            }
        }
        Ok(cpu)
    }
}

struct Stat {
    parent: u32,
    own_us: u64,
    children_us: u64,
}

impl Stat {
    fn read(path: &str) -> Result<Self> {
        let text = fs::read_to_string(path)?;
        // The second field is the command in parentheses, which may hold spaces.
        let rest = text.rsplit_once(')').context("no stat line")?.1;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let number = |at: usize| -> Result<u64> { Ok(fields.get(at).context("short")?.parse()?) };
        Ok(Self {
            parent: u32::try_from(number(1)?)?,
            own_us: (number(11)? + number(12)?) * TICK_US,
            children_us: (number(13)? + number(14)?) * TICK_US,
        })
    }
}
