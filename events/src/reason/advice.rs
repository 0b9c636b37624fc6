//! What whoever reads a failure can do now.

use serde::{Deserialize, Serialize};

use super::LabelFormat;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Advice {
    // Of a dataset.
    CheckPath,
    GiveReadRight,
    UnpackIt,
    TrainOnPart,
    ClassifyOrDetect,
    NameFolderTrain,
    NameFolderOfClasses,
    MakeClassFolders,
    /// Of what is as it should be.
    AddGoodImages,
    NameInnerFolder {
        folder: String,
    },
    AddClassFolder,
    FolderForEachClass,
    ShortenFolderName,
    AskForDetector,
    /// To a task that the labels serve.
    TaskOfLabels,
    NameOtherVersion,
    NameOtherTag,
    RestoreDataset,
    AddDatasetAgain,
    UploadAgain,
    UploadOrAllow,
    CheckAddress,
    AddressWithAccess,
    AllowHost,
    AllowBucket,
    CheckBucketKeys,
    CheckHash,
    FetchAgain,
    FasterAddress,
    FreeBytes,
    PackAsArchive,
    PackAgain,
    PackWithoutPassword,
    PackImages,
    UploadFolder,
    FillOrRemoveFolder {
        folder: String,
    },
    RepairFiles,
    RelabelBoxes,
    AddImages,
    FillValidation,
    NameImagesAndLabels,
    CorrectClassNames,
    CheckLabelPlaces,
    LabelMore,
    RewriteFile,
    OneCategoryName,
    CorrectAndNameAgain,
    OneClassPerLine,
    OneImagePerLine,
    RegisterElsewhere,
    RepairAndRegister,
    FasterDisk,
    FewerClasses,
    NameDatasetAgain,
    NameChangedDatasetAgain,
    ExportAs {
        format: LabelFormat,
    },
    KeepOneFormat {
        first: LabelFormat,
        second: LabelFormat,
    },
    OneClassList,
    OneClassEach,

    // Of a configuration.
    CorrectConfig,
    ChooseTask,
    ChooseModel {
        models: Vec<String>,
    },
    BatchOfTwo,
    /// One or both of the sizes that fit.
    SetImageSize {
        sizes: Vec<u32>,
    },
    SetLetterbox,
    BatchAtMost {
        images: u64,
    },
    LargerBatch,
    SmallerBatch,
    ClassesThereAre {
        classes: Vec<String>,
    },
    NameTwoClasses {
        classes: Vec<String>,
    },
    LabelOrChooseOthers,
    LowerRate {
        from: f64,
        to: f64,
    },
    TrainSlower,
    SafetensorsOrNone,
    ReadablePathOrNone,
    WeightsOfModel,
    OtherPath,
    TrainOnOtherPath,

    // Of a worker, its trainer and the store.
    GpuOrAuto,
    OtherWorker,
    ResumeAsItWas,
    StartAgain,
    ReadConsole,
    FaultOfTrainer,
    SpecOfAgent,
    MakeRoom,
    CheckTrainer,
    UpgradeWorkers,
    RestoreObject,
    LookAtDisk,
    HalfBatch,
    MaySayWhyOrCancel,
    SayWhatIsWrongWithConfig,
    SayWhatIsWrongWithDataset,
    PrintFinished,
    MaySayWhy,
    BreaksProtocol,
    CheckStore,
    LookAtWorkerLog,
    LookAtLogsAndRegister,
    LookAtLostWorkers,
    MayHang,
    InstallRunner {
        runner: String,
    },
    /// Without a way to the hub.
    WeightsByPathOrScratch,
    OtherWeights,
    TokenForWeights,

    /// A foreign trainer's, as it is.
    AdviceSaid {
        text: String,
    },
}
