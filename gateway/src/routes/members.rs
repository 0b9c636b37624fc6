//! `/v1/members` and `/v1/invitations`: the people of a tenant, and who is asked to come.

use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use time::Duration;
use trainyard_api::Code;
use trainyard_api::error::{Problem, What};
use trainyard_api::members::{
    Acceptance, InvitationList, InvitationMade, InvitationShown, MemberList, MemberRemoved, MemberRestored,
    MemberShown, NewInvitation,
};
use trainyard_api::place::ById;
use trainyard_api::tokens::{TokenIssued, TokenRevoked};
use trainyard_commands::access::{Access as Who, AccessCommand, NewToken};
use trainyard_commands::tenant::TenantCommand;
use trainyard_commands::{Command, Rejection, Request, State as Aggregated, derived_id};
use trainyard_door::HandleError;
use trainyard_events::tenant::{Role, TenantEvent};
use trainyard_events::{Actor, Aggregate, Event, TenantId};
use uuid::Uuid;

use crate::client::Client;
use crate::error::ApiError;
use crate::extract::{Body, Place, id};
use crate::gateway::Gateway;
use crate::idempotency::Asker;
use crate::identity::Identity;
use crate::route::{Access, Route};
use crate::tokens::{new_token, token_hash};

/// How long an invitation can be taken up, unless it says otherwise.
const INVITATION_LASTS: Duration = Duration::WEEK;
/// The longest code that is looked at, in bytes.
const CODE_BYTES: usize = 256;

pub(super) fn routes() -> Vec<Route> {
    let admin = Access::Needs(Role::Admin);
    vec![
        Route::read("/v1/members", "The people who have logged in", members)
            .needs(Role::Admin)
            .answers::<MemberList>(),
        Route::new(Method::DELETE, "/v1/members/{id}", admin, "Let somebody in no more", remove)
            .at::<ById>()
            .answers::<MemberRemoved>()
            .refuses(&[Code::Refused]),
        Route::post("/v1/members/{id}/restore", "Let somebody log in again", restore)
            .needs(Role::Admin)
            .at::<ById>()
            .answers::<MemberRestored>()
            .refuses(&[Code::Refused]),
        Route::new(Method::GET, "/v1/invitations", admin, "Who is asked to come", invitations)
            .answers::<InvitationList>()
            .refuses(&[Code::Quarantined]),
        Route::post("/v1/invitations", "Ask somebody to come; the code is shown only now", invite)
            .needs(Role::Admin)
            .takes::<NewInvitation>()
            .answers::<InvitationMade>()
            .with(StatusCode::CREATED)
            .refuses(&[
                Code::BadTokenName,
                Code::TokenNameTaken,
                Code::ExpiresInThePast,
                Code::AlreadyIssued,
                Code::Refused,
            ]),
        Route::new(Method::DELETE, "/v1/invitations/{id}", admin, "Take an invitation back", take_back)
            .at::<ById>()
            .answers::<TokenRevoked>()
            .refuses(&[Code::Refused]),
        Route::new(
            Method::POST,
            "/v1/invitations/accept",
            Access::Open,
            "Come in by an invitation; the token's text is shown only now",
            accept,
        )
        .takes::<Acceptance>()
        .answers::<TokenIssued>()
        .with(StatusCode::CREATED)
        .refuses(&[
            Code::NotFound,
            Code::BadTokenName,
            Code::TokenNameTaken,
            Code::Refused,
            Code::TooManyRequests,
            Code::Unavailable,
        ]),
    ]
}

async fn members(State(gateway): State<Gateway>, identity: Identity) -> Result<Json<MemberList>, ApiError> {
    let tenant = gateway.views.tenant(&identity.tenant).await?;
    let removed = tenant.map(|tenant| tenant.removed).unwrap_or_default();
    let sessions = gateway.views.members(&identity.tenant).await?;
    let members = sessions.into_iter().filter_map(|session| {
        let member = session.member?;
        Some(MemberShown {
            removed: removed.contains(&member.id),
            id: member.id,
            name: session.name,
            subject: member.subject,
            role: session.role,
            last_login: session.issued_at,
        })
    });
    Ok(Json(MemberList { members: members.collect() }))
}

/// Nobody logs in as them any more, and then each of their sessions ends: one that was opened meanwhile is in the history
/// that is read after the first.
async fn remove(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(ById { id: member }): Place<ById>,
) -> Result<Json<MemberRemoved>, ApiError> {
    let member = id(&member, What::Member)?;
    let remove = AccessCommand::RemoveMember { member };
    let removed = asked(&gateway, &asker, "remove", TenantCommand::Access(remove)).await?;
    let (who, now) = (who(&gateway, &asker.identity.tenant).await?, (gateway.clock)());
    let (mut sessions, mut sequence) = (0, removed);
    for token_id in who.sessions(member, now) {
        let step = format!("revoke {token_id}");
        let revoked = asked(&gateway, &asker, &step, TenantCommand::RevokeToken { token_id }).await?;
        sessions += u64::from(revoked.is_some());
        sequence = sequence.max(revoked);
    }
    Ok(Json(MemberRemoved { sessions, sequence }))
}

async fn restore(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(ById { id: member }): Place<ById>,
) -> Result<Json<MemberRestored>, ApiError> {
    let restore = AccessCommand::RestoreMember { member: id(&member, What::Member)? };
    let sequence = asked(&gateway, &asker, "restore", TenantCommand::Access(restore)).await?;
    Ok(Json(MemberRestored { sequence }))
}

