//! The conversations: one row a chat, one row a message.

use sqlx::types::Json;
use sqlx::{PgConnection, PgExecutor};
use trainyard_events::{Actor, Aggregate, ChatEvent, Event, Recorded, TenantId, said};
use trainyard_views::{ChatMessage, ChatRow};
use uuid::Uuid;

use crate::table::{self, Page, Rows, bigint, text};
use crate::views::{OLDER, drop_schema};
use crate::{ViewError, Views};

/// The kind of an erasure.
const ERASURE: &str = "chat.prompts_erased";

/// Which conversations of a list; the default is all.
#[derive(Clone, Debug, Default)]
pub struct ChatFilter {
    /// Words in the title or in what was said.
    pub q: Option<String>,
    /// Only those that are put away, or only the others.
    pub archived: Option<bool>,
    /// Only those in which somebody has said something, or only those that came of a request for a job.
    pub spoken: Option<bool>,
}

impl Views {
    pub async fn chat(&self, tenant: &TenantId, id: Uuid) -> Result<Option<ChatRow>, ViewError> {
        one(&self.pool, tenant, id).await
    }

    /// Most recently used first; the page's key is `sequence`.
    pub async fn chats(
        &self,
        tenant: &TenantId,
        filter: &ChatFilter,
        page: Page,
    ) -> Result<Rows<ChatRow>, ViewError> {
        let rows = sqlx::query_scalar(
            "SELECT to_json(chats) FROM chats
             WHERE tenant = $1 AND ($2::bigint IS NULL OR sequence < $2)
               AND ($4::boolean IS NULL OR archived = $4)
               AND ($5::boolean IS NULL OR (language IS NOT NULL) = $5)
               AND ($6::text IS NULL OR position(lower($6) IN lower(title)) > 0 OR EXISTS (
                    SELECT 1 FROM chat_messages AS said WHERE said.tenant = $1 AND said.chat = chats.id
                    AND position(lower($6) IN lower(said.text)) > 0))
             ORDER BY sequence DESC LIMIT $3",
        )
        .bind(tenant.as_str())
        .bind(page.before())
        .bind(page.fetch())
        .bind(filter.archived)
        .bind(filter.spoken)
        .bind(filter.q.as_deref().map(text))
        .fetch_all(&self.pool)
        .await?;
        Ok(page.cut(rows, |row: &ChatRow| row.sequence))
    }

    /// The conversations in which the token called `name` has ever said something, or given a title.
    pub async fn chats_of(&self, tenant: &TenantId, name: &str) -> Result<Vec<Uuid>, ViewError> {
        let found: Vec<String> = sqlx::query_scalar(
            "SELECT DISTINCT aggregate FROM activity WHERE tenant = $1 AND actor = $2 AND kind = ANY ($3) ORDER BY aggregate",
        )
        .bind(tenant.as_str())
        .bind(text(&Actor::User(name.to_owned()).to_string()))
        .bind(said::kinds().collect::<Vec<_>>())
        .fetch_all(&self.pool)
        .await?;
        let chat = |found: &String| match found.parse() {
            Ok(Aggregate::Chat(id)) => Some(id),
            _ => None,
        };
        Ok(found.iter().filter_map(chat).collect())
    }

    /// Conversations of which something was erased by an event after this one, of all tenants; and the newest such event.
    pub async fn erased_after(&self, sequence: u64) -> Result<(u64, Vec<(TenantId, Uuid)>), ViewError> {
        let found: Vec<(i64, String, String)> = sqlx::query_as(
            "SELECT sequence, tenant, aggregate FROM activity WHERE sequence > $1 AND kind = $2 ORDER BY sequence",
        )
        .bind(bigint(sequence))
        .bind(ERASURE)
        .fetch_all(&self.pool)
        .await?;
        let newest = found.last().map_or(sequence, |(newest, ..)| newest.unsigned_abs());
        let whose = found.iter().filter_map(|(_, tenant, of)| match (tenant.parse(), of.parse()) {
            (Ok(tenant), Ok(Aggregate::Chat(chat))) => Some((tenant, chat)),
            _ => None,
        });
        Ok((newest, whose.collect()))
    }

