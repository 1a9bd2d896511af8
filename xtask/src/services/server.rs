//! A server in a folder of its own, for as long as this process lives.
//!
//! Between the two stands a shell that reads a pipe from us. However we end, by ourselves, by
//! Ctrl-C or by SIGKILL, the kernel closes the pipe; the shell then stops the server and removes
//! the folder.

use std::fs::{self, DirBuilder, File};
use std::io::{ErrorKind, Read as _, Seek as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio, id};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::account::Account;
use crate::process;

/// Arguments: the folder, the signal that stops the server, the server's command.
/// The signal is repeated, for it may come before the server listens to it.
const KEEPER: &str = r#"
folder=$1 signal=$2
shift 2
exec 3<&0
"$@" 3<&- &
server=$!
{
    read -r _ <&3
    while kill -s "$signal" "$server"; do sleep 1; done
} &
watch=$!
wait "$server"
status=$?
kill "$watch"
rm -rf -- "$folder"
exit "$status"
"#;

/// A server that takes longer to stop is left to its keeper.
const STOP_MAX: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(50);
/// Of its log, what an error shows.
const LOG_LINES: usize = 20;

/// A running server; dropping it stops the server and removes its folder.
#[derive(Debug)]
pub(super) struct Server {
    name: &'static str,
    folder: PathBuf,
    keeper: Child,
    /// Readable even when the folder is gone.
    log: File,
    has_answered: bool,
}

impl Server {
    /// Starts `command` in a new folder that only `owner`, or else we, can enter, and that is
    /// removed when the server ends. `signal` asks it to end.
    pub(super) fn start(
        name: &'static str,
        owner: Option<&Account>,
        signal: &str,
        command: &Command,
    ) -> Result<Self> {
        let folder = new_folder(name)?;
        let start = || {
            owner.map_or(Ok(()), |account| account.give(&folder))?;
            let log = new_log(&folder)?;
            keeper(&folder, &log, signal, command).map(|keeper| (keeper, log))
        };
        match start() {
            Ok((keeper, log)) => Ok(Self { name, folder, keeper, log, has_answered: false }),
            Err(error) => {
                // There is no keeper to do it.
                let _ = fs::remove_dir_all(&folder);
                Err(error)
            }
        }
    }

    /// Waits until the server answers. It did not start if it ends or takes longer than `limit`.
    pub(super) fn wait_until(
        &mut self,
        limit: Duration,
        mut answers: impl FnMut() -> bool,
    ) -> Result<()> {
        let start = Instant::now();
        loop {
            let ended = self.keeper.try_wait().context("cannot wait for a child")?;
            if let Some(status) = ended {
                bail!("{} did not start: {status}\n{}", self.name, self.log_end());
            }
            if answers() {
                self.has_answered = true;
                return Ok(());
            }
            if start.elapsed() > limit {
                let seconds = limit.as_secs_f64();
                bail!("{} did not answer in {seconds} s\n{}", self.name, self.log_end());
            }
            sleep(POLL);
        }
    }

    /// What to say of a server that ended before it was asked to; not starting was said before.
    fn obituary(&mut self) -> Option<String> {
        let status = self.keeper.try_wait().ok().flatten().filter(|_| self.has_answered)?;
        Some(format!("{} ended by itself: {status}\n{}", self.name, self.log_end()))
    }

