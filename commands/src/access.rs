//! Who may come into a tenant: its tokens, of which only hashes are known, the people who have logged in, and who is invited.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use trainyard_events::TenantEvent;
use trainyard_events::reason::Rejection;
use trainyard_events::tenant::{Member, Replaced, Role, Scope};
use uuid::Uuid;

const TOKEN_NAME_CHARS: usize = 64;

#[derive(Clone, Debug, PartialEq)]
pub enum AccessCommand {
    /// Another text under the name of `of`, which goes on until `until`.
    Rotate {
        of: Uuid,
        token_id: Uuid,
        sha256: String,
        /// `None` is when `of` would have ended.
        expires_at: Option<OffsetDateTime>,
        until: OffsetDateTime,
        now: OffsetDateTime,
    },
    /// Of somebody whom a provider of identities vouches for.
    OpenSession {
        member: Member,
        token: NewToken,
    },
    RemoveMember {
        member: Uuid,
    },
    RestoreMember {
        member: Uuid,
    },
    /// The token's id and hash are the invitation's.
    Invite {
        token: NewToken,
        until: OffsetDateTime,
    },
    /// Takes up the invitation that `shown` is the hash of.
    Accept {
        shown: String,
        token_id: Uuid,
        sha256: String,
        expires_at: Option<OffsetDateTime>,
        now: OffsetDateTime,
    },
}

/// A token that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct NewToken {
    pub token_id: Uuid,
    /// What is done with it is recorded under this name, so no two valid tokens of a tenant share one.
    pub name: String,
    pub role: Role,
    pub sha256: String,
    /// `None` is never.
    pub expires_at: Option<OffsetDateTime>,
    /// What it opens; empty is everything that its role may.
    pub scope: Vec<Scope>,
    /// When it is asked for: which other tokens are still valid, and whether this one will be.
    pub now: OffsetDateTime,
}

/// A token that was issued and not revoked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Issued {
    name: String,
    role: Role,
    scope: Vec<Scope>,
    expires_at: Option<OffsetDateTime>,
    member: Option<Uuid>,
    /// Another has taken its place.
    is_replaced: bool,
}

impl Issued {
    /// Whether people would take it for one called `name`.
    fn is_called(&self, name: &str) -> bool {
        let folded = |name: &str| name.trim().to_lowercase();
        folded(&self.name) == folded(name)
    }

    fn is_valid(&self, now: OffsetDateTime) -> bool {
        self.expires_at.is_none_or(|end| end > now)
    }
}

/// An invitation that nobody has taken up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    pub name: String,
    pub role: Role,
    pub expires_at: OffsetDateTime,
    sha256: String,
}

/// Those who may come in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Access {
    /// Those that were not revoked; some may have expired, and logs of before names were unique hold the same name
    /// twice.
    tokens: BTreeMap<Uuid, Issued>,
    /// Tokens and invitations that are none any more.
    revoked: BTreeSet<Uuid>,
    pub offers: BTreeMap<Uuid, Offer>,
    members: BTreeSet<Uuid>,
    removed: BTreeSet<Uuid>,
}

impl Access {
    /// Tokens that could still be used.
    pub fn valid(&self, now: OffsetDateTime) -> impl Iterator<Item = Uuid> {
        self.tokens.iter().filter(move |(_, issued)| issued.is_valid(now)).map(|(id, _)| *id)
    }

    /// The sessions of a member that could.
    pub fn sessions(&self, member: Uuid, now: OffsetDateTime) -> impl Iterator<Item = Uuid> {
        self.valid(now).filter(move |id| self.tokens[id].member == Some(member))
    }

