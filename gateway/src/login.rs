//! Logging in with a company's account: who may come in by which group, and what is remembered meanwhile.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use time::OffsetDateTime;
use trainyard_api::error::{Part, Problem};
use trainyard_api::login::LoginAnswer;
use trainyard_commands::access::{AccessCommand, NewToken};
use trainyard_commands::tenant::TenantCommand;
use trainyard_commands::{Command, Request, derived_id};
use trainyard_events::tenant::{Member, Role};
use trainyard_events::{Actor, Aggregate, TenantId};
use trainyard_login::{LoginConfig, LoginError, Person, Provider, Waiting};
use uuid::Uuid;

use crate::error::ApiError;
use crate::gateway::Gateway;
use crate::tokens::new_token;

/// How long a browser may be with the provider.
pub(crate) const LOGIN_LASTS: Duration = Duration::from_secs(600);
/// What is sealed is for this and nothing else.
const PURPOSE: &[u8] = b"a login of a browser";

/// How people log in with a company's account.
#[derive(Clone, Debug)]
pub struct LoginSettings {
    pub provider: LoginConfig,
    /// Which groups open what, in this order.
    pub groups: Vec<GroupRight>,
    /// How long a session lasts.
    pub session: Duration,
}

/// What somebody in a group may do. The first group of a person says in which tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRight {
    pub group: String,
    pub tenant: TenantId,
    pub role: Role,
}

pub(crate) struct Login {
    provider: Provider,
    groups: Vec<GroupRight>,
    session: Duration,
    sealing: LessSafeKey,
}

/// What a browser keeps for us, sealed, while it is with the provider.
#[derive(Serialize, Deserialize)]
struct Kept {
    waiting: Waiting,
    #[serde(with = "time::serde::timestamp")]
    until: OffsetDateTime,
}

/// A session that has begun.
pub(crate) struct Opened {
    pub(crate) text: String,
    pub(crate) lasts: Duration,
}

impl Login {
    /// `key` is shared by all gateways: a login may begin at one and end at another.
    pub(crate) fn new(settings: LoginSettings, key: [u8; 32]) -> Login {
        let LoginSettings { provider, groups, session } = settings;
        let key = UnboundKey::new(&CHACHA20_POLY1305, &key).expect("a key of this cipher has 32 bytes");
        Login { provider: Provider::new(provider), groups, session, sealing: LessSafeKey::new(key) }
    }

    /// Where the browser goes to, and what it keeps for us meanwhile.
    pub(crate) async fn begin(&self, now: OffsetDateTime) -> Result<(String, String), ApiError> {
        let (there, waiting) = self.provider.begin().await.map_err(not_logged_in)?;
        Ok((there.to_string(), self.seal(&Kept { waiting, until: now + LOGIN_LASTS })))
    }

    /// Where a browser logs out at the provider too. One that is away keeps nobody from leaving here.
    pub(crate) async fn leave(&self) -> Option<String> {
        match self.provider.leave().await {
            Ok(there) => there.map(String::from),
            Err(error) => {
                tracing::warn!(%error, "the provider does not say where people log out");
                None
            }
        }
    }

    /// Who has come back to the browser that keeps `sealed`.
    async fn finish(
        &self,
        sealed: &str,
        answer: LoginAnswer,
        now: OffsetDateTime,
    ) -> Result<Person, ApiError> {
        let kept = self.unseal(sealed).filter(|kept| kept.until > now).ok_or(Problem::LoginForgotten)?;
        let state = answer.state.unwrap_or_default();
        if !bool::from(state.as_bytes().ct_eq(kept.waiting.state.as_bytes())) {
            return Err(Problem::LoginForgotten.into());
        }
        let Some(code) = answer.code.filter(|_| answer.error.is_none()) else {
            let said = answer.error_description.or(answer.error).unwrap_or_default();
            let detail = said.chars().filter(|char| !char.is_control()).take(200).collect();
            return Err(Problem::LoginRefused { detail }.into());
        };
        self.provider.finish(&code, &kept.waiting, now).await.map_err(not_logged_in)
    }

    /// The tenant of the first group that opens one, and the highest role that any of them gives there.
    fn right_of(&self, person: &Person) -> Option<(TenantId, Role)> {
        let is_own = |right: &&GroupRight| person.groups.contains(&right.group);
        let own: Vec<&GroupRight> = self.groups.iter().filter(is_own).collect();
        let tenant = &own.first()?.tenant;
        let role = own.iter().filter(|right| right.tenant == *tenant).map(|right| right.role).max()?;
        Some((tenant.clone(), role))
    }

