//! What schemas say of types that are not ours.

// Without a comment of its own, which would stand at every field.
#[derive(schemars::JsonSchema)]
#[schemars(inline, transparent, extend("format" = "date-time"))]
pub struct Moment(pub String);
