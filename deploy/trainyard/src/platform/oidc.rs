//! How people log in with a company's account, as an operator says it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use trainyard_events::chat::Language;
use trainyard_events::tenant::Role;
use trainyard_gateway::{GroupRight, LoginConfig, LoginSettings};

use crate::language::{language, pick};
use crate::platform::bootstrap::LOCAL_TENANT;
use crate::platform::settings::{Resolved, Settings};

/// Where a provider sends browsers back to, below the public address.
const CALLBACK: &str = "/v1/login/callback";
const SESSION_HOURS: u32 = 12;
const SESSION_HOURS_MAX: u32 = 24 * 30;

/// As it was said.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct OidcSettings {
    issuer: String,
    client_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_file: Option<PathBuf>,
    scopes: Vec<String>,
    groups_claim: String,
    groups: Vec<String>,
    session_hours: u32,
}

impl Settings {
    pub(super) fn oidc(&self, language: Language) -> Result<Option<OidcSettings>> {
        let said = |list: &Option<Vec<String>>| -> Vec<String> {
            list.iter().flatten().map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
        };
        let groups = said(&self.oidc_groups);
        let (issuer, client_id) = match (&self.oidc_issuer, &self.oidc_client_id) {
            (None, None) if groups.is_empty() => return Ok(None),
            (Some(issuer), Some(client)) if !groups.is_empty() && self.public_url.is_some() => {
                (issuer, client)
            }
            _ => bail!(pick(
                language,
                "TRAINYARD_OIDC_ISSUER, TRAINYARD_OIDC_CLIENT_ID, TRAINYARD_OIDC_GROUPS, TRAINYARD_PUBLIC_URL은 함께 씁니다. 회사 \
                 계정으로 로그인하게 하려면 넷 다 설정하고, 아니면 앞의 셋을 빼세요",
                "TRAINYARD_OIDC_ISSUER, TRAINYARD_OIDC_CLIENT_ID, TRAINYARD_OIDC_GROUPS and TRAINYARD_PUBLIC_URL go together: \
                 set all four to let people log in with a company's account, or leave out the first three",
            )),
        };
        let session_hours = self.session_hours.unwrap_or(SESSION_HOURS);
        if !(1..=SESSION_HOURS_MAX).contains(&session_hours) {
            bail!(pick(
                language,
                format!("session_hours가 {session_hours}입니다. 1에서 {SESSION_HOURS_MAX}까지로 하세요"),
                format!("session_hours is {session_hours}: say between 1 and {SESSION_HOURS_MAX}"),
            ));
        }
        Ok(Some(OidcSettings {
            issuer: issuer.clone(),
            client_id: client_id.clone(),
            client_secret: self.oidc_client_secret.clone(),
            client_secret_file: self.oidc_client_secret_file.clone(),
            scopes: self.oidc_scopes.as_ref().map_or_else(
                || ["email", "profile"].map(str::to_owned).to_vec(),
                |_| said(&self.oidc_scopes),
            ),
            groups_claim: self.oidc_groups_claim.clone().unwrap_or_else(|| "groups".to_owned()),
            groups,
            session_hours,
        }))
    }
}

impl OidcSettings {
    /// Fit for a screen.
    pub(super) fn hide(&mut self) {
        self.client_secret = self.client_secret.take().map(|_| "***".to_owned());
    }
}

impl Resolved {
    /// What a gateway is told of logins, where there are any.
    pub(crate) fn login(&self) -> Result<Option<LoginSettings>> {
        let (Some(oidc), Some(public_url)) = (&self.oidc, &self.public_url) else { return Ok(None) };
        let client_secret = match (&oidc.client_secret, &oidc.client_secret_file) {
            (Some(secret), _) => Some(secret.clone()),
            (None, Some(path)) => {
                let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
                Some(text.trim().to_owned())
            }
            (None, None) => None,
        };
        let redirect = format!("{}{CALLBACK}", public_url.trim_end_matches('/'));
        let provider = LoginConfig {
            issuer: oidc.issuer.parse().with_context(|| format!("oidc_issuer: {}", oidc.issuer))?,
            client_id: oidc.client_id.clone(),
            client_secret,
            scopes: oidc.scopes.clone(),
            groups_claim: oidc.groups_claim.clone(),
            redirect: redirect.parse().with_context(|| format!("public_url: {redirect}"))?,
        };
        let groups = oidc.groups.iter().map(|said| right(said)).collect::<Result<_>>()?;
        let session = Duration::from_secs(u64::from(oidc.session_hours) * 3_600);
        Ok(Some(LoginSettings { provider, groups, session }))
    }
}

/// `GROUP=ROLE`, of the local tenant, or `GROUP=TENANT:ROLE`. A group may have the sign in its name.
fn right(said: &str) -> Result<GroupRight> {
    let bad = || {
        pick(
            language(),
            format!(
                "oidc_groups: {said}: 그룹=역할이나 그룹=테넌트:역할로 적으세요. 역할은 viewer, editor, admin입니다"
            ),
            format!(
                "oidc_groups: {said}: write GROUP=ROLE or GROUP=TENANT:ROLE, with viewer, editor or admin for the role"
            ),
        )
    };
    let (group, right) = said.rsplit_once('=').with_context(bad)?;
    let (tenant, role) = right.split_once(':').unwrap_or((LOCAL_TENANT, right));
    let role: Role = role.trim().parse().with_context(bad)?;
    let tenant = tenant.trim().parse().with_context(bad)?;
    if group.trim().is_empty() {
        bail!(bad());
    }
    Ok(GroupRight { group: group.trim().to_owned(), tenant, role })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(groups: &[&str]) -> Settings {
        Settings {
            public_url: Some("https://train.example/yard/".into()),
            oidc_issuer: Some("https://id.example/realms/acme".into()),
            oidc_client_id: Some("trainyard".into()),
            oidc_client_secret: Some("hunter2".into()),
            oidc_groups: Some(groups.iter().map(|group| (*group).to_owned()).collect()),
            ..Settings::default()
        }
    }

    #[test]
    fn a_group_opens_a_role_of_a_tenant() {
        let login = settings(&["vision=editor", "cn=leads=acme:admin"]).resolve().expect("settings").login();
        let login = login.expect("they hold").expect("there is one");
        let rights: Vec<String> = login
            .groups
            .iter()
            .map(|right| format!("{} {} {}", right.group, right.tenant, right.role.name()))
            .collect();
        assert_eq!(rights, ["vision local editor", "cn=leads acme admin"]);
        assert_eq!(login.provider.redirect.as_str(), "https://train.example/yard/v1/login/callback");
        for bad in ["vision", "vision=owner", "=editor", "vision=No Tenant:editor"] {
            assert!(settings(&[bad]).resolve().is_err(), "{bad}");
        }
    }

    #[test]
    fn half_of_a_login_is_refused_and_its_secret_is_not_shown() {
        assert!(Settings::default().oidc(Language::English).expect("nothing is said").is_none());
        for half in [
            Settings { public_url: None, ..settings(&["vision=editor"]) },
            Settings { oidc_client_id: None, ..settings(&["vision=editor"]) },
            settings(&[]),
        ] {
            let refused = half.oidc(Language::English).expect_err("half").to_string();
            assert!(refused.contains("go together"), "{refused}");
        }
        let shown = settings(&["vision=editor"]).resolve().expect("settings").without_secrets();
        assert!(!toml::to_string(&shown).expect("TOML").contains("hunter2"));
    }
}
