//! What the phone's own tools tell and do beside the screen: versions, languages, permissions, shared files, media.

use std::time::Duration;

use super::{AdbDevice, QUESTION_DEADLINE};
use crate::adb::{parse, quote};
use crate::device::{DeviceError, NO_SPACE, Share, SystemFacts};
use crate::driver::{accepted, advice_for, unreachable};

/// Where shells may write.
const NOTES: &str = "/data/local/tmp";
/// Less than that is none: a file system keeps some for itself.
const NO_ROOM_KB: u64 = 64;
/// Where the phone keeps who works with it; gone with a reset, not with a reboot.
const HOLDER: &str = "/data/local/tmp/drover-holder";
/// Where it keeps which files a run has put onto it, one a line.
const FILES: &str = "/data/local/tmp/drover-files";
/// What tells whether a lock screen shows, under the names of all generations.
const ASK_LOCKED: &str = "dumpsys window | { grep -e howingLockscreen -e mIsShowing -e showing= -e eyguardShowing \
                          -e mDreamingLockscreen 2>/dev/null || cat; }; echo; dumpsys power | { grep -e mWakefulness= 2>/dev/null || cat; }";
/// A lock screen without a PIN takes a moment to slide away.
const WAKE_LOOKS: u32 = 5;
const WAKE_PAUSE: Duration = Duration::from_millis(300);
/// Old systems index on their own time.
const INDEX_LOOKS: u32 = 25;
const INDEX_PAUSE: Duration = Duration::from_millis(200);

impl AdbDevice {
    pub(super) async fn share_file(&self, share: &Share) -> Result<(), DeviceError> {
        let doing = format!("handing {} to {}", share.uri, share.package);
        let to = match &share.component {
            Some(component) => {
                let whole = if component.contains('/') {
                    component.clone()
                } else {
                    format!("{}/{component}", share.package)
                };
                format!("-n {}", quote(&whole))
            }
            None => format!("-p {}", quote(&share.package)),
        };
        let line = format!(
            "am start -W -a android.intent.action.SEND -t {} --eu android.intent.extra.STREAM {} --grant-read-uri-permission {to}",
            quote(&share.mime),
            quote(&share.uri)
        );
        self.start(doing, line).await
    }

    pub(super) async fn grant_permission(&self, package: &str, permission: &str) -> Result<(), DeviceError> {
        let doing = format!("granting {permission} to {package}");
        let line = format!("pm grant {} {}", quote(package), quote(permission));
        let output = self
            .phone
            .shell(&line, QUESTION_DEADLINE)
            .await
            .map_err(unreachable(doing.clone()))?;
        accepted(doing, &output)
    }

    pub(super) async fn version_of(&self, package: &str) -> Result<Option<String>, DeviceError> {
        let line = format!(
            "dumpsys package {} | {{ grep versionName= 2>/dev/null || cat; }}",
            quote(package)
        );
        let said = self.ask("asking for the app's version", &line).await?;
        Ok(parse::package::version_name(&said))
    }

    pub(super) async fn about_system(&self) -> Result<SystemFacts, DeviceError> {
        let line = "getprop ro.build.version.release; getprop ro.build.version.sdk; \
                    settings get system system_locales; getprop persist.sys.locale; getprop ro.product.locale";
        let said = self.ask("asking for the phone's system", line).await?;
        let mut lines = said.lines().map(parse::props::parse_prop);
        let mut next = || lines.next().unwrap_or_default();
        let (android, sdk) = (next(), next());
        let language = [next(), next(), next()]
            .iter()
            .find_map(|locale| parse::package::language(locale))
            .unwrap_or_default();
        Ok(SystemFacts {
            android,
            sdk: sdk.parse().unwrap_or(0),
            language,
        })
    }

    pub(super) async fn is_keyboard_shown(&self) -> Result<bool, DeviceError> {
        let line = "dumpsys input_method | { grep -e nputShown= -e mIsInputViewShown= 2>/dev/null || cat; }";
        let said = self.ask("asking whether a keyboard shows", line).await?;
        Ok(parse::package::keyboard_shown(&said))
    }

    /// Key 224 wakes and never puts to sleep. A phone that does not tell whether it is locked counts as locked.
    pub(super) async fn wake_up(&self) -> Result<bool, DeviceError> {
        let mut looks = 0;
        loop {
            let said = self.ask("asking whether the phone is locked", ASK_LOCKED).await?;
            let open = parse::window::parse_locked(&said) == Some(false)
                && parse::power::parse_awake(&said) != Some(false);
            if open || looks == WAKE_LOOKS {
                return Ok(open);
            }
            if looks > 0 {
                tokio::time::sleep(WAKE_PAUSE).await;
            }
            looks += 1;
            self.ask("waking the phone", "input keyevent 224; wm dismiss-keyguard")
                .await?;
        }
    }

