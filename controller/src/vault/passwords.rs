//! An account's two secrets, each at its place: the password, and the seed of its 2FA codes.

use shared::account::Password;
use shared::totp::TotpSeed;

use super::{SecretError, Spot, Vault};
use crate::store::accounts::{PASSWORD, TOTP_SEED};
use crate::store::{AccountSecrets, SealedColumn};

fn spot(at: SealedColumn, account: i64) -> Spot {
    Spot::new(at.table, at.column, account)
}

impl Vault {
    /// Seals a password for the account of this id; what is empty is nothing.
    pub fn seal_password(&self, account: i64, password: &Password) -> AccountSecrets {
        let text = (!password.text.is_empty()).then_some(&password.text);
        let seed = password.totp.as_ref().map(TotpSeed::base32);
        AccountSecrets {
            password: text.map(|text| self.seal(&spot(PASSWORD, account), text)),
            totp_seed: seed.map(|seed| self.seal(&spot(TOTP_SEED, account), seed)),
        }
    }

    /// Opens both; fails where one of them does not open.
    pub fn open_password(&self, account: i64, secrets: &AccountSecrets) -> Result<Password, SecretError> {
        let text = secrets
            .password
            .as_ref()
            .map(|sealed| self.open_sealed(&spot(PASSWORD, account), sealed))
            .transpose()?;
        Ok(Password {
            text: text.unwrap_or_default(),
            totp: self.open_seed(account, secrets)?,
        })
    }

    /// Opens the seed alone.
    pub fn open_seed(&self, account: i64, secrets: &AccountSecrets) -> Result<Option<TotpSeed>, SecretError> {
        let Some(sealed) = &secrets.totp_seed else {
            return Ok(None);
        };
        let spot = spot(TOTP_SEED, account);
        let seed = self.open_sealed(&spot, sealed)?;
        let seed = TotpSeed::parse(seed.expose()).ok_or_else(|| SecretError::Damaged {
            spot: spot.to_string(),
        })?;
        Ok(Some(seed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::account::Platform;

    #[test]
    fn a_password_opens_for_its_own_account_as_it_was_sealed() {
        let vault = Vault::ephemeral();
        for typed in ["", "hunter2", "hunter2:JBSWY3DPEHPK3PXP", ":JBSWY3DPEHPK3PXP"] {
            let password = Password::split(Platform::Instagram, typed);
            let sealed = vault.seal_password(7, &password);
            assert_eq!(vault.open_password(7, &sealed).unwrap(), password);
            assert_eq!(sealed.password.is_some(), typed.starts_with("hunter2"));
            assert_eq!(sealed.totp_seed.is_some(), typed.contains("JBSW"));
            assert_eq!(
                vault.open_password(8, &sealed).is_ok(),
                typed.is_empty(),
                "{typed}"
            );
            assert!(!format!("{sealed:?}").contains("hunter2"));
        }
    }

    #[test]
    fn the_seed_opens_without_the_password() {
        let vault = Vault::ephemeral();
        let password = Password::split(Platform::Instagram, "hunter2:JBSWY3DPEHPK3PXP");
        let mut sealed = vault.seal_password(7, &password);
        sealed.password = Some(crate::store::Sealed::from_text("nonsense".to_owned()));
        assert_eq!(vault.open_seed(7, &sealed).unwrap(), password.totp);
        assert!(vault.open_password(7, &sealed).is_err());
    }
}
