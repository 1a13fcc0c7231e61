//! Starting and ending the app, and opening what belongs into it.

use std::time::Duration;

use shared::pack::failure::FailureKind;

use super::failure::Failure;
use super::host::Host;

/// Until the app is in front after it was started.
const IN_FRONT: Duration = Duration::from_secs(30);

impl Host {
    pub(super) async fn start_app(&self) -> Result<(), Failure> {
        self.detail(&self.package);
        self.acts_now();
        self.state().in_app = true;
        self.device.start_app(&self.package).await?;
        self.until_in_front().await
    }

    pub(super) async fn restart_app(&self) -> Result<(), Failure> {
        self.stop_app().await?;
        self.start_app().await
    }

    pub(super) async fn stop_app(&self) -> Result<(), Failure> {
        self.acts_now();
        self.state().in_app = false;
        Ok(self.device.stop_app(&self.package).await?)
    }

    /// Opens it in the app, never in what the phone chooses.
    pub(super) async fn open_url(&self, url: &str) -> Result<(), Failure> {
        self.detail(url);
        self.acts_now();
        self.state().in_app = true;
        self.device.open_url(url, Some(&self.package)).await?;
        self.until_in_front().await
    }

    pub(super) async fn until_in_front(&self) -> Result<(), Failure> {
        let seen = self
            .until(IN_FRONT, |dump| dump.elsewhere.is_none().then_some(()))
            .await?;
        seen.map_err(|dump| {
            Failure::new(
                FailureKind::UnexpectedScreen,
                format!(
                    "{} did not come to the front: {} is there",
                    self.package,
                    dump.elsewhere.as_deref().unwrap_or("something else")
                ),
            )
        })?;
        self.settle().await.map(drop)
    }

    pub(super) async fn foreground(&self) -> Result<String, Failure> {
        Ok(self.device.foreground().await?.package)
    }
}