    pub(super) async fn read_clock(&self) -> Result<i64, DeviceError> {
        let doing = "asking for the phone's time";
        let said = self.ask(doing, "date +%s").await?;
        said.trim().parse().map_err(|_| DeviceError::Refused {
            doing: doing.to_owned(),
            said: said.trim().to_owned(),
            advice: None,
        })
    }

    /// From Android 10 on the scan is waited for and answers with the URI; before it is asked for by a broadcast.
    pub(super) async fn scan_media(&self, remote: &str) -> Result<Option<String>, DeviceError> {
        let doing = "having the gallery look at a file";
        let line = format!(
            "content call --uri content://media --method scan_file --arg {}",
            quote(remote)
        );
        let said = self.ask(doing, &line).await?;
        if let Some(uri) = parse::package::scanned_uri(&said) {
            return Ok(Some(uri));
        }
        let line = format!(
            "am broadcast -a android.intent.action.MEDIA_SCANNER_SCAN_FILE -d {}; [ -e {} ] && echo; echo there=$?",
            quote(&format!("file://{remote}")),
            quote(remote)
        );
        let said = self.ask(doing, &line).await?;
        if !said.contains("there=0") {
            return Ok(None);
        }
        let folder = if parse::package::is_video(remote) {
            "video"
        } else {
            "images"
        };
        let query = format!(
            "content query --uri content://media/external/{folder}/media --projection _id:_data --where {}",
            quote(&format!("_data='{}'", remote.replace('\'', "''")))
        );
        for look in 0..INDEX_LOOKS {
            if look > 0 {
                tokio::time::sleep(INDEX_PAUSE).await;
            }
            let said = self.ask(doing, &query).await?;
            if let Some(id) = parse::package::row_id(&said) {
                return Ok(Some(format!("content://media/external/{folder}/media/{id}")));
            }
        }
        Ok(None)
    }

    pub(super) async fn write_holder(&self, token: &str) -> Result<(), DeviceError> {
        self.write_note("writing down who works with the phone", token, HOLDER)
            .await
    }

    /// Writes a file of its own on the phone. Its shell fails without a word where there is no room: so it is asked how much
    /// there is.
    async fn write_note(&self, doing: &str, text: &str, file: &str) -> Result<(), DeviceError> {
        let line = format!("echo {} > {file} || df -k {NOTES}", quote(text));
        let output = self
            .phone
            .shell(&line, QUESTION_DEADLINE)
            .await
            .map_err(unreachable(doing))?;
        let said = output.stdout_text();
        let refused = |said: String| DeviceError::Refused {
            doing: doing.to_owned(),
            advice: advice_for(&said),
            said,
        };
        match parse::storage::parse_free_kb(&said) {
            Some(free) if free < NO_ROOM_KB => Err(refused(format!("{NO_SPACE}: {free} KB are free"))),
            _ if !said.trim().is_empty() => {
                accepted(doing, &output)?;
                Err(refused("it cannot be written".to_owned()))
            }
            _ => accepted(doing, &output),
        }
    }

    pub(super) async fn read_holder(&self) -> Result<String, DeviceError> {
        let line = format!("cat {HOLDER} 2>/dev/null");
        let said = self.ask("asking who works with the phone", &line).await?;
        Ok(said.trim().to_owned())
    }

    pub(super) async fn write_files(&self, paths: &[String]) -> Result<(), DeviceError> {
        let doing = "writing down which files are on the phone for a run";
        if !paths.is_empty() {
            return self.write_note(doing, &paths.join("\n"), FILES).await;
        }
        let line = format!("rm -f {FILES}");
        let output = self
            .phone
            .shell(&line, QUESTION_DEADLINE)
            .await
            .map_err(unreachable(doing))?;
        accepted(doing, &output)
    }

    pub(super) async fn read_files(&self) -> Result<Vec<String>, DeviceError> {
        let line = format!("cat {FILES} 2>/dev/null");
        let said = self.ask("asking which files a run left behind", &line).await?;
        let paths = said.lines().map(str::trim).filter(|path| path.starts_with('/'));
        Ok(paths.map(str::to_owned).collect())
    }
}
