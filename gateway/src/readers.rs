//! Who may read which events: what was done to tokens and hooks is for those who may see the lists of them.

use trainyard_events::Event;
use trainyard_events::tenant::Role;

/// As `/v1/tokens` and `/v1/hooks` ask for it.
const READS_ALL: Role = Role::Admin;
/// Kinds that tell of tokens and of hooks.
const FOR_ADMINS: &[&str] = &[
    "tenant.token_issued",
    "tenant.token_granted",
    "tenant.token_offered",
    "tenant.token_revoked",
    "hook.added",
    "hook.changed",
    "hook.removed",
    "hook.paused",
    "hook.replayed",
    "hook.tested",
];

pub(crate) fn may_read(role: Role, event: &Event) -> bool {
    !hidden_from(role).contains(&event.kind())
}

/// The kinds that a query for readers of this role leaves out.
pub(crate) fn hidden_from(role: Role) -> &'static [&'static str] {
    if role >= READS_ALL { &[] } else { FOR_ADMINS }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;
    use trainyard_events::kinds::KINDS;
    use trainyard_events::tenant::Role;
    use trainyard_events::{Event, TenantEvent};
    use uuid::Uuid;

    use super::{hidden_from, may_read};

    #[test]
    fn only_admins_read_of_hooks() {
        for kind in KINDS.iter().filter(|kind| kind.name.starts_with("hook.")) {
            assert!(hidden_from(Role::Editor).contains(&kind.name), "{}", kind.name);
            assert!(!hidden_from(Role::Admin).contains(&kind.name), "{}", kind.name);
        }
    }

    #[test]
    fn only_admins_read_of_tokens() {
        let token_id = Uuid::nil();
        let (name, sha256) = (String::new(), String::new());
        let (role, expires_at) = (Role::Viewer, OffsetDateTime::UNIX_EPOCH);
        let offered = TenantEvent::TokenOffered {
            token_id,
            name: name.clone(),
            role,
            sha256: sha256.clone(),
            expires_at,
        };
        let granted = TenantEvent::TokenGranted {
            token_id,
            name: name.clone(),
            role,
            sha256: sha256.clone(),
            expires_at: None,
            scope: Vec::new(),
            member: None,
            replaces: None,
            offer: None,
        };
        for (event, of_tokens) in [
            (TenantEvent::Created {}, false),
            (
                TenantEvent::QuotaSet {
                    concurrent_jobs: None,
                    gpu_hours: None,
                    dataset_bytes: None,
                    month_budget: None,
                },
                false,
            ),
            (TenantEvent::TokenIssued { token_id, name, role: Role::Viewer, sha256, expires_at: None }, true),
            (TenantEvent::TokenRevoked { token_id }, true),
            (offered, true),
            (granted, true),
        ] {
            let event = Event::Tenant(event);
            let readers = [Role::Viewer, Role::Editor, Role::Admin].map(|role| may_read(role, &event));
            assert_eq!(readers, [!of_tokens, !of_tokens, true], "{}", event.kind());
        }
    }
}
