//! If-Match and If-None-Match: on what an object must be like for a request to be done.

use s3s::dto::{ETag, ETagCondition};
use s3s::{S3Result, s3_error};

use crate::error::no_key;
use crate::object::Object;

#[derive(Default)]
pub(crate) struct Condition {
    pub(crate) if_match: Option<ETagCondition>,
    pub(crate) if_none_match: Option<ETagCondition>,
}

impl Condition {
    pub(crate) fn is_any(&self) -> bool {
        self.if_match.is_some() || self.if_none_match.is_some()
    }

    /// Before a write. Whoever asks holds the lock of the key until it is done.
    pub(crate) fn allows_write(&self, there: Option<&Object>) -> S3Result<()> {
        match there {
            None if self.if_match.is_some() => Err(no_key()),
            None => Ok(()),
            Some(object) if self.matches(object) && !self.forbids(object) => Ok(()),
            Some(_) => Err(s3_error!(PreconditionFailed, "the object is not what the request asks for")),
        }
    }

    pub(crate) fn allows_read(&self, object: &Object) -> S3Result<()> {
        if !self.matches(object) {
            return Err(s3_error!(PreconditionFailed, "the object has changed"));
        }
        if self.forbids(object) {
            return Err(s3_error!(NotModified));
        }
        Ok(())
    }

    fn matches(&self, object: &Object) -> bool {
        self.if_match.as_ref().is_none_or(|condition| names(condition, object))
    }

    fn forbids(&self, object: &Object) -> bool {
        self.if_none_match.as_ref().is_some_and(|condition| names(condition, object))
    }
}

fn names(condition: &ETagCondition, object: &Object) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(ETag::Strong(value) | ETag::Weak(value)) => *value == object.about.etag,
    }
}
