//! What every handler shares.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use trainyard_api::error::{Problem, What};
use trainyard_assistant::Assistant;
use trainyard_bus::{Bus, EventLog, JetStreamLog};
use trainyard_commands::Command;
use trainyard_door::{Clock, Door, Handled};
use trainyard_events::Aggregate;
use trainyard_projections::Views;
use trainyard_store::Store;
use trainyard_views::{DatasetRow, JobRow};
use uuid::Uuid;

use crate::access_notes::AccessNotes;
use crate::certificates::Signer;
use crate::client::Client;
use crate::config::GatewayConfig;
use crate::error::ApiError;
use crate::extract::id;
use crate::fetched::Images;
use crate::hooks::HookAccess;
use crate::idempotency::Asker;
use crate::identity::Identity;
use crate::live::hub::Hub;
use crate::live::places::Places;
use crate::live::resume::Resumes;
use crate::login::Login;
use crate::logins::Logins;
use crate::manifests::Manifests;
use crate::metrics::{HttpMetrics, Metrics};
use crate::model_calls::ModelCalls;
use crate::room::Rooms;
use crate::samples::Samples;
use crate::shelf::Shelf;
use crate::tokens::{self, Tokens, token_hash};

/// How long a read waits for the views to reach what it asks for.
const VIEWS_TIMEOUT: Duration = Duration::from_secs(2);

/// Versions of datasets that are compared at once; the rest wait for their turn.
pub(crate) const DIFFS_AT_ONCE: usize = 2;

/// Shared by all requests of one gateway.
pub(crate) struct Shared {
    pub(crate) config: GatewayConfig,
    pub(crate) bus: Bus,
    pub(crate) door: Door<JetStreamLog>,
    pub(crate) views: Views,
    pub(crate) store: Store,
    /// How much of it each tenant's datasets take up.
    pub(crate) rooms: Rooms,
    /// Those that compare two versions of a dataset.
    pub(crate) diffs: Semaphore,
    /// Room for files that are fetched from workers.
    pub(crate) worker_files: Semaphore,
    pub(crate) assistant: Assistant,
    /// What the runners of the fleet say of themselves.
    pub(crate) shelf: Shelf,
    /// Who stands for what a training was.
    pub(crate) certificates: Signer,
    /// Who fetches those that are predicted on by their address.
    pub(crate) images: Images,
    /// What is in the versions of datasets that people look at.
    pub(crate) manifests: Manifests,
    /// Questions to named models, and since when they are counted.
    pub(crate) calls: ModelCalls,
    /// Of those questions, what is kept for review.
    pub(crate) samples: Samples,
    pub(crate) started_at: OffsetDateTime,
    pub(crate) clock: Clock,
    pub(crate) tokens: Tokens,
    pub(crate) access_notes: AccessNotes,
    /// Where people log in, if they do.
    pub(crate) login: Option<Login>,
    pub(crate) logins: Option<Logins>,
    pub(crate) hooks: Option<HookAccess>,
    /// The names of readers' consumers are made with it.
    pub(crate) readers_key: [u8; 32],
    pub(crate) places: Places,
    pub(crate) hub: Arc<Hub>,
    pub(crate) resumes: Resumes,
    pub(crate) registry: Metrics,
    pub(crate) metrics: HttpMetrics,
    /// Told to stop: sockets say goodbye.
    pub(crate) stop: CancellationToken,
    /// What must have ended before the gateway has.
    pub(crate) tasks: TaskTracker,
}

#[derive(Clone)]
pub(crate) struct Gateway(pub(crate) Arc<Shared>);

impl Deref for Gateway {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Gateway {
    /// Asks for one step of a request at the one door for facts.
    pub(crate) async fn ask(
        &self,
        asker: &Asker,
        step: &str,
        aggregate: Aggregate,
        command: Command,
    ) -> Result<Handled, ApiError> {
        let asked = self.door.handle(asker.request(step, aggregate.clone(), command)).await;
        let handled = asker.of_any_release(&self.bus.log(), &aggregate, asked).await?;
        if let Handled::Recorded(recorded) = &handled {
            // What was done to a token holds here before the answer leaves.
            self.tokens.take_in(recorded);
        }
        Ok(handled)
    }

    /// Whose token this is. That nobody knows it counts only once the views show all that the log had when it was shown: one
    /// that was issued a moment ago, or before this platform has come up, is not called unknown.
    pub(crate) async fn identify(&self, client: Client, text: &str) -> Result<Identity, ApiError> {
        let hash = tokens::hash_of(text).ok_or(Problem::UnknownToken)?;
        self.identify_by(client, hash).await
    }

