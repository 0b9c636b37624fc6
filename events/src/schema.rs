//! What schemas say of types that are not ours.

// Without a comment of its own, which would stand at every field.
#[derive(schemars::JsonSchema)]
#[schemars(inline, transparent, extend("format" = "date-time"))]
pub struct Moment(pub String);

/// Text without control characters.
pub const ONE_LINE: &str = r"^[^\u0000-\u001f\u007f-\u009f]*$";
/// The same on several lines, with tabs.
pub const LINES: &str = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$";