/// Nobody keeps a view of them: there are few, and they are read by admins alone.
async fn invitations(
    State(gateway): State<Gateway>,
    identity: Identity,
) -> Result<Json<InvitationList>, ApiError> {
    let (who, now) = (who(&gateway, &identity.tenant).await?, (gateway.clock)());
    let open = who.offers.into_iter().filter(|(_, offer)| offer.expires_at > now);
    let shown = open.map(|(id, offer)| InvitationShown {
        id,
        name: offer.name,
        role: offer.role,
        expires_at: offer.expires_at,
    });
    Ok(Json(InvitationList { invitations: shown.collect() }))
}

async fn invite(
    State(gateway): State<Gateway>,
    asker: Asker,
    Body(new): Body<NewInvitation>,
) -> Result<(StatusCode, Json<InvitationMade>), ApiError> {
    let secret: [u8; 32] = rand::random();
    let code = format!("{}.{}", asker.identity.tenant, URL_SAFE_NO_PAD.encode(secret));
    let (id, now) = (asker.id("invitation"), (gateway.clock)());
    let until = new.expires_at.unwrap_or(now + INVITATION_LASTS).truncate_to_second();
    let sha256 = token_hash(&code);
    let NewInvitation { name, role, .. } = new;
    let token = NewToken {
        token_id: id,
        name,
        role,
        sha256: sha256.clone(),
        expires_at: None,
        scope: Vec::new(),
        now,
    };
    let invite = Command::Tenant(TenantCommand::Access(AccessCommand::Invite { token, until }));
    let owner = Aggregate::Tenant(asker.identity.tenant.clone());
    let recorded = gateway.ask(&asker, "invite", owner, invite).await?.recorded();
    let ours = recorded.filter(|recorded| {
        matches!(&recorded.envelope.event, Event::Tenant(TenantEvent::TokenOffered { sha256: kept, .. }) if *kept == sha256)
    });
    let sequence = ours.ok_or(Problem::AlreadyIssued)?.sequence;
    let path = format!("#invitation={code}");
    Ok((StatusCode::CREATED, Json(InvitationMade { id, code, path, expires_at: until, sequence })))
}

async fn take_back(
    State(gateway): State<Gateway>,
    asker: Asker,
    Place(ById { id: invitation }): Place<ById>,
) -> Result<Json<TokenRevoked>, ApiError> {
    let token_id = id(&invitation, What::Invitation)?;
    let known = who(&gateway, &asker.identity.tenant).await?;
    if !known.offers.contains_key(&token_id) {
        return Err(ApiError::not_found(What::Invitation));
    }
    let sequence = asked(&gateway, &asker, "take back", TenantCommand::RevokeToken { token_id }).await?;
    Ok(Json(TokenRevoked { token_id, sequence }))
}

async fn accept(
    State(gateway): State<Gateway>,
    client: Client,
    Body(Acceptance { code }): Body<Acceptance>,
) -> Result<(StatusCode, Json<TokenIssued>), ApiError> {
    // A history is read for it.
    gateway.tokens.rates.unknown(client)?;
    let unknown = || ApiError::from(Rejection::NoSuchInvitation);
    let tenant = code.split_once('.').filter(|_| code.len() <= CODE_BYTES).map(|(tenant, _)| tenant);
    let tenant: TenantId = tenant.and_then(|tenant| tenant.parse().ok()).ok_or_else(unknown)?;
    let (text, sha256) = new_token();
    let (token_id, shown, now) = (Uuid::now_v7(), token_hash(&code), (gateway.clock)());
    let accept = AccessCommand::Accept { shown, token_id, sha256, expires_at: None, now };
    let handled = gateway.door.handle(Request {
        id: derived_id(token_id, "accept"),
        aggregate: Aggregate::Tenant(tenant.clone()),
        tenant,
        // Nobody is known yet.
        actor: Actor::Policy("invitation".to_owned()),
        correlation_id: token_id,
        causation_id: None,
        command: Command::Tenant(TenantCommand::Access(accept)),
    });
    let recorded = match handled.await {
        // A tenant that is not there has invited nobody.
        Err(HandleError::Rejected(Rejection::NoSuchTenant | Rejection::TenantClosed)) => {
            return Err(unknown());
        }
        handled => handled?.recorded().ok_or_else(unknown)?,
    };
    gateway.tokens.take_in(&recorded);
    let answer = TokenIssued { token: text, token_id, sequence: recorded.sequence };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// What is asked of the tenant; the sequence of what came of it.
async fn asked(
    gateway: &Gateway,
    asker: &Asker,
    step: &str,
    command: TenantCommand,
) -> Result<Option<u64>, ApiError> {
    let tenant = Aggregate::Tenant(asker.identity.tenant.clone());
    let recorded = gateway.ask(asker, step, tenant, Command::Tenant(command)).await?.recorded();
    Ok(recorded.map(|recorded| recorded.sequence))
}

/// Who may come into the tenant, as its history says now.
pub(super) async fn who(gateway: &Gateway, tenant: &TenantId) -> Result<Who, ApiError> {
    let opened = gateway.door.open(tenant, &Aggregate::Tenant(tenant.clone())).await?;
    match opened.state() {
        Aggregated::Tenant(tenant) => Ok(tenant.access.clone()),
        _ => Err(ApiError::internal("the history of a tenant is one of something else")),
    }
}
