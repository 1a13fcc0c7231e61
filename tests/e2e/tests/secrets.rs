//! Accounts and their secrets through a real controller: from the command line, on the disk, with its key and without.
#![expect(clippy::unwrap_used, reason = "a journey that cannot go on has failed")]

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use farm::site::Controller;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

const UP: Duration = Duration::from_secs(60);
const PASSWORD: &str = "Tr0ub4dor-canary-7391";
const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

async fn controller(folder: &Path) -> Controller {
    let mut controller = Controller::new(&folder.join("controller"), &[]).unwrap();
    controller.start().unwrap();
    controller.until_ready(UP).await.unwrap();
    controller
}

async fn run(controller: &Controller, arguments: &[&str], stdin: &str) -> Output {
    let mut child = controller
        .command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    // A command that reads no stdin may be gone already.
    let _ = input.write_all(stdin.as_bytes()).await;
    drop(input);
    child.wait_with_output().await.unwrap()
}

async fn json_of(controller: &Controller, arguments: &[&str], stdin: &str) -> Value {
    let output = run(controller, &[arguments, &["--json"]].concat(), stdin).await;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {told}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn accounts_are_worked_with_from_the_command_line_and_no_file_holds_their_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let controller = controller(folder.path()).await;
    let typed = format!("{PASSWORD}:{SEED}\n");
    let add = [
        "accounts",
        "add",
        "instagram",
        "@Jane.Doe",
        "--tags",
        "food,us",
        "--password-file",
        "-",
    ];
    let made = json_of(&controller, &add, &typed).await;
    assert_eq!((&made["id"], &made["has_2fa"]), (&json!(1), &json!(true)));
    let listed = json_of(&controller, &["accounts", "list", "--tag", "Food"], "").await;
    assert_eq!(listed["accounts"][0]["username"], "Jane.Doe");
    let set = [
        "accounts",
        "set",
        "instagram/JANE.doe",
        "--disable",
        "--device",
        "FUTURE",
    ];
    let changed = json_of(&controller, &set, "").await;
    assert_eq!(
        (&changed["status"], &changed["device"]),
        (&json!(1), &json!("FUTURE"))
    );
    let shown = run(&controller, &["accounts", "show", "1"], "").await;
    assert!(String::from_utf8_lossy(&shown.stdout).contains("Jane.Doe"));
    let revealed = run(&controller, &["accounts", "reveal", "1"], "").await;
    assert_eq!(String::from_utf8_lossy(&revealed.stdout).trim(), PASSWORD);
    let code = json_of(&controller, &["accounts", "totp", "instagram/jane.doe"], "").await;
    assert_eq!(code["code"].as_str().unwrap().len(), 6);

    let before = json_of(&controller, &["keys", "list"], "").await;
    let after = json_of(&controller, &["keys", "rotate"], "").await;
    assert_eq!(after["keys"].as_array().unwrap().len(), 2);
    assert_ne!(
        after["keys"]
            .as_array()
            .unwrap()
            .iter()
            .find(|key| key["current"] == true),
        before["keys"].as_array().unwrap().first()
    );
    let revealed = run(&controller, &["accounts", "reveal", "1"], "").await;
    assert_eq!(
        String::from_utf8_lossy(&revealed.stdout).trim(),
        PASSWORD,
        "it opens with the new key"
    );

    let hex = |text: &str| {
        let digits = text.bytes().map(|byte| format!("{byte:02x}"));
        digits.fold(String::new(), |hex, digits| hex + digits.as_str())
    };
    for path in files(folder.path()) {
        let bytes = std::fs::read(&path).unwrap();
        for secret in [PASSWORD.to_owned(), SEED.to_owned(), hex(PASSWORD), hex(SEED)] {
            assert!(!holds(&bytes, &secret), "{} holds a secret", path.display());
        }
    }
    let database = std::fs::read(controller.data.join("drover.db-wal")).unwrap_or_default();
    assert!(
        holds(&database, "jane.doe"),
        "what is looked through is what was written"
    );

    for (arguments, code, told) in [
        (
            vec!["accounts", "add", "tiktok", "x", "--password"],
            65,
            "no terminal",
        ),
        (
            vec!["accounts", "add", "instagram", "jane.DOE"],
            1,
            "has the username",
        ),
        (vec!["accounts", "show", "nobody"], 65, "PLATFORM/USERNAME"),
        (
            vec!["accounts", "show", "tiktok/nobody"],
            65,
            "there is no account",
        ),
        (vec!["accounts", "totp", "99"], 65, "no account"),
        (vec!["accounts", "set", "1"], 65, "nothing to change"),
        (
            vec!["accounts", "set", "1", "--device-index", "7"],
            65,
            "device_index",
        ),
    ] {
        let output = run(&controller, &arguments, "").await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(told), "{arguments:?}: {said}");
    }
    let removed = run(&controller, &["accounts", "rm", "1"], "").await;
    assert_eq!(removed.status.code(), Some(0));
    assert_eq!(json_of(&controller, &["accounts", "list"], "").await["total"], 0);
}