    /// The same of who has shown, elsewhere, that the other half of this public key is his.
    pub(crate) async fn identify_key(&self, client: Client, public: &str) -> Result<Identity, ApiError> {
        self.identify_by(client, token_hash(public)).await
    }

    /// Whose token this is, who comes in with it now.
    pub(crate) async fn let_in(&self, client: Client, text: &str) -> Result<Identity, ApiError> {
        let identity = self.identify(client, text).await?;
        self.note_use(&identity, client);
        Ok(identity)
    }

    async fn identify_by(&self, client: Client, hash: String) -> Result<Identity, ApiError> {
        match self.tokens.identify(&self.views, client, hash.clone()).await {
            Err(ApiError(Problem::UnknownToken)) => {}
            known => return known,
        }
        // Always looked up again: the views may have come to it since, and a stranger pays for one look only.
        let again = || async { Ok(Some(self.tokens.look_again(&self.views, hash.clone()).await)) };
        self.after_the_log(again).await?.unwrap_or_else(|| Err(Problem::UnknownToken.into()))
    }

    /// Waits a moment for the views to reach `sequence`; whether they did.
    pub(crate) async fn shown(&self, sequence: u64) -> Result<bool, ApiError> {
        if sequence > self.hub.ring().newest() {
            // No write was answered with what the log does not have. Where it does not say, the views are waited for.
            let newest = self.bus.log().last_sequence().await;
            if newest.is_ok_and(|newest| sequence > newest) {
                return Ok(false);
            }
        }
        Ok(self.views.wait_for(sequence, VIEWS_TIMEOUT).await?)
    }

    /// What `look` finds in the views. That there is nothing counts only once they show all that the log had when this was
    /// asked: what has been acknowledged by then, here or at another gateway, is found.
    pub(crate) async fn caught_up<T, F>(&self, look: impl Fn() -> F) -> Result<Option<T>, ApiError>
    where
        F: Future<Output = Result<Option<T>, ApiError>>,
    {
        if let Some(found) = look().await? {
            return Ok(Some(found));
        }
        self.after_the_log(look).await
    }

    /// What `look` finds once the views show all that the log had when this was asked.
    pub(crate) async fn after_the_log<T, F>(&self, look: impl FnOnce() -> F) -> Result<Option<T>, ApiError>
    where
        F: Future<Output = Result<Option<T>, ApiError>>,
    {
        let newest = self.bus.log().last_sequence().await?;
        if !self.views.wait_for(newest, VIEWS_TIMEOUT).await? {
            let shown = self.views.position().await?.sequence;
            return Err(Problem::ViewsBehind { events: newest.saturating_sub(shown) }.into());
        }
        look().await
    }

    /// The same, where there has to be something.
    pub(crate) async fn found<T, F>(&self, what: What, look: impl Fn() -> F) -> Result<T, ApiError>
    where
        F: Future<Output = Result<Option<T>, ApiError>>,
    {
        self.caught_up(look).await?.ok_or_else(|| ApiError::not_found(what))
    }

    /// The tenant's dataset.
    pub(crate) async fn dataset(&self, identity: &Identity, reference: &str) -> Result<DatasetRow, ApiError> {
        self.found(What::Dataset, || self.look_for_dataset(identity, reference)).await
    }

    pub(crate) async fn look_for_dataset(
        &self,
        identity: &Identity,
        reference: &str,
    ) -> Result<Option<DatasetRow>, ApiError> {
        Ok(self.views.dataset(&identity.tenant, id(reference, What::Dataset)?).await?)
    }

    /// The tenant's job by id, or by the number people call it.
    pub(crate) async fn job(&self, identity: &Identity, reference: &str) -> Result<JobRow, ApiError> {
        self.found(What::Job, || self.look_for_job(identity, reference)).await
    }

    pub(crate) async fn look_for_job(
        &self,
        identity: &Identity,
        reference: &str,
    ) -> Result<Option<JobRow>, ApiError> {
        Ok(match (Uuid::parse_str(reference), reference.trim_start_matches('#').parse()) {
            (Ok(id), _) => self.views.job(&identity.tenant, id).await?,
            (_, Ok(number)) => self.views.job_by_number(&identity.tenant, number).await?,
            _ => return Err(ApiError::not_found(What::Job)),
        })
    }
}
