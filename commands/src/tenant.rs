//! A tenant: its tokens, of which only hashes are known, and its quota.

use std::collections::BTreeSet;

use trainyard_events::TenantEvent;
use trainyard_events::tenant::Role;
use uuid::Uuid;

use crate::rejection::Rejection;

const TOKEN_NAME_CHARS: usize = 64;

#[derive(Clone, Debug, PartialEq)]
pub enum TenantCommand {
    Create,
    IssueToken { token_id: Uuid, name: String, role: Role, sha256: String },
    RevokeToken { token_id: Uuid },
    SetQuota { concurrent_jobs: Option<u32>, gpu_hours: Option<u32> },
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tenant {
    pub exists: bool,
    /// Those that are valid now.
    pub tokens: BTreeSet<Uuid>,
    revoked: BTreeSet<Uuid>,
    pub concurrent_jobs: Option<u32>,
    pub gpu_hours: Option<u32>,
}

impl Tenant {
    pub fn evolve(&mut self, event: &TenantEvent) {
        match event {
            TenantEvent::Created {} => self.exists = true,
            TenantEvent::TokenIssued { token_id, .. } => {
                self.tokens.insert(*token_id);
            }
            TenantEvent::TokenRevoked { token_id } => {
                self.tokens.remove(token_id);
                self.revoked.insert(*token_id);
            }
            TenantEvent::QuotaSet { concurrent_jobs, gpu_hours } => {
                self.concurrent_jobs = *concurrent_jobs;
                self.gpu_hours = *gpu_hours;
            }
        }
    }

    pub fn decide(&self, command: &TenantCommand) -> Result<Option<TenantEvent>, Rejection> {
        if !self.exists && *command != TenantCommand::Create {
            return Err(Rejection::NoSuchTenant);
        }
        match command {
            TenantCommand::Create => Ok((!self.exists).then_some(TenantEvent::Created {})),
            TenantCommand::IssueToken { token_id, name, role, sha256 } => {
                if !(1..=TOKEN_NAME_CHARS).contains(&name.chars().count()) {
                    return Err(Rejection::BadTokenName);
                }
                let known = self.tokens.contains(token_id) || self.revoked.contains(token_id);
                Ok((!known).then(|| TenantEvent::TokenIssued {
                    token_id: *token_id,
                    name: name.clone(),
                    role: *role,
                    sha256: sha256.clone(),
                }))
            }
            TenantCommand::RevokeToken { token_id } if self.revoked.contains(token_id) => Ok(None),
            TenantCommand::RevokeToken { token_id } if self.tokens.contains(token_id) => {
                Ok(Some(TenantEvent::TokenRevoked { token_id: *token_id }))
            }
            TenantCommand::RevokeToken { .. } => Err(Rejection::NoSuchToken),
            TenantCommand::SetQuota { concurrent_jobs, gpu_hours } => {
                let same = (self.concurrent_jobs, self.gpu_hours) == (*concurrent_jobs, *gpu_hours);
                Ok((!same).then_some(TenantEvent::QuotaSet {
                    concurrent_jobs: *concurrent_jobs,
                    gpu_hours: *gpu_hours,
                }))
            }
        }
    }
}