    fn log_end(&self) -> String {
        let (mut log, mut text) = (&self.log, Vec::new());
        match log.rewind().and_then(|()| log.read_to_end(&mut text)) {
            Ok(_) => process::last_lines(&String::from_utf8_lossy(&text), LOG_LINES),
            Err(error) => format!("its log cannot be read: {error}"),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(text) = self.obituary() {
            eprintln!("{text}");
        }
        drop(self.keeper.stdin.take());
        let start = Instant::now();
        while let Ok(None) = self.keeper.try_wait() {
            if start.elapsed() > STOP_MAX {
                let (seconds, folder) = (STOP_MAX.as_secs(), self.folder.display());
                eprintln!("{} has not stopped after {seconds} s in {folder}", self.name);
                return;
            }
            sleep(POLL);
        }
    }
}

fn new_folder(name: &str) -> Result<PathBuf> {
    let base = std::env::temp_dir();
    // A process that had our number may have left its folders.
    for k in 0..1000 {
        let folder = base.join(format!("logistics-{name}-{}-{k}", id()));
        match DirBuilder::new().mode(0o700).create(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(|| folder.display().to_string()),
        }
    }
    bail!("no free folder in {}", base.display())
}

fn new_log(folder: &Path) -> Result<File> {
    let path = folder.join("log");
    let log = File::options().read(true).append(true).create_new(true).open(&path);
    log.with_context(|| path.display().to_string())
}

fn keeper(folder: &Path, log: &File, signal: &str, command: &Command) -> Result<Child> {
    let mut keeper = Command::new("sh");
    keeper.args(["-c", KEEPER, "keeper"]).arg(folder).arg(signal);
    keeper.arg(command.get_program()).args(command.get_args());
    // Logs in one language; Ctrl-C for us alone, it would end the keeper before its work is done.
    keeper.current_dir(folder).env("LC_ALL", "C").process_group(0);
    let copy = || log.try_clone().context("cannot share the log");
    keeper.stdin(Stdio::piped()).stdout(copy()?).stderr(copy()?);
    keeper.spawn().context("cannot run sh")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(20);

    fn shell(script: &str) -> Server {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Server::start("shell", None, "TERM", &command).unwrap()
    }

    fn lives(pid: &str) -> bool {
        Command::new("kill").args(["-0", pid]).stderr(Stdio::null()).status().unwrap().success()
    }

    #[test]
    fn dropping_it_stops_the_server_and_removes_the_folder() {
        let mut server = shell("echo $$; exec sleep 600");
        let folder = server.folder.clone();
        let pid = || fs::read_to_string(folder.join("log")).unwrap();
        server.wait_until(LIMIT, || pid().ends_with('\n')).unwrap();
        let pid = pid();
        assert!(lives(pid.trim()));
        drop(server);
        assert!(!lives(pid.trim()), "the server still runs");
        assert!(!folder.exists(), "the folder is still there");
    }

    #[test]
    fn a_signal_that_came_too_early_is_sent_again() {
        let mut server = shell(
            "trap '' TERM; touch deaf; sleep 0.3; \
             trap 'exit 0' TERM; while :; do sleep 0.1; done",
        );
        let folder = server.folder.clone();
        server.wait_until(LIMIT, || folder.join("deaf").exists()).unwrap();
        drop(server);
        assert!(!folder.exists(), "the folder is still there");
    }

    #[test]
    fn a_server_that_ends_says_why() {
        let mut server = shell("seq 30; echo why >&2; exit 3");
        let error = server.wait_until(LIMIT, || false).unwrap_err().to_string();
        let lines: Vec<&str> = error.lines().collect();
        assert_eq!(lines[0], "shell did not start: exit status: 3");
        assert_eq!((lines[1], lines[20], lines.len()), ("12", "why", 21));
        assert!(!server.folder.exists(), "the folder is still there");
    }

    #[test]
    fn a_server_that_ends_later_is_told_of() {
        let mut server = shell("mkfifo stop; echo hm; read -r _ < stop; echo why; exit 3");
        let (log, stop) = (server.folder.join("log"), server.folder.join("stop"));
        server.wait_until(LIMIT, || fs::read_to_string(&log).is_ok_and(|t| t == "hm\n")).unwrap();
        assert_eq!(server.obituary(), None);
        fs::write(&stop, "\n").unwrap();
        // As `wait`, which would also close the pipe.
        while server.keeper.try_wait().unwrap().is_none() {
            sleep(POLL);
        }
        let text = "shell ended by itself: exit status: 3\nhm\nwhy";
        assert_eq!(server.obituary().as_deref(), Some(text));
    }

    #[test]
    fn a_server_that_never_answers_is_given_up() {
        let mut server = shell("echo hm; exec sleep 600");
        let log = server.folder.join("log");
        server.wait_until(LIMIT, || fs::read_to_string(&log).is_ok_and(|t| t == "hm\n")).unwrap();
        let error = server.wait_until(Duration::ZERO, || false).unwrap_err().to_string();
        assert_eq!(error, "shell did not answer in 0 s\nhm");
    }

    #[test]
    fn a_server_that_cannot_be_started_leaves_no_folder() {
        // No argument can hold a NUL.
        assert!(Server::start("none", None, "TE\0RM", &Command::new("true")).is_err());
        let own = format!("logistics-none-{}-", id());
        let left = fs::read_dir(std::env::temp_dir()).unwrap().flatten();
        let left = left.filter(|entry| entry.file_name().to_string_lossy().starts_with(&own));
        assert_eq!(left.count(), 0);
    }

    #[test]
    fn the_folder_is_ours_alone() {
        let folders = [new_folder("same").unwrap(), new_folder("same").unwrap()];
        assert_ne!(folders[0], folders[1]);
        for folder in folders {
            let mode = fs::metadata(&folder).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
            fs::remove_dir(folder).unwrap();
        }
    }
}
