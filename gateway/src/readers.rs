//! Who may read which events: what was done to tokens is for those who may see the list of tokens.

use trainyard_events::Event;
use trainyard_events::tenant::Role;

/// As `/v1/tokens` asks for it.
const READS_TOKENS: Role = Role::Admin;
/// Kinds that tell of tokens.
const OF_TOKENS: &[&str] = &["tenant.token_issued", "tenant.token_revoked"];

pub(crate) fn may_read(role: Role, event: &Event) -> bool {
    !hidden_from(role).contains(&event.kind())
}

/// The kinds that a query for readers of this role leaves out.
pub(crate) fn hidden_from(role: Role) -> &'static [&'static str] {
    if role >= READS_TOKENS { &[] } else { OF_TOKENS }
}

#[cfg(test)]
mod tests {
    use trainyard_events::tenant::Role;
    use trainyard_events::{Event, TenantEvent};
    use uuid::Uuid;

    use super::may_read;

    #[test]
    fn only_admins_read_of_tokens() {
        let token_id = Uuid::nil();
        let (name, sha256) = (String::new(), String::new());
        for (event, of_tokens) in [
            (TenantEvent::Created {}, false),
            (TenantEvent::QuotaSet { concurrent_jobs: None, gpu_hours: None, dataset_bytes: None }, false),
            (TenantEvent::TokenIssued { token_id, name, role: Role::Viewer, sha256, expires_at: None }, true),
            (TenantEvent::TokenRevoked { token_id }, true),
        ] {
            let event = Event::Tenant(event);
            let readers = [Role::Viewer, Role::Editor, Role::Admin].map(|role| may_read(role, &event));
            assert_eq!(readers, [!of_tokens, !of_tokens, true], "{}", event.kind());
        }
    }
}
