//! What can be said of a job.

use clap::Args;

#[derive(Debug, Default, Args)]
pub(crate) struct Annotation {
    /// Call it so; an empty title takes it away.
    #[arg(long)]
    pub title: Option<String>,
    /// Add a tag.
    #[arg(long)]
    pub tag: Vec<String>,
    /// Remove a tag.
    #[arg(long)]
    pub untag: Vec<String>,
    /// Note this of it; an empty note takes it away.
    #[arg(long)]
    pub note: Option<String>,
    /// Put it away: lists leave it out.
    #[arg(long, conflicts_with = "restore")]
    pub archive: bool,
    /// Take it out again.
    #[arg(long)]
    pub restore: bool,
}

impl Annotation {
    /// Whether nothing is to be said.
    pub(crate) fn is_empty(&self) -> bool {
        let Annotation { title, tag, untag, note, archive, restore } = self;
        title.is_none() && tag.is_empty() && untag.is_empty() && note.is_none() && !archive && !restore
    }
}