    /// The tables that an older release has left behind hold what was said as it was. That release makes them anew.
    pub async fn drop_older(&self) -> Result<(), ViewError> {
        let mut connection = self.pool.acquire().await?;
        for older in OLDER {
            drop_schema(&mut connection, older).await?;
        }
        Ok(())
    }

    /// Newest first; the page's key is `sequence`.
    pub async fn messages(
        &self,
        tenant: &TenantId,
        chat: Uuid,
        page: Page,
    ) -> Result<Rows<ChatMessage>, ViewError> {
        messages(&self.pool, tenant, chat, page).await
    }
}

pub(crate) async fn apply(connection: &mut PgConnection, events: &[Recorded]) -> Result<(), ViewError> {
    let touches = |event: &Recorded| match event.envelope.aggregate {
        Aggregate::Chat(id) => Some(id),
        _ => None,
    };
    table::fold(connection, "chats", "id", events, touches, ChatRow::apply).await?;
    let messages: Vec<ChatMessage> = events.iter().filter_map(ChatMessage::of).collect();
    table::upsert(connection, "chat_messages", "tenant, chat, sequence", &messages).await?;
    for erasure in events.iter().filter(|event| is_erasure(event)) {
        heed(connection, erasure).await?;
    }
    Ok(())
}

pub(crate) fn is_erasure(recorded: &Recorded) -> bool {
    matches!(recorded.envelope.event, Event::Chat(ChatEvent::PromptsErased { .. }))
}

/// What was said before an erasure leaves its rows.
async fn heed(connection: &mut PgConnection, erasure: &Recorded) -> Result<(), ViewError> {
    let Aggregate::Chat(chat) = erasure.envelope.aggregate else { return Ok(()) };
    let rows: Vec<Json<ChatMessage>> = sqlx::query_scalar(
        "SELECT to_json(chat_messages) FROM chat_messages
         WHERE tenant = $1 AND chat = $2 AND sequence < $3 AND NOT erased ORDER BY sequence",
    )
    .bind(erasure.envelope.tenant.as_str())
    .bind(chat)
    .bind(bigint(erasure.sequence))
    .fetch_all(&mut *connection)
    .await?;
    let mut rows: Vec<ChatMessage> = rows.into_iter().map(|Json(row)| row).collect();
    rows.retain_mut(|row| row.heed(erasure));
    table::upsert(connection, "chat_messages", "tenant, chat, sequence", &rows).await
}

pub(crate) async fn one(
    executor: impl PgExecutor<'_>,
    tenant: &TenantId,
    id: Uuid,
) -> Result<Option<ChatRow>, ViewError> {
    let row = sqlx::query_scalar("SELECT to_json(chats) FROM chats WHERE tenant = $1 AND id = $2")
        .bind(tenant.as_str())
        .bind(id)
        .fetch_optional(executor)
        .await?;
    Ok(row.map(|Json(row)| row))
}

pub(crate) async fn messages(
    executor: impl PgExecutor<'_>,
    tenant: &TenantId,
    chat: Uuid,
    page: Page,
) -> Result<Rows<ChatMessage>, ViewError> {
    let rows = sqlx::query_scalar(
        "SELECT to_json(chat_messages) FROM chat_messages
         WHERE tenant = $1 AND chat = $2 AND ($3::bigint IS NULL OR sequence < $3)
         ORDER BY sequence DESC LIMIT $4",
    )
    .bind(tenant.as_str())
    .bind(chat)
    .bind(page.before())
    .bind(page.fetch())
    .fetch_all(executor)
    .await?;
    Ok(page.cut(rows, |row: &ChatMessage| row.sequence))
}