    pub(crate) fn evolve(&mut self, event: &TenantEvent) {
        match event {
            TenantEvent::TokenIssued { token_id, name, role, expires_at, .. } => {
                let (name, role, expires_at) = (name.clone(), *role, *expires_at);
                let issued =
                    Issued { name, role, scope: Vec::new(), expires_at, member: None, is_replaced: false };
                self.tokens.insert(*token_id, issued);
            }
            TenantEvent::TokenGranted {
                token_id,
                name,
                role,
                expires_at,
                scope,
                member,
                replaces,
                offer,
                ..
            } => {
                if let Some(former) = replaces.and_then(|replaced| self.tokens.get_mut(&replaced.token_id)) {
                    let until = replaces.map(|replaced| replaced.until);
                    former.expires_at = [former.expires_at, until].into_iter().flatten().min();
                    former.is_replaced = true;
                }
                if let Some(offer) = offer {
                    self.offers.remove(offer);
                    self.revoked.insert(*offer);
                }
                let member = member.as_ref().map(|member| member.id);
                self.members.extend(member);
                let issued = Issued {
                    name: name.clone(),
                    role: *role,
                    scope: scope.clone(),
                    expires_at: *expires_at,
                    member,
                    is_replaced: false,
                };
                self.tokens.insert(*token_id, issued);
            }
            TenantEvent::TokenOffered { token_id, name, role, sha256, expires_at } => {
                let (name, sha256) = (name.clone(), sha256.clone());
                self.offers.insert(*token_id, Offer { name, role: *role, expires_at: *expires_at, sha256 });
            }
            TenantEvent::TokenRevoked { token_id } => {
                self.tokens.remove(token_id);
                self.offers.remove(token_id);
                self.revoked.insert(*token_id);
            }
            TenantEvent::MemberRemoved { member } => {
                self.removed.insert(*member);
            }
            TenantEvent::MemberRestored { member } => {
                self.removed.remove(member);
            }
            _ => {}
        }
    }

    pub(crate) fn decide(&self, command: &AccessCommand) -> Result<Option<TenantEvent>, Rejection> {
        match command {
            AccessCommand::Rotate { of, token_id, sha256, expires_at, until, now } => {
                self.rotate(*of, *token_id, sha256, *expires_at, *until, *now)
            }
            AccessCommand::OpenSession { member, token } => self.open_session(member, token),
            AccessCommand::RemoveMember { member } if !self.members.contains(member) => {
                Err(Rejection::NoSuchMember)
            }
            AccessCommand::RemoveMember { member } => {
                let is_new = !self.removed.contains(member);
                Ok(is_new.then_some(TenantEvent::MemberRemoved { member: *member }))
            }
            AccessCommand::RestoreMember { member } if !self.members.contains(member) => {
                Err(Rejection::NoSuchMember)
            }
            AccessCommand::RestoreMember { member } => {
                let is_out = self.removed.contains(member);
                Ok(is_out.then_some(TenantEvent::MemberRestored { member: *member }))
            }
            AccessCommand::Invite { token, until } => self.invite(token, *until),
            AccessCommand::Accept { shown, token_id, sha256, expires_at, now } => {
                self.accept(shown, *token_id, sha256, *expires_at, *now)
            }
        }
    }

    fn is_known(&self, token: Uuid) -> bool {
        self.tokens.contains_key(&token) || self.revoked.contains(&token) || self.offers.contains_key(&token)
    }

    pub(crate) fn issue(&self, new: &NewToken) -> Result<Option<TenantEvent>, Rejection> {
        if self.is_known(new.token_id) {
            return Ok(None);
        }
        self.check_name(&new.name, new.now, None)?;
        if new.expires_at.is_some_and(|end| end <= new.now) {
            return Err(Rejection::ExpiresInThePast);
        }
        if new.scope.is_empty() {
            return Ok(Some(TenantEvent::TokenIssued {
                token_id: new.token_id,
                name: new.name.clone(),
                role: new.role,
                sha256: new.sha256.clone(),
                expires_at: new.expires_at,
            }));
        }
        Ok(Some(granted(new)))
    }

    /// `member`'s own sessions may be called as they are.
    fn check_name(&self, name: &str, now: OffsetDateTime, member: Option<Uuid>) -> Result<(), Rejection> {
        let fits = (1..=TOKEN_NAME_CHARS).contains(&name.trim().chars().count());
        if !fits || name.contains(char::is_control) {
            return Err(Rejection::BadTokenName);
        }
        let is_own = |issued: &Issued| member.is_some() && issued.member == member;
        let is_taken = |issued: &Issued| issued.is_called(name) && issued.is_valid(now) && !is_own(issued);
        if self.tokens.values().any(is_taken) { Err(Rejection::TokenNameTaken) } else { Ok(()) }
    }

