//! What an operator allows, for everybody or for one tenant.

use trainyard_events::TenantId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// `None`: for all.
    pub tenant: Option<TenantId>,
    pub what: String,
}

impl Allowed {
    pub fn is_for(&self, tenant: &TenantId) -> bool {
        self.tenant.as_ref().is_none_or(|of| of == tenant)
    }
}