    fn seal(&self, kept: &Kept) -> String {
        let nonce: [u8; NONCE_LEN] = rand::random();
        let mut sealed = serde_json::to_vec(kept).expect("a login is plain data, which always serialises");
        self.sealing
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(PURPOSE), &mut sealed)
            .expect("a login is far shorter than what this cipher can seal");
        URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat())
    }

    fn unseal(&self, sealed: &str) -> Option<Kept> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>()?;
        let (nonce, mut sealed) = (Nonce::assume_unique_for_key(*nonce), sealed.to_vec());
        let plain = self.sealing.open_in_place(nonce, Aad::from(PURPOSE), &mut sealed).ok()?;
        serde_json::from_slice(plain).ok()
    }
}

fn not_logged_in(error: LoginError) -> ApiError {
    match error {
        LoginError::Unavailable(detail) => Problem::Unavailable { part: Part::Provider, detail }.into(),
        LoginError::Refused(detail) => Problem::LoginRefused { detail }.into(),
    }
}

impl Gateway {
    pub(crate) fn login(&self) -> Result<&Login, ApiError> {
        self.login.as_ref().ok_or_else(|| Problem::NoLogin.into())
    }

    /// Opens a session for who has come back: a token like any other, that is the person's.
    pub(crate) async fn log_in(&self, sealed: Option<&str>, answer: LoginAnswer) -> Result<Opened, ApiError> {
        let (login, now) = (self.login()?, (self.clock)());
        let sealed = sealed.ok_or(Problem::LoginForgotten)?;
        let person = login.finish(sealed, answer, now).await?;
        let no_group = || Problem::NoGroup { name: person.name.clone() };
        let (tenant, role) = login.right_of(&person).ok_or_else(no_group)?;
        let issuer = login.provider.issuer();
        let whose = format!("trainyard:member:{issuer}#{}", person.subject);
        let member =
            Member { id: Uuid::new_v5(&Uuid::NAMESPACE_URL, whose.as_bytes()), subject: person.subject };
        let (text, sha256) = new_token();
        let (token_id, end) = (Uuid::now_v7(), (now + login.session).truncate_to_second());
        let token = NewToken {
            token_id,
            name: person.name.clone(),
            role,
            sha256,
            expires_at: Some(end),
            scope: Vec::new(),
            now,
        };
        let command = AccessCommand::OpenSession { member, token };
        let recorded = self.door.handle(Request {
            id: derived_id(token_id, "log in"),
            aggregate: Aggregate::Tenant(tenant.clone()),
            tenant,
            actor: Actor::User(person.name),
            correlation_id: token_id,
            causation_id: None,
            command: Command::Tenant(TenantCommand::Access(command)),
        });
        if let Some(recorded) = recorded.await?.recorded() {
            self.tokens.take_in(&recorded);
        }
        Ok(Opened { text, lasts: login.session })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(key: u8) -> Login {
        let url = |text: &str| text.parse().expect("an address");
        let provider = LoginConfig {
            issuer: url("https://id.example"),
            client_id: "trainyard".into(),
            client_secret: None,
            scopes: Vec::new(),
            groups_claim: "groups".into(),
            redirect: url("https://train.example/v1/login/callback"),
        };
        let right = |group: &str, tenant: &str, role| GroupRight {
            group: group.into(),
            tenant: tenant.parse().expect("a name"),
            role,
        };
        let groups = vec![
            right("vision", "acme", Role::Viewer),
            right("leads", "acme", Role::Admin),
            right("labs", "labs", Role::Editor),
        ];
        Login::new(LoginSettings { provider, groups, session: Duration::from_secs(60) }, [key; 32])
    }

    #[test]
    fn the_first_group_says_where_and_the_highest_says_what() {
        let right = |groups: &[&str]| {
            let groups = groups.iter().map(|group| (*group).to_owned()).collect();
            let person = Person { subject: "7".into(), name: "kim".into(), groups };
            login(1).right_of(&person).map(|(tenant, role)| (tenant.to_string(), role))
        };
        assert_eq!(right(&["vision"]), Some(("acme".to_owned(), Role::Viewer)));
        assert_eq!(right(&["labs", "leads", "vision"]), Some(("acme".to_owned(), Role::Admin)));
        assert_eq!(right(&["labs", "others"]), Some(("labs".to_owned(), Role::Editor)));
        assert_eq!((right(&["others", "Vision"]), right(&[])), (None, None));
    }

    #[test]
    fn what_a_browser_keeps_is_read_under_the_same_key_alone() {
        let waiting = serde_json::from_str(r#"{"state":"s","nonce":"n","verifier":"v"}"#).expect("a login");
        let sealed = login(1).seal(&Kept { waiting, until: OffsetDateTime::UNIX_EPOCH });
        let kept = login(1).unseal(&sealed).expect("its own");
        assert_eq!((kept.waiting.state.as_str(), kept.until), ("s", OffsetDateTime::UNIX_EPOCH));
        assert!(login(2).unseal(&sealed).is_none());
        for broken in ["", "AAAA", "no base64!", &sealed[..sealed.len() - 4]] {
            assert!(login(1).unseal(broken).is_none(), "{broken}");
        }
    }
}
