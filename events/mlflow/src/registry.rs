//! Tells MLflow of a model: its versions in their order, what is put away, and what each alias names.

use std::collections::BTreeMap;

use trainyard_bus::EventLog;
use trainyard_events::{Aggregate, TenantId};
use uuid::Uuid;

use crate::api::Trouble;
use crate::mirror::Mirror;
use crate::model::{ARCHIVED, Model, Version};
use crate::server::{NewVersion, TENANT, TheirVersion};

impl Mirror {
    pub(crate) async fn tell_model(&mut self, tenant: &TenantId, id: Uuid) -> Result<(), Trouble> {
        let mut model = Model::default();
        for recorded in self.log.history(tenant, &Aggregate::Model(id), 0).await? {
            model.take(&recorded, &self.config.bucket);
        }
        if model.versions.is_empty() {
            return Ok(());
        }
        let tags = BTreeMap::from([(TENANT.to_owned(), tenant.to_string())]);
        let aliases = self.server.model(&model.name, &tags).await?;
        let mut theirs = self.server.versions(&model.name).await?;
        let mut numbers = BTreeMap::new();
        for (ours, version) in &model.versions {
            let theirs = theirs.remove(ours);
            numbers.insert(*ours, self.tell_version(tenant, &model.name, version, theirs).await?);
        }
        let named = |version: &u32| numbers.get(version).copied();
        for (alias, version) in &model.aliases {
            if let Some(number) = named(version).filter(|number| aliases.get(alias) != Some(number)) {
                self.server.set_alias(&model.name, alias, number).await?;
            }
        }
        let is_gone = |alias: &&String| model.ours.contains(*alias) && !model.aliases.contains_key(*alias);
        for alias in aliases.keys().filter(is_gone) {
            self.server.remove_alias(&model.name, alias).await?;
        }
        Ok(())
    }

    /// Returns its number in MLflow, which is ours unless somebody has made versions there by hand.
    async fn tell_version(
        &mut self,
        tenant: &TenantId,
        model: &str,
        version: &Version,
        theirs: Option<TheirVersion>,
    ) -> Result<u64, Trouble> {
        let Some(TheirVersion { number, tags }) = theirs else {
            let experiment = self.experiment(tenant).await?;
            let run = self.run_of(&experiment, version.job).await?;
            let (source, run) = (version.source.as_str(), run.as_deref());
            return self
                .server
                .create_version(&NewVersion { model, source, run, tags: &version.tags() })
                .await;
        };
        let archived = version.archived.to_string();
        if tags.get(ARCHIVED) != Some(&archived) {
            self.server.tag_version(model, number, (ARCHIVED, &archived)).await?;
        }
        Ok(number)
    }
}