    pub(crate) fn revoke(&self, token_id: Uuid) -> Result<Option<TenantEvent>, Rejection> {
        if self.revoked.contains(&token_id) {
            return Ok(None);
        }
        let is_there = self.tokens.contains_key(&token_id) || self.offers.contains_key(&token_id);
        if is_there { Ok(Some(TenantEvent::TokenRevoked { token_id })) } else { Err(Rejection::NoSuchToken) }
    }

    fn rotate(
        &self,
        of: Uuid,
        token_id: Uuid,
        sha256: &str,
        expires_at: Option<OffsetDateTime>,
        until: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Result<Option<TenantEvent>, Rejection> {
        if self.is_known(token_id) {
            return Ok(None);
        }
        let former = match self.tokens.get(&of) {
            None if self.revoked.contains(&of) => return Err(Rejection::TokenEnded),
            None => return Err(Rejection::NoSuchToken),
            Some(former) if former.member.is_some() => return Err(Rejection::SessionNotRotated),
            Some(former) if former.is_replaced || !former.is_valid(now) => return Err(Rejection::TokenEnded),
            Some(former) => former,
        };
        let expires_at = expires_at.or(former.expires_at);
        if expires_at.is_some_and(|end| end <= now) {
            return Err(Rejection::ExpiresInThePast);
        }
        Ok(Some(TenantEvent::TokenGranted {
            token_id,
            name: former.name.clone(),
            role: former.role,
            sha256: sha256.to_owned(),
            expires_at,
            scope: former.scope.clone(),
            member: None,
            replaces: Some(Replaced { token_id: of, until }),
            offer: None,
        }))
    }

    fn open_session(&self, member: &Member, token: &NewToken) -> Result<Option<TenantEvent>, Rejection> {
        if self.is_known(token.token_id) {
            return Ok(None);
        }
        if self.removed.contains(&member.id) {
            return Err(Rejection::MemberRemoved);
        }
        self.check_name(&token.name, token.now, Some(member.id))?;
        let mut event = granted(token);
        if let TenantEvent::TokenGranted { member: whose, .. } = &mut event {
            *whose = Some(member.clone());
        }
        Ok(Some(event))
    }

    fn invite(&self, token: &NewToken, until: OffsetDateTime) -> Result<Option<TenantEvent>, Rejection> {
        if self.is_known(token.token_id) {
            return Ok(None);
        }
        self.check_name(&token.name, token.now, None)?;
        let is_open = |offer: &Offer| {
            offer.name.trim().eq_ignore_ascii_case(token.name.trim()) && offer.expires_at > token.now
        };
        if self.offers.values().any(is_open) {
            return Err(Rejection::TokenNameTaken);
        }
        if until <= token.now {
            return Err(Rejection::ExpiresInThePast);
        }
        Ok(Some(TenantEvent::TokenOffered {
            token_id: token.token_id,
            name: token.name.clone(),
            role: token.role,
            sha256: token.sha256.clone(),
            expires_at: until,
        }))
    }

    fn accept(
        &self,
        shown: &str,
        token_id: Uuid,
        sha256: &str,
        expires_at: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> Result<Option<TenantEvent>, Rejection> {
        if self.is_known(token_id) {
            return Ok(None);
        }
        let is_shown = |(_, offer): &(&Uuid, &Offer)| offer.sha256 == shown && offer.expires_at > now;
        let (id, offer) = self.offers.iter().find(is_shown).ok_or(Rejection::NoSuchInvitation)?;
        self.check_name(&offer.name, now, None)?;
        Ok(Some(TenantEvent::TokenGranted {
            token_id,
            name: offer.name.clone(),
            role: offer.role,
            sha256: sha256.to_owned(),
            expires_at,
            scope: Vec::new(),
            member: None,
            replaces: None,
            offer: Some(*id),
        }))
    }
}

/// A token of nobody's, in nobody's place.
fn granted(new: &NewToken) -> TenantEvent {
    TenantEvent::TokenGranted {
        token_id: new.token_id,
        name: new.name.clone(),
        role: new.role,
        sha256: new.sha256.clone(),
        expires_at: new.expires_at,
        scope: new.scope.clone(),
        member: None,
        replaces: None,
        offer: None,
    }
}