#[tokio::test]
async fn without_its_key_a_controller_says_what_is_missing_and_makes_no_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut controller = controller(folder.path()).await;
    let add = ["accounts", "add", "tiktok", "jane", "--password-file", "-"];
    json_of(&controller, &add, PASSWORD).await;
    controller.kill().await.unwrap();
    let keys = controller.data.join("keys");
    let key = files(&keys)
        .into_iter()
        .find(|path| {
            path.extension().is_some_and(|end| end == "key") && path.to_string_lossy().contains("vault-")
        })
        .unwrap();
    let elsewhere = folder.path().join("kept.key");
    std::fs::rename(&key, &elsewhere).unwrap();

    let refused = tokio::time::timeout(UP, run(&controller, &["serve"], ""))
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(78), "{said}");
    let name = key.file_name().unwrap().to_string_lossy().into_owned();
    assert!(
        said.contains(&name) && said.contains(&keys.display().to_string()),
        "{said}"
    );
    assert!(
        !files(&keys)
            .iter()
            .any(|path| path.to_string_lossy().contains("vault-")),
        "no new key was made"
    );

    // Given under another name, as a credential is.
    controller.add_argument(&["--set", &format!("vault.key_file={}", elsewhere.display())]);
    controller.start().unwrap();
    controller.until_ready(UP).await.unwrap();
    let revealed = run(&controller, &["accounts", "reveal", "tiktok/jane"], "").await;
    assert_eq!(String::from_utf8_lossy(&revealed.stdout).trim(), PASSWORD);
}

#[tokio::test]
async fn a_backup_restored_beside_its_keys_gives_its_secrets_again() {
    let folder = tempfile::tempdir().unwrap();
    let first = controller(folder.path()).await;
    let typed = format!("{PASSWORD}:{SEED}\n");
    let add = ["accounts", "add", "instagram", "jane", "--password-file", "-"];
    json_of(&first, &add, &typed).await;
    let file = folder.path().join("farm.backup").display().to_string();
    let saved = run(&first, &["backup", &file], "").await;
    assert_eq!(saved.status.code(), Some(0), "{saved:?}");

    let mut second = Controller::new(&folder.path().join("second"), &[]).unwrap();
    let restored = run(&second, &["restore", &file], "").await;
    assert_eq!(restored.status.code(), Some(0), "{restored:?}");
    // The keys are not in a backup: they come from a copy that was kept apart.
    let keys = second.data.join("keys");
    std::fs::create_dir_all(&keys).unwrap();
    for key in files(&first.data.join("keys")) {
        std::fs::copy(&key, keys.join(key.file_name().unwrap())).unwrap();
    }
    second.start().unwrap();
    second.until_ready(UP).await.unwrap();
    let revealed = run(&second, &["accounts", "reveal", "instagram/jane"], "").await;
    assert_eq!(String::from_utf8_lossy(&revealed.stdout).trim(), PASSWORD);
    let code = json_of(&second, &["accounts", "totp", "instagram/jane"], "").await;
    assert_eq!(code["code"].as_str().unwrap().len(), 6);
}
