//! What readers were told to do next. Frozen.

use super::pattern::{Phrase, list, n, quoted};
use crate::reason::Advice;

pub(super) const ADVICE: &[Phrase<Advice>] = &[
    // Of a dataset.
    ("check the path; it is read on the worker's machine", |_| Some(Advice::CheckPath)),
    ("give the worker the right to read it, or name another path", |_| Some(Advice::GiveReadRight)),
    ("unpack it if it is an archive, and name the folder", |_| Some(Advice::UnpackIt)),
    ("train on a part of them", |_| Some(Advice::TrainOnPart)),
    ("datasets to classify and to detect are", |_| Some(Advice::ClassifyOrDetect)),
    ("name the folder of training images `train`", |_| Some(Advice::NameFolderTrain)),
    ("name a folder that holds one folder of images for each class", |_| Some(Advice::NameFolderOfClasses)),
    ("make one folder for each class and put its images there: cats/1.jpg, dogs/1.jpg", |_| {
        Some(Advice::MakeClassFolders)
    }),
    ("if the classes are inside it, name {} as the dataset", |v| {
        Some(Advice::NameInnerFolder { folder: quoted(v[0])? })
    }),
    ("a classifier tells at least two classes apart: add a folder for another class", |_| {
        Some(Advice::AddClassFolder)
    }),
    ("one folder for each class, not for each image", |_| Some(Advice::FolderForEachClass)),
    ("give the folder a shorter name", |_| Some(Advice::ShortenFolderName)),
    (
        "ask for a detector to learn its boxes; to classify, name a folder with one folder of images for each class",
        |_| Some(Advice::AskForDetector),
    ),
    ("put images into its folder, or remove the folder {}", |v| {
        Some(Advice::FillOrRemoveFolder { folder: quoted(v[0])? })
    }),
    ("repair or remove the files in the report, then name the dataset again", |_| Some(Advice::RepairFiles)),
    ("label them again, or remove them, then name the dataset again", |_| Some(Advice::RelabelBoxes)),
    ("add images: one part of each class is learned from, another checks what was learned", |_| {
        Some(Advice::AddImages)
    }),
    ("put images there, or remove the folder and a part of the training images is used instead", |_| {
        Some(Advice::FillValidation)
    }),
    ("name the folder that holds both the images and their labels, in one of these formats", |_| {
        Some(Advice::NameImagesAndLabels)
    }),
    ("correct the names of the classes", |_| Some(Advice::CorrectClassNames)),
    ("check that the labels lie where their format wants them, and that they hold boxes", |_| {
        Some(Advice::CheckLabelPlaces)
    }),
    ("label more images: one part is learned from, another checks what was learned", |_| {
        Some(Advice::LabelMore)
    }),
    ("write the file again with the tool that made it, then name the dataset again", |_| {
        Some(Advice::RewriteFile)
    }),
    ("give every category one id and one name in all files", |_| Some(Advice::OneCategoryName)),
    ("correct it, then name the dataset again", |_| Some(Advice::CorrectAndNameAgain)),
    ("write one class name on each line", |_| Some(Advice::OneClassPerLine)),
    ("write one image name on each line", |_| Some(Advice::OneImagePerLine)),
    ("register the dataset under another path", |_| Some(Advice::RegisterElsewhere)),
    ("repair what the message names, then register the dataset again", |_| Some(Advice::RepairAndRegister)),
    ("move it to a faster disk, or split it", |_| Some(Advice::FasterDisk)),
    ("use fewer classes, or shorter names for them", |_| Some(Advice::FewerClasses)),
    ("name the dataset again, so that it is looked at again", |_| Some(Advice::NameDatasetAgain)),
    ("the dataset changed while it was trained on: name it again so that it is looked at again", |_| {
        Some(Advice::NameChangedDatasetAgain)
    }),
    // Of a configuration.
    ("correct the configuration", |_| Some(Advice::CorrectConfig)),
    ("configure the task classify or detect, or choose a framework runner", |_| Some(Advice::ChooseTask)),
    ("choose one of {}", |v| Some(Advice::ChooseModel { models: list(v[0]) })),
    ("set batch_size to 2 or more", |_| Some(Advice::BatchOfTwo)),
    ("set image_size to {} or {}", |v| Some(Advice::SetImageSize { sizes: vec![n(v[0])?, n(v[1])?] })),
    ("set image_size to {}", |v| Some(Advice::SetImageSize { sizes: vec![n(v[0])?] })),
    ("set resize to letterbox", |_| Some(Advice::SetLetterbox)),
    ("set batch_size to at most {}", |v| Some(Advice::BatchAtMost { images: n(v[0])? })),
    ("use a larger batch_size or more images", |_| Some(Advice::LargerBatch)),
    ("use a smaller batch_size or image_size", |_| Some(Advice::SmallerBatch)),
    ("its classes are {}", |v| Some(Advice::ClassesThereAre { classes: list(v[0]) })),
    ("name two or more of {}", |v| Some(Advice::NameTwoClasses { classes: list(v[0]) })),
    ("label some, or choose other classes", |_| Some(Advice::LabelOrChooseOthers)),
    ("lower learning_rate from {} to {}", |v| Some(Advice::LowerRate { from: n(v[0])?, to: n(v[1])? })),
    ("train with a lower learning rate, or look at the data", |_| Some(Advice::TrainSlower)),
    ("name a safetensors file of this model, or leave initial_weights out", |_| {
        Some(Advice::SafetensorsOrNone)
    }),
    ("name a path that the worker can read, or leave initial_weights out", |_| {
        Some(Advice::ReadablePathOrNone)
    }),
    ("name weights of the configured model, or configure the model of these weights", |_| {
        Some(Advice::WeightsOfModel)
    }),
    ("propose the training again with another path", |_| Some(Advice::OtherPath)),
    // Of a worker, its trainer and the store.
    ("run it on a worker with a GPU, or set device to auto", |_| Some(Advice::GpuOrAuto)),
    ("try again on another worker; if it stays, look at the driver on this one", |_| {
        Some(Advice::OtherWorker)
    }),
    ("resume with the configuration it was made with, or start again without it", |_| {
        Some(Advice::ResumeAsItWas)
    }),
    ("start again without a checkpoint, or from an older one", |_| Some(Advice::StartAgain)),
    ("read the console above, then try again", |_| Some(Advice::ReadConsole)),
    ("read the console above; this is likely a fault of the trainer", |_| Some(Advice::FaultOfTrainer)),
    ("give --spec the JSON file that the agent wrote", |_| Some(Advice::SpecOfAgent)),
    ("make room on the worker's disk, or give it another work folder", |_| Some(Advice::MakeRoom)),
    ("check the worker's trainer", |_| Some(Advice::CheckTrainer)),
    ("upgrade the workers, then train again", |_| Some(Advice::UpgradeWorkers)),
    ("restore the object in the artifact store, or start the training anew", |_| Some(Advice::RestoreObject)),
    ("look at the disk", |_| Some(Advice::LookAtDisk)),
    (
        "it is tried again with half the batch at a time; a smaller batch or image size needs less memory",
        |_| Some(Advice::HalfBatch),
    ),
    (
        "the console's last lines may say why; if somebody stopped it on purpose, cancel the job instead",
        |_| Some(Advice::MaySayWhyOrCancel),
    ),
    (
        "the console's last lines say what is wrong with it; propose the training again with that changed",
        |_| Some(Advice::SayWhatIsWrongWithConfig),
    ),
    ("the console's last lines say what is wrong with it; repair the dataset and train again", |_| {
        Some(Advice::SayWhatIsWrongWithDataset)
    }),
    ("a trainer must print a `finished` line before it exits with 0", |_| Some(Advice::PrintFinished)),
    ("the console's last lines may say why", |_| Some(Advice::MaySayWhy)),
    ("the trainer breaks the protocol; the console's last lines may say why", |_| {
        Some(Advice::BreaksProtocol)
    }),
    ("check the artifact store and the trainer's files", |_| Some(Advice::CheckStore)),
    ("look at the worker's log", |_| Some(Advice::LookAtWorkerLog)),
];
