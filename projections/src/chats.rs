//! The conversations: one row a chat, one row a message.

use serde::{Deserialize, Serialize};
use sqlx::PgExecutor;
use sqlx::types::Json;
use time::OffsetDateTime;
use trainyard_events::TenantId;
use trainyard_events::chat::Language;
use trainyard_events::config::Proposal;
use uuid::Uuid;

use crate::table::{Page, Rows};
use crate::{ViewError, Views};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChatRow {
    pub tenant: TenantId,
    pub id: Uuid,
    /// The first prompt, cut.
    pub title: String,
    /// Of the newest prompt.
    pub language: Option<Language>,
    /// The open one: neither approved nor rejected.
    pub proposal: Option<Proposal>,
    pub messages: u64,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub last_at: OffsetDateTime,
    pub sequence: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    User,
    Trainyard,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChatMessage {
    pub tenant: TenantId,
    pub chat: Uuid,
    /// Of its event; orders the messages.
    pub sequence: u64,
    pub who: Who,
    /// The event's, such as `chat.config_proposed`.
    pub kind: String,
    pub text: String,
    /// What was understood, of a `chat.reply_given`.
    pub intent: Option<String>,
    /// What was proposed, of a `chat.config_proposed`.
    pub proposal: Option<Proposal>,
    /// Of the proposal that was made, approved or rejected.
    pub hash: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

impl Views {
    pub async fn chat(&self, tenant: &TenantId, id: Uuid) -> Result<Option<ChatRow>, ViewError> {
        one(&self.pool, tenant, id).await
    }

    /// Most recently used first; the page's key is `sequence`.
    pub async fn chats(&self, tenant: &TenantId, page: Page) -> Result<Rows<ChatRow>, ViewError> {
        let rows = sqlx::query_scalar(
            "SELECT to_jsonb(chats) FROM chats
             WHERE tenant = $1 AND ($2::bigint IS NULL OR sequence < $2)
             ORDER BY sequence DESC LIMIT $3",
        )
        .bind(tenant.as_str())
        .bind(page.before())
        .bind(page.fetch())
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

pub(crate) async fn one(
    executor: impl PgExecutor<'_>,
    tenant: &TenantId,
    id: Uuid,
) -> Result<Option<ChatRow>, ViewError> {
    let row = sqlx::query_scalar("SELECT to_jsonb(chats) FROM chats WHERE tenant = $1 AND id = $2")
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
        "SELECT to_jsonb(chat_messages) FROM chat_messages
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
