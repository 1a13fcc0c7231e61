//! A real Postgres of one's own, as Debian installs it: on a free port, in a temporary folder, with fsync, ended with the
//! value that stands for it, or with the process that started it.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::free_port;

const START: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(30);
/// The name of the role and of the database.
const NAME: &str = "drover";

/// A server with one empty database.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
    process: Option<Child>,
}

impl Postgres {
    /// Makes the server's files and starts it.
    pub async fn start() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("postgres").tempdir()?;
        let mut postgres = Self {
            programs: programs()?,
            folder,
            port: 0,
            process: None,
        };
        postgres.make_files()?;
        // The port may be taken by another between the look and the start.
        for _ in 0..5 {
            postgres.port = free_port()?;
            match postgres.run().await {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                other => return other.map(|()| postgres),
            }
        }
        Err(io::Error::other("no port was free for Postgres"))
    }

    /// The address of its database.
    pub fn url(&self) -> String {
        format!("postgres://{NAME}@127.0.0.1:{}/{NAME}", self.port)
    }

    /// Ends it in the middle of what it does, as a crash would.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // QUIT ends the server's children too and writes nothing more; KILL would leave them behind for a while.
            let quit = Command::new("kill")
                .args(["-QUIT", &process.id().to_string()])
                .status();
            let deadline = Instant::now() + Duration::from_secs(5);
            while quit.is_ok() && Instant::now() < deadline && matches!(process.try_wait(), Ok(None)) {
                std::thread::park_timeout(LOOK);
            }
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Starts it again on the same port and files, and waits until it answers.
    pub async fn start_again(&mut self) -> io::Result<()> {
        self.kill();
        self.run().await
    }

    /// Runs SQL as its superuser; answers what psql prints, bare.
    pub fn sql(&self, sql: &str) -> io::Result<String> {
        let output = Command::new(self.programs.join("psql"))
            .args(["-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, &self.url()])
            .stdin(Stdio::null())
            .output()?;
        if !output.status.success() {
            return Err(io::Error::other(
                String::from_utf8_lossy(&output.stderr).into_owned(),
            ));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn make_files(&self) -> io::Result<()> {
        let data = self.data();
        std::fs::create_dir(&data)?;
        if is_root() {
            hand_over(self.folder.path(), &data)?;
        }
        // Flushing what initdb writes protects nothing here; the server itself runs with fsync.
        let output = self
            .as_user("initdb")
            .arg("-D")
            .arg(&data)
            .args(["--no-sync", "-A", "trust", "-U", NAME, "-E", "UTF8", "--locale=C"])
            .current_dir("/")
            .output()?;
        if output.status.success() {
            return Ok(());
        }
        Err(io::Error::other(format!(
            "initdb: {}",
            String::from_utf8_lossy(&output.stderr)
        )))
    }

    async fn run(&mut self) -> io::Result<()> {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log())?;
        let port = self.port.to_string();
        // On the test's own thread: the signal of the parent's death is that of the thread which began it.
        let child = self
            .as_user("postgres")
            .arg("-D")
            .arg(self.data())
            .args([
                "-h",
                "127.0.0.1",
                "-p",
                &port,
                "-k",
                "",
                "-c",
                "fsync=on",
                "-c",
                "max_connections=60",
            ])
            .args([
                "-c",
                "dynamic_shared_memory_type=mmap",
                "-c",
                "shared_buffers=16MB",
            ])
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        self.process = Some(child);
        let deadline = Instant::now() + START;
        while !self.answers()? {
            let ended = match &mut self.process {
                Some(process) => process.try_wait()?.is_some(),
                None => true,
            };
            if ended || Instant::now() > deadline {
                self.kill();
                return Err(self.complaint());
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// Whether it takes queries; makes its database at the first time.
    fn answers(&self) -> io::Result<bool> {
        let ready = Command::new(self.programs.join("pg_isready"))
            .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
            .status()?;
        if !ready.success() {
            return Ok(false);
        }
        if self.sql("SELECT 1").is_err() {
            let made = Command::new(self.programs.join("createdb"))
                .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", NAME, NAME])
                .output()?;
            if !made.status.success() {
                return Err(io::Error::other(
                    String::from_utf8_lossy(&made.stderr).into_owned(),
                ));
            }
        }
        Ok(true)
    }

    fn complaint(&self) -> io::Error {
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        let kind = if log.contains("Address already in use") {
            io::ErrorKind::AddrInUse
        } else {
            io::ErrorKind::Other
        };
        io::Error::new(kind, format!("Postgres did not start: {log}"))
    }

    /// A program of the server, which refuses to run as root; it does not outlive the thread that starts it.
    fn as_user(&self, program: &str) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "QUIT"]);
        if is_root() {
            command.args(["--reuid", user(), "--regid", user_group(), "--clear-groups"]);
        }
        command.arg(self.programs.join(program));
        command.env("LC_ALL", "C");
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Where the server's programs lie: `$POSTGRES_BIN`, else the newest of Debian's, else beside the one on the path.
fn programs() -> io::Result<PathBuf> {
    if let Some(folder) = std::env::var_os("POSTGRES_BIN") {
        return Ok(folder.into());
    }
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let newest = debian
        .filter_map(|version| {
            Some((
                version.file_name().to_str()?.parse::<u32>().ok()?,
                version.path().join("bin"),
            ))
        })
        .filter(|(_, programs)| programs.join("postgres").is_file())
        .max();
    if let Some((_, programs)) = newest {
        return Ok(programs);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .find(|folder| folder.join("postgres").is_file())
        .ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::NotFound,
                "Postgres is not installed: run tests/prepare.sh, as `make test` does",
            )
        })
}

#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

/// Debian's package makes this user; elsewhere anyone without rights will do.
fn user() -> &'static str {
    if knows("/etc/passwd", "postgres") {
        "postgres"
    } else {
        "nobody"
    }
}

fn user_group() -> &'static str {
    match user() {
        "postgres" => "postgres",
        _ if knows("/etc/group", "nogroup") => "nogroup",
        _ => "nobody",
    }
}

fn knows(file: &str, name: &str) -> bool {
    std::fs::read_to_string(file)
        .is_ok_and(|text| text.lines().any(|line| line.split(':').next() == Some(name)))
}

/// Lets the server's user pass through the folder, and gives it the one below.
fn hand_over(folder: &Path, data: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))?;
    }
    let owner = format!("{}:{}", user(), user_group());
    let given = Command::new("chown").arg(owner).arg(data).status()?;
    if given.success() {
        Ok(())
    } else {
        Err(io::Error::other(
            "the folder could not be given to the server's user",
        ))
    }
}
