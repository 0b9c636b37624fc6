//! The conversations: one row a chat, one row a message.

use sqlx::types::Json;
use sqlx::{PgConnection, PgExecutor};
use trainyard_events::{Aggregate, Recorded, TenantId};
use trainyard_views::{ChatMessage, ChatRow};
use uuid::Uuid;

use crate::table::{self, Page, Rows, text};
use crate::{ViewError, Views};

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
    table::upsert(connection, "chat_messages", "tenant, chat, sequence", &messages).await
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
