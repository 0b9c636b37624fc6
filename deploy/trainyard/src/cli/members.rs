//! `trainyard members`: who has logged in, who may not any more, and who is asked to come.

use anyhow::{Context, Result};
use trainyard_api::members::{
    InvitationList, InvitationMade, MemberList, MemberRemoved, MemberRestored, NewInvitation,
};
use trainyard_api::tokens::TokenRevoked;
use trainyard_door::system_clock;

use crate::args::MemberAction;
use crate::cli::client::Client;
use crate::cli::tokens::second;
use crate::cli::{print_json, table};
use crate::language::pick;
use crate::out::line;

pub(crate) async fn run(client: &Client, action: Option<MemberAction>, json: bool) -> Result<()> {
    let language = client.language;
    match action.unwrap_or(MemberAction::List) {
        MemberAction::List => {
            let answer = client.get::<MemberList>("/v1/members").await?;
            if json {
                return print_json(&answer.json);
            }
            let state = |removed| {
                if removed {
                    pick(language, "내보냄", "removed")
                } else {
                    pick(language, "구성원", "member")
                }
            };
            let rows = answer.members.iter().map(|member| {
                let role = member.role.name().to_owned();
                let state = state(member.removed).to_owned();
                vec![member.id.to_string(), member.name.clone(), role, second(member.last_login), state]
            });
            let header = pick(
                language,
                ["id", "이름", "역할", "마지막 로그인", "상태"],
                ["id", "name", "role", "last login", "state"],
            );
            table::print(&header, &rows.collect::<Vec<_>>());
        }
        MemberAction::Remove { id } => {
            let answer = client.delete::<MemberRemoved>(&format!("/v1/members/{id}")).await?;
            if json {
                return print_json(&answer.json);
            }
            let sessions = answer.sessions;
            line(pick(
                language,
                format!("내보냈습니다. 끝난 세션: {sessions}"),
                format!("removed; sessions that ended: {sessions}"),
            ));
        }
        MemberAction::Restore { id } => {
            let path = format!("/v1/members/{id}/restore");
            let answer = client.post::<MemberRestored>(&path, &serde_json::json!({})).await?;
            if json {
                return print_json(&answer.json);
            }
            line(pick(language, "다시 로그인할 수 있습니다", "may log in again"));
        }
        MemberAction::Invite { name, role, expires } => {
            let too_far = pick(language, "--expires가 너무 깁니다", "--expires is too far away");
            let end = |span| system_clock().checked_add(span).context(too_far);
            let new = NewInvitation { name, role, expires_at: expires.map(end).transpose()? };
            let answer = client.post::<InvitationMade>("/v1/invitations", &new).await?;
            if json {
                return print_json(&answer.json);
            }
            line(format!("{}/{}", client.url.trim_end_matches('/'), answer.path));
            let until = second(answer.expires_at);
            line(pick(
                language,
                format!("(지금 한 번만 보여 드립니다. {until} UTC까지 한 번 쓸 수 있습니다)"),
                format!("(shown this once; good once, until {until} UTC)"),
            ));
        }
        MemberAction::Invitations => {
            let answer = client.get::<InvitationList>("/v1/invitations").await?;
            if json {
                return print_json(&answer.json);
            }
            let rows = answer.invitations.iter().map(|invitation| {
                let role = invitation.role.name().to_owned();
                vec![invitation.id.to_string(), invitation.name.clone(), role, second(invitation.expires_at)]
            });
            let header = pick(language, ["id", "이름", "역할", "기한"], ["id", "name", "role", "until"]);
            table::print(&header, &rows.collect::<Vec<_>>());
        }
        MemberAction::Uninvite { id } => {
            let answer = client.delete::<TokenRevoked>(&format!("/v1/invitations/{id}")).await?;
            if json {
                return print_json(&answer.json);
            }
            line(pick(language, "초대를 취소했습니다", "the invitation is taken back"));
        }
    }
    Ok(())
}
