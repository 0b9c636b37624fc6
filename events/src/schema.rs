//! What schemas say of types that are not ours.

// Without a comment of its own, which would stand at every field.
#[derive(schemars::JsonSchema)]
#[schemars(inline, transparent, extend("format" = "date-time"))]
pub struct Moment(pub String);

/// Text without control characters.
pub const ONE_LINE: &str = r"^[^\u0000-\u001f\u007f-\u009f]*$";
/// The same on several lines, with tabs.
pub const LINES: &str = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$";

/// Why something is so, as data: a code and its values. Where people read it, the sentence stands beside them in both
/// languages.
#[derive(schemars::JsonSchema)]
#[schemars(rename = "Reason", extend("additionalProperties" = { "description": "A value." }))]
pub struct SaidReason {
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ko: Option<String>,
}

/// The codes are many, and a newer release has more: each kind of reason has the one schema.
macro_rules! a_reason {
    ($($kind:ty),*) => {$(
        impl schemars::JsonSchema for $kind {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                SaidReason::schema_name()
            }

            fn schema_id() -> std::borrow::Cow<'static, str> {
                SaidReason::schema_id()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                SaidReason::json_schema(generator)
            }
        }
    )*};
}

a_reason!(crate::reason::Reason, crate::reason::Advice, crate::reason::Caution, crate::reason::Flaw);
