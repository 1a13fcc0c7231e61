//! `doctor`: what goes wrong on controllers, looked for and named with the way out.

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use serde_json::json;
use shared::clock::SystemClock;
use shared::terminal::{Exit, Output};

use super::CliError;
use super::client::Client;
use crate::config::{Config, Tls};
use crate::store::{DatabaseUrl, Store};

#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    good: bool,
    found: String,
    advice: Option<&'static str>,
}

pub(super) async fn run(config: &Config, output: Output) -> Result<Exit, CliError> {
    let running = match Client::new(config) {
        Ok(client) => client.get("/api/v1/overview").await.is_ok(),
        Err(_) => false,
    };
    let mut findings = vec![Finding {
        check: "controller",
        good: true,
        found: if running {
            "runs and answers".to_owned()
        } else {
            "does not run".to_owned()
        },
        advice: None,
    }];
    findings.push(folder("data_dir", &config.data_dir));
    findings.push(folder("keys_dir", &config.keys_dir));
    findings.push(database(config).await);
    findings.push(exposure(config));
    if !running {
        findings.extend(
            config
                .listen
                .iter()
                .map(|address| port("listen", *address, TcpListener::bind(address).map(drop))),
        );
        for (name, address) in [
            ("agents.listen", config.agents_listen),
            ("agents.join_listen", config.join_listen),
        ] {
            findings.push(port(name, address, UdpSocket::bind(address).map(drop)));
        }
    }
    let healthy = findings.iter().all(|finding| finding.good);
    output.result(&json!({"healthy": healthy, "findings": findings}), || {
        tell(&findings, healthy)
    });
    Ok(if healthy { Exit::Done } else { Exit::Failed })
}

fn tell(findings: &[Finding], healthy: bool) -> String {
    let mut text = String::new();
    for finding in findings {
        text.push_str(&format!(
            "{}  {:<18} {}\n",
            if finding.good { "ok   " } else { "BAD  " },
            finding.check,
            finding.found
        ));
        if let Some(advice) = finding.advice.filter(|_| !finding.good) {
            text.push_str(&format!("                          → {advice}\n"));
        }
    }
    format!(
        "{text}\n{}",
        if healthy {
            "All is well."
        } else {
            "Something is to be put right."
        }
    )
}

/// There or to be made, and nobody else's business.
fn folder(check: &'static str, path: &Path) -> Finding {
    let found = path.display().to_string();
    if !path.exists() {
        return Finding {
            check,
            good: true,
            found: format!("{found} will be made"),
            advice: None,
        };
    }
    if let Some(mode) = open_to_others(path) {
        let advice = Some("chmod 700 it: it holds the farm's secrets");
        return Finding {
            check,
            good: false,
            found: format!("{found} can be read by others (mode {mode:o})"),
            advice,
        };
    }
    match tempfile_in(path) {
        Ok(()) => Finding {
            check,
            good: true,
            found,
            advice: None,
        },
        Err(error) => Finding {
            check,
            good: false,
            found: format!("{found}: {error}"),
            advice: Some("give it to the user that the controller runs as"),
        },
    }
}

fn tempfile_in(path: &Path) -> std::io::Result<()> {
    let probe = path.join(format!(".doctor-{}", std::process::id()));
    std::fs::write(&probe, b"")?;
    std::fs::remove_file(probe)
}

#[cfg(unix)]
fn open_to_others(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn open_to_others(_path: &Path) -> Option<u32> {
    None
}

async fn database(config: &Config) -> Finding {
    let check = "database";
    if let DatabaseUrl::Sqlite(path) = &config.database
        && !path.exists()
    {
        return Finding {
            check,
            good: true,
            found: format!("{} will be made", path.display()),
            advice: None,
        };
    }
    let opened = async {
        let store = Store::open(&config.database, Arc::new(SystemClock)).await?;
        let answered = store.ping().await;
        store.close().await;
        answered
    };
    match opened.await {
        Ok(()) => Finding {
            check,
            good: true,
            found: "opens and answers".to_owned(),
            advice: None,
        },
        Err(error) => Finding {
            check,
            good: false,
            found: error.to_string(),
            advice: Some("check database_url, and that the server runs and lets this user in"),
        },
    }
}

fn exposure(config: &Config) -> Finding {
    let check = "exposure";
    let open: Vec<String> = config
        .listen
        .iter()
        .filter(|address| !address.ip().is_loopback())
        .map(ToString::to_string)
        .collect();
    match (open.is_empty(), &config.tls) {
        (true, _) => Finding {
            check,
            good: true,
            found: "the API listens on this machine only".to_owned(),
            advice: None,
        },
        (false, Tls::Off) => Finding {
            check,
            good: false,
            found: format!(
                "{} can be reached from the network without TLS; the controller will not start",
                open.join(", ")
            ),
            advice: Some("give tls.certificate and tls.key, or tls.self_made=true"),
        },
        (false, _) => Finding {
            check,
            good: true,
            found: format!("{} with TLS and tokens", open.join(", ")),
            advice: None,
        },
    }
}

fn port(check: &'static str, address: SocketAddr, tried: std::io::Result<()>) -> Finding {
    match tried {
        Ok(()) => Finding {
            check,
            good: true,
            found: format!("{address} is free"),
            advice: None,
        },
        Err(error) => Finding {
            check,
            good: false,
            found: format!("{address}: {error}"),
            advice: Some("another program has it: stop that one, or choose another address"),
        },
    }
}
