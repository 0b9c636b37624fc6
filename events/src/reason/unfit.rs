//! Why a dataset cannot be trained on.

use serde::{Deserialize, Serialize};

use super::{Cause, Exit, Flaw, LabelFormat, UnreadLabels};
use crate::config::Task;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Unfit {
    // The folder.
    NothingThere {
        path: String,
    },
    NotAFolder {
        path: String,
    },
    CannotBeLookedAt {
        path: String,
        cause: Cause,
    },
    FolderUnreadable {
        path: String,
        cause: Cause,
    },
    TooManyFiles {
        limit: u64,
    },
    TaskNotRead {
        task: Task,
    },
    /// What its labels can serve, and what was asked for.
    OtherLabels {
        task: Task,
        kinds: Vec<Task>,
    },
    /// Files that were uploaded are not all there, or their list is no list.
    FilesMissing {
        cause: Cause,
    },
    NoSuchVersion {
        version: u32,
        newest: u32,
    },
    /// Which tags it has.
    NoSuchTag {
        tag: String,
        tags: Vec<String>,
    },
    DatasetArchived,
    DatasetDeleted,

    /// A table says that images are of several classes at once.
    SeveralClassesEach {
        path: String,
        images: u64,
        first: String,
    },

    // A folder for each class.
    EmptyFolder,
    NoTrainingImages,
    NoClassFolders,
    OnlyFolder {
        folder: String,
    },
    OnlyClass {
        class: String,
    },
    TooManyClassFolders {
        folders: u64,
        limit: u64,
    },
    ClassNameTooLong {
        class: String,
        limit: u64,
    },
    /// Split folders, of which none is for training.
    NoTrainFolder {
        folders: Vec<String>,
    },
    HoldsBoxes {
        format: LabelFormat,
    },
    ClassWithoutImage {
        class: String,
    },
    OneImageEach,
    /// To learn from what is as it should be, with so many images of that.
    FewGoodImages {
        good: u64,
        least: u64,
    },
    NoValidationImage,
    TooManyBadFiles {
        bad: u64,
        files: u64,
        percent: u64,
    },

    // Boxes.
    NoLabels {
        images: u64,
    },
    OnlyOtherSplits,
    TooManyClasses {
        classes: u64,
        limit: u64,
    },
    ClassNameLength {
        class: u64,
        length: u64,
        limit: u64,
    },
    ClassNamedTwice {
        first: u64,
        second: u64,
        name: String,
    },
    TooManyBadBoxes {
        bad: u64,
        boxes: u64,
        percent: u64,
    },
    NoBoxes {
        images: u64,
    },
    NoBoxToTrainOn,
    NoBoxToValidateOn,
    OneImageWithBoxes,
    CocoFile {
        path: String,
        flaw: Flaw,
    },
    CategoryTwice {
        category: u64,
        name: String,
        other: String,
        file: String,
    },
    DataYaml {
        path: String,
        flaw: Flaw,
    },
    ClassList {
        path: String,
        flaw: Flaw,
    },
    ImageSet {
        path: String,
        flaw: Flaw,
    },

    // Any labels.
    /// Of the image `path` they say different things.
    FormatsDisagree {
        first: LabelFormat,
        second: LabelFormat,
        path: String,
    },
    /// `folders` hold folders of the same names, and no images of their own.
    FoldersAlike {
        folders: Vec<String>,
    },
    ClassListsDisagree {
        first: String,
        second: String,
    },
    LabelsNotRead {
        labels: UnreadLabels,
        first: String,
    },
    LabelFile {
        path: String,
        flaw: Flaw,
    },
    /// Neither classes nor labels.
    NothingToLearn {
        images: u64,
    },

    // What is fetched, or comes in an archive.
    /// Neither zip, tar nor tar.gz.
    NotAnArchive,
    ArchiveDamaged {
        cause: Cause,
    },
    ArchiveEncrypted {
        name: String,
    },
    ArchiveEntry {
        name: String,
        flaw: Flaw,
    },
    ArchiveEmpty,
    UnpacksTooLarge {
        gib: u64,
    },
    /// Out comes so many times what went in.
    CompressionBomb {
        ratio: u64,
    },
    AddressUnreachable {
        address: String,
        cause: Cause,
    },
    /// The status of HTTP that is no success.
    AddressAnswers {
        address: String,
        status: u16,
    },
    AddressNotAllowed {
        address: String,
    },
    AddressTooLarge {
        address: String,
        gib: u64,
    },
    /// Less than `kib` came in `seconds`.
    AddressTooSlow {
        address: String,
        kib: u64,
        seconds: u64,
    },
    /// Of the tenant's quota for datasets.
    NoBytesLeft {
        used: u64,
        asked: u64,
        limit: u64,
    },
    OtherHash {
        address: String,
        expected: String,
        found: String,
    },
    BucketNotAllowed {
        bucket: String,
    },
    BucketUnusable {
        bucket: String,
        cause: Cause,
    },
    NothingAt {
        address: String,
    },
    /// On the machine that fetches and unpacks.
    DiskUnusable {
        cause: Cause,
    },

    // The agent's.
    /// No folder that the workers may read for this tenant.
    OutsideRoots {
        path: String,
    },
    RemotePath {
        path: String,
    },
    NoHomeFolder {
        path: String,
    },
    InspectorNotStarted {
        cause: Cause,
    },
    InspectorUnheard {
        cause: Cause,
    },
    InspectorEnded {
        exit: Exit,
        last: String,
    },
    /// So often was it asked for.
    NeverLookedAt {
        rounds: u32,
    },
    TooSlow {
        minutes: u64,
    },
    ProfileTooLarge {
        bytes: u64,
        limit: u64,
    },
}
