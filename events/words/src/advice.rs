//! What whoever reads a failure can do now.

use trainyard_events::reason::Advice;

use crate::particle::{direction, object};
use crate::{Both, Words, as_said, both};

impl Words for Advice {
    fn words(&self) -> Both {
        match self {
            Advice::CheckPath => both(
                "check the path; it is read on the worker's machine",
                "경로를 확인해 주세요. 작업자의 컴퓨터에서 읽습니다",
            ),
            Advice::GiveReadRight => both(
                "give the worker the right to read it, or name another path",
                "작업자에게 읽기 권한을 주거나 다른 경로를 알려 주세요",
            ),
            Advice::UnpackIt => both(
                "unpack it if it is an archive, and name the folder",
                "압축 파일이면 풀고 그 폴더를 알려 주세요",
            ),
            Advice::TrainOnPart => both("train on a part of them", "일부만으로 학습해 주세요"),
            Advice::ClassifyOrDetect => {
                both("datasets to classify and to detect are", "분류용과 탐지용 데이터셋을 읽을 수 있습니다")
            }
            Advice::NameFolderTrain => both(
                "name the folder of training images `train`",
                "학습용 이미지 폴더의 이름을 `train`으로 해 주세요",
            ),
            Advice::NameFolderOfClasses => both(
                "name a folder that holds one folder of images for each class",
                "클래스마다 이미지 폴더가 하나씩 있는 폴더를 알려 주세요",
            ),
            Advice::MakeClassFolders => both(
                "make one folder for each class and put its images there: cats/1.jpg, dogs/1.jpg; if all of them show good \
                 ones, put them into a folder `good`",
                "클래스마다 폴더를 만들고 이미지를 넣어 주세요. 예: `cats/1.jpg`, `dogs/1.jpg`. 모두 정상 사진이면 `good` 폴더 하나에 \
                 넣어 주세요",
            ),
            Advice::AddGoodImages => both(
                "add images of good ones, into the folder `good` or `train/good`",
                "정상 이미지를 `good` 또는 `train/good` 폴더에 더해 주세요",
            ),
            Advice::NameInnerFolder { folder } => both(
                format!("if the classes are inside it, name {folder:?} as the dataset"),
                format!("클래스가 그 안에 있으면 {} 데이터셋으로 알려 주세요", object(format!("{folder:?}"))),
            ),
            Advice::AddClassFolder => both(
                "a classifier tells at least two classes apart: add a folder for another class; to find defects from good \
                 images only, call the folder `good`",
                "분류에는 클래스가 둘 이상 필요합니다. 다른 클래스의 폴더를 더해 주세요. 정상 사진만으로 불량을 찾으려면 폴더 이름을 \
                 `good`으로 해 주세요",
            ),
            Advice::FolderForEachClass => both(
                "one folder for each class, not for each image",
                "이미지마다가 아니라 클래스마다 폴더를 하나씩 만들어 주세요",
            ),
            Advice::ShortenFolderName => both("give the folder a shorter name", "폴더 이름을 줄여 주세요"),
            Advice::TaskOfLabels => both(
                "train to a task that its labels can serve, or name another dataset",
                "라벨로 할 수 있는 작업을 고르거나 다른 데이터셋을 지정하세요",
            ),
            Advice::NameOtherTag => {
                both("name one of its tags, or a version by its number", "있는 태그나 버전 번호를 지정하세요")
            }
            Advice::RestoreDataset => both(
                "restore it (`trainyard datasets restore`), or name another dataset",
                "`trainyard datasets restore`로 다시 꺼내거나 다른 데이터셋을 지정하세요",
            ),
            Advice::AddDatasetAgain => {
                both("add it again, or name another dataset", "다시 추가하거나 다른 데이터셋을 지정하세요")
            }
            Advice::UploadAgain => both(
                "upload the dataset again: what is there already is not sent twice",
                "데이터셋을 다시 올리세요. 이미 있는 파일은 다시 보내지 않습니다",
            ),
            Advice::UploadOrAllow => both(
                "upload it with `trainyard datasets add NAME PATH`, or have the folder allowed on the workers \
                 (TRAINYARD_DATASET_ROOTS)",
                "`trainyard datasets add NAME PATH` 명령으로 올리거나, 작업자의 `TRAINYARD_DATASET_ROOTS`에 폴더를 추가하세요",
            ),
            Advice::CheckAddress => both(
                "check the address, and add the dataset again",
                "주소를 확인하고 데이터셋을 다시 추가하세요",
            ),
            Advice::AddressWithAccess => both(
                "give an address that opens without a login, such as a signed one, or download it and upload it with \
                 `trainyard datasets add NAME FILE`",
                "로그인 없이 열리는 주소(서명된 주소 등)를 주거나, 내려받아 `trainyard datasets add NAME FILE` 명령으로 올리세요",
            ),
            Advice::AllowHost => both(
                "have its host allowed on the workers (TRAINYARD_SOURCE_HOSTS), or download it and upload it with \
                 `trainyard datasets add NAME FILE`",
                "작업자의 `TRAINYARD_SOURCE_HOSTS`에 호스트를 추가하거나, 내려받아 `trainyard datasets add NAME FILE` 명령으로 \
                 올리세요",
            ),
            Advice::AllowBucket => both(
                "have the bucket allowed on the workers (TRAINYARD_SOURCE_BUCKETS), or upload the files with \
                 `trainyard datasets add NAME PATH`",
                "작업자의 `TRAINYARD_SOURCE_BUCKETS`에 버킷을 추가하거나, `trainyard datasets add NAME PATH` 명령으로 올리세요",
            ),
            Advice::CheckBucketKeys => both(
                "check the bucket's name, and the endpoint and keys on the workers (TRAINYARD_SOURCE_S3_ENDPOINT)",
                "버킷 이름과 작업자의 엔드포인트·키(`TRAINYARD_SOURCE_S3_ENDPOINT`)를 확인하세요",
            ),
            Advice::CheckHash => both(
                "ask whoever publishes it for the SHA-256 of today's file, or leave the hash out",
                "배포한 곳에서 지금 파일의 SHA-256을 확인하거나 해시를 빼세요",
            ),
            Advice::FasterAddress => both(
                "put it where it comes faster, or upload it with `trainyard datasets add NAME FOLDER`",
                "더 빠른 곳에 두거나 `trainyard datasets add 이름 폴더`로 올려 주세요",
            ),
            Advice::FreeBytes => both(
                "delete a dataset or a version that nobody needs (`trainyard datasets delete NAME@1`), which makes room within a day, \
                 or ask an admin of your tenant for more",
                "쓰지 않는 데이터셋이나 버전을 지우면(`trainyard datasets delete 이름@1`) 하루 안에 자리가 납니다. 관리자에게 더 \
                 요청할 수도 있습니다",
            ),
            Advice::FetchAgain => both(
                "add the dataset again later, or download it and upload it with `trainyard datasets add NAME FILE`",
                "나중에 데이터셋을 다시 추가하거나, 내려받아 `trainyard datasets add NAME FILE` 명령으로 올리세요",
            ),
            Advice::PackAsArchive => both(
                "name a .zip, .tar or .tar.gz; an address that opens a web page first is not the file's own",
                "`zip`, `tar`, `tar.gz` 파일을 지정하세요. 웹 페이지가 먼저 열리는 주소는 파일의 주소가 아닙니다",
            ),
            Advice::PackAgain => both(
                "pack the folder again, with nothing but files and folders and names below it, or upload the folder itself",
                "폴더를 다시 압축하되 그 아래의 파일과 폴더만 넣거나, 압축하지 말고 폴더를 올리세요",
            ),
            Advice::PackWithoutPassword => {
                both("pack it without a password", "비밀번호 없이 다시 압축하세요")
            }
            Advice::PackImages => both("pack the images and their labels", "이미지와 라벨을 넣어 압축하세요"),
            Advice::UploadFolder => both(
                "unpack it where it is safe, and upload the folder with `trainyard datasets add NAME PATH`",
                "안전한 곳에서 압축을 풀고 `trainyard datasets add NAME PATH` 명령으로 폴더를 올리세요",
            ),
            Advice::NameOtherVersion => both(
                "name a version that there is, or leave the version out",
                "있는 버전을 지정하거나 버전을 빼고 말씀하세요",
            ),
            Advice::AskForDetector => both(
                "ask for a detector to learn its boxes; to classify, name a folder with one folder of images for each class",
                "박스를 배우려면 탐지 모델을 말씀해 주세요. 분류하려면 클래스마다 이미지 폴더가 하나씩 있는 폴더를 알려 주세요",
            ),
            Advice::FillOrRemoveFolder { folder } => both(
                format!("put images into its folder, or remove the folder {folder:?}"),
                format!("그 폴더에 이미지를 넣거나, 폴더 {} 없애 주세요", object(format!("{folder:?}"))),
            ),
            Advice::RepairFiles => both(
                "repair or remove the files in the report, then name the dataset again",
                "보고된 파일을 고치거나 없앤 뒤 데이터셋을 다시 말씀해 주세요",
            ),
            Advice::RelabelBoxes => both(
                "label them again, or remove them, then name the dataset again",
                "라벨을 다시 달거나 없앤 뒤 데이터셋을 다시 말씀해 주세요",
            ),
            Advice::AddImages => both(
                "add images: one part of each class is learned from, another checks what was learned",
                "이미지를 더해 주세요. 클래스마다 일부로 배우고 일부로 확인합니다",
            ),
            Advice::FillValidation => both(
                "put images there, or remove the folder and a part of the training images is used instead",
                "거기에 이미지를 넣거나 폴더를 없애 주세요. 없으면 학습용 이미지의 일부로 확인합니다",
            ),
            Advice::NameImagesAndLabels => both(
                "name the folder that holds both the images and their labels, in one of these formats",
                "이미지와 라벨이 이 가운데 한 형식으로 함께 들어 있는 폴더를 알려 주세요",
            ),
            Advice::CorrectClassNames => {
                both("correct the names of the classes", "클래스의 이름을 고쳐 주세요")
            }
            Advice::CheckLabelPlaces => both(
                "check that the labels lie where their format wants them, and that they hold boxes",
                "라벨이 그 형식에 맞는 자리에 있는지, 박스가 들어 있는지 확인해 주세요",
            ),
            Advice::LabelMore => both(
                "label more images: one part is learned from, another checks what was learned",
                "라벨이 있는 이미지를 더해 주세요. 일부로 배우고 일부로 확인합니다",
            ),
            Advice::RewriteFile => both(
                "write the file again with the tool that made it, then name the dataset again",
                "파일을 만든 도구로 다시 쓴 뒤 데이터셋을 다시 말씀해 주세요",
            ),
            Advice::OneCategoryName => both(
                "give every category one id and one name in all files",
                "모든 파일에서 카테고리마다 번호와 이름을 하나씩만 쓰세요",
            ),
            Advice::CorrectAndNameAgain => {
                both("correct it, then name the dataset again", "고친 뒤 데이터셋을 다시 말씀해 주세요")
            }
            Advice::OneClassPerLine => {
                both("write one class name on each line", "한 줄에 클래스 이름을 하나씩 쓰세요")
            }
            Advice::OneImagePerLine => {
                both("write one image name on each line", "한 줄에 이미지 이름을 하나씩 쓰세요")
            }
            Advice::RegisterElsewhere => {
                both("register the dataset under another path", "데이터셋을 다른 경로로 등록해 주세요")
            }
            Advice::RepairAndRegister => both(
                "repair what the message names, then register the dataset again",
                "메시지가 가리키는 것을 고친 뒤 데이터셋을 다시 등록해 주세요",
            ),
            Advice::FasterDisk => {
                both("move it to a faster disk, or split it", "더 빠른 디스크로 옮기거나 나눠 주세요")
            }
            Advice::FewerClasses => both(
                "use fewer classes, or shorter names for them",
                "클래스를 줄이거나 이름을 짧게 해 주세요",
            ),
            Advice::NameDatasetAgain => both(
                "name the dataset again, so that it is looked at again",
                "데이터셋을 다시 말씀하시면 다시 살펴봅니다",
            ),
            Advice::NameChangedDatasetAgain => both(
                "the dataset changed while it was trained on: name it again so that it is looked at again",
                "학습하는 동안 데이터셋이 바뀌었습니다. 데이터셋을 다시 말씀하시면 다시 살펴봅니다",
            ),
            Advice::ExportAs { format } => {
                let Both { english, korean } = format.words();
                both(
                    format!("export the labels as {english}, then name the dataset again"),
                    format!("라벨을 {} 내보낸 뒤 데이터셋을 다시 말씀해 주세요", direction(korean)),
                )
            }
            Advice::KeepOneFormat { first, second } => {
                let (first, second) = (first.words(), second.words());
                both(
                    format!(
                        "keep the labels that are right, {} or {}, and move the others out of the folder",
                        first.english, second.english
                    ),
                    format!(
                        "맞는 라벨({} 또는 {})만 남기고 나머지는 폴더 밖으로 옮겨 주세요",
                        first.korean, second.korean
                    ),
                )
            }
            Advice::OneClassList => both(
                "keep one list of classes for all labels, or one beside each folder of labels",
                "모든 라벨에 클래스 목록을 하나만 두거나, 라벨 폴더마다 하나씩 두세요",
            ),
            Advice::OneClassEach => both(
                "keep one class for each image, make one dataset for each class with and without it, or label the objects with boxes",
                "이미지마다 클래스를 하나만 남기거나, 클래스마다 있음과 없음으로 데이터셋을 따로 만들거나, 객체에 박스를 그려 주세요",
            ),
            Advice::CorrectConfig => both("correct the configuration", "설정을 고쳐 주세요"),
            Advice::ChooseTask => both(
                "configure the task classify, detect, segment or pose, or choose a framework runner",
                "작업 종류를 분류, 탐지, 세그멘테이션, 자세 추정 가운데 하나로 하거나, 다른 프레임워크의 러너를 고르세요",
            ),
            Advice::ChooseModel { models } => both(
                format!("choose one of {}", models.join(", ")),
                format!("다음 가운데 골라 주세요: {}", models.join(", ")),
            ),
            Advice::BatchOfTwo => both("set batch_size to 2 or more", "배치 크기를 2 이상으로 해 주세요"),
            Advice::SetImageSize { sizes } => {
                let sizes: Vec<String> = sizes.iter().map(u32::to_string).collect();
                both(
                    format!("set image_size to {}", sizes.join(" or ")),
                    format!("이미지 크기를 {} 해 주세요", direction(sizes.join(" 또는 "))),
                )
            }
            Advice::SetLetterbox => both("set resize to letterbox", "크기 맞춤을 레터박스로 해 주세요"),
            Advice::BatchAtMost { images } => both(
                format!("set batch_size to at most {images}"),
                format!("배치 크기를 {images} 이하로 해 주세요"),
            ),
            Advice::LargerBatch => {
                both("use a larger batch_size or more images", "배치 크기를 키우거나 이미지를 더해 주세요")
            }
            Advice::SmallerBatch => {
                both("use a smaller batch_size or image_size", "배치 크기나 이미지 크기를 줄여 주세요")
            }
            Advice::ClassesThereAre { classes } => both(
                format!("its classes are {}", classes.join(", ")),
                format!("데이터셋의 클래스: {}", classes.join(", ")),
            ),
            Advice::NameTwoClasses { classes } => both(
                format!("name two or more of {}", classes.join(", ")),
                format!("다음 가운데 둘 이상을 골라 주세요: {}", classes.join(", ")),
            ),
            Advice::LabelOrChooseOthers => {
                both("label some, or choose other classes", "라벨을 더하거나 다른 클래스를 골라 주세요")
            }
            Advice::LowerRate { from, to } => both(
                format!("lower learning_rate from {from} to {to}"),
                format!("학습률을 {from}에서 {} 낮춰 주세요", direction(to)),
            ),
            Advice::TrainSlower => both(
                "train with a lower learning rate, or look at the data",
                "학습률을 낮춰 다시 학습하거나 데이터를 살펴봐 주세요",
            ),
            Advice::SafetensorsOrNone => both(
                "name a safetensors file of this model, or leave initial_weights out",
                "이 모델의 safetensors 파일을 알려 주시거나 초기 가중치를 빼 주세요",
            ),
            Advice::ReadablePathOrNone => both(
                "name a path that the worker can read, or leave initial_weights out",
                "작업자가 읽을 수 있는 경로를 알려 주시거나 초기 가중치를 빼 주세요",
            ),
            Advice::WeightsOfModel => both(
                "name weights of the configured model, or configure the model of these weights",
                "설정한 모델의 가중치를 알려 주시거나 모델을 가중치에 맞춰 주세요",
            ),
            Advice::OtherPath => {
                both("propose the training again with another path", "다른 경로로 학습을 다시 제안해 주세요")
            }
            Advice::GpuOrAuto => both(
                "run it on a worker with a GPU, or set device to auto",
                "GPU가 있는 작업자에서 실행하거나 장치를 자동으로 해 주세요",
            ),
            Advice::OtherWorker => both(
                "try again on another worker; if it stays, look at the driver on this one",
                "다른 작업자에서 다시 시도해 주세요. 그래도 같으면 이 작업자의 드라이버를 확인해 주세요",
            ),
            Advice::ResumeAsItWas => both(
                "resume with the configuration it was made with, or start again without it",
                "같은 설정으로 이어서 하거나 처음부터 다시 시작해 주세요",
            ),
            Advice::StartAgain => both(
                "start again without a checkpoint, or from an older one",
                "처음부터 다시 시작하거나 더 오래된 체크포인트에서 시작해 주세요",
            ),
            Advice::ReadConsole => {
                both("read the console above, then try again", "콘솔을 확인한 뒤 다시 시도해 주세요")
            }
            Advice::FaultOfTrainer => both(
                "read the console above; this is likely a fault of the trainer",
                "콘솔을 확인해 주세요. 학습 프로그램의 결함일 수 있습니다",
            ),
            Advice::SpecOfAgent => both(
                "give --spec the JSON file that the agent wrote",
                "`--spec`에 작업자가 쓴 JSON 파일을 주세요",
            ),
            Advice::MakeRoom => both(
                "make room on the worker's disk, or give it another work folder",
                "작업자의 디스크에 자리를 만들거나 다른 작업 폴더를 정해 주세요",
            ),
            Advice::CheckTrainer => {
                both("check the worker's trainer", "작업자의 학습 프로그램을 확인해 주세요")
            }
            Advice::UpgradeWorkers => {
                both("upgrade the workers, then train again", "작업자를 업데이트한 뒤 다시 학습해 주세요")
            }
            Advice::RestoreObject => both(
                "restore the object in the artifact store, or start the training anew",
                "파일 저장소에 그 파일을 되돌리거나 학습을 처음부터 다시 시작해 주세요",
            ),
            Advice::LookAtDisk => both("look at the disk", "디스크를 확인해 주세요"),
            Advice::HalfBatch => both(
                "it is tried again with half the batch at a time; a smaller batch or image size needs less memory",
                "배치를 절반씩 나눠 다시 시도합니다. 배치나 이미지 크기를 줄이면 메모리를 덜 씁니다",
            ),
            Advice::MaySayWhyOrCancel => both(
                "the console's last lines may say why; if somebody stopped it on purpose, cancel the job instead",
                "마지막 출력에 까닭이 있을 수 있습니다. 일부러 멈추려면 작업을 취소해 주세요",
            ),
            Advice::SayWhatIsWrongWithConfig => both(
                "the console's last lines say what is wrong with it; propose the training again with that changed",
                "마지막 출력에 무엇이 잘못인지 있습니다. 고쳐서 다시 제안해 주세요",
            ),
            Advice::SayWhatIsWrongWithDataset => both(
                "the console's last lines say what is wrong with it; repair the dataset and train again",
                "마지막 출력에 무엇이 잘못인지 있습니다. 데이터셋을 고치고 다시 학습해 주세요",
            ),
            Advice::PrintFinished => both(
                "a trainer must print a `finished` line before it exits with 0",
                "학습 프로그램은 0으로 끝나기 전에 `finished` 줄을 내보내야 합니다",
            ),
            Advice::MaySayWhy => {
                both("the console's last lines may say why", "마지막 출력에 까닭이 있을 수 있습니다")
            }
            Advice::BreaksProtocol => both(
                "the trainer breaks the protocol; the console's last lines may say why",
                "학습 프로그램이 약속된 형식을 어겼습니다. 마지막 출력에 까닭이 있을 수 있습니다",
            ),
            Advice::CheckStore => both(
                "check the artifact store and the trainer's files",
                "파일 저장소와 학습 프로그램의 파일을 확인해 주세요",
            ),
            Advice::LookAtWorkerLog => both("look at the worker's log", "작업자의 로그를 확인해 주세요"),
            Advice::LookAtLogsAndRegister => both(
                "look at the workers' logs, then register the dataset again",
                "작업자의 로그를 확인한 뒤 데이터셋을 다시 등록해 주세요",
            ),
            Advice::LookAtLostWorkers => both(
                "look at the logs and the memory of these workers, then resume the job or train with a smaller batch or image size",
                "이 작업자들의 로그와 메모리를 확인한 뒤 이어서 학습하거나 배치나 이미지 크기를 줄여 주세요",
            ),
            Advice::MayHang => both(
                "the console's last lines may say where it hangs; it is tried again",
                "마지막 출력에 멈춘 곳이 있을 수 있습니다. 다시 시도합니다",
            ),
            Advice::InstallRunner { runner } => both(
                format!("`trainyard runners install {runner}` on a worker, then resume the job"),
                format!("작업자에서 `trainyard runners install {runner}`을 실행한 뒤 이어서 학습해 주세요"),
            ),
            Advice::WeightsByPathOrScratch => both(
                "give the worker a way there, name a file that it can read, or train from scratch (initial_weights: scratch)",
                "작업자가 그 주소에 닿게 하거나, 읽을 수 있는 파일을 지정하거나, 초기 가중치를 `scratch`로 두고 처음부터 학습해 주세요",
            ),
            Advice::OtherWeights => both(
                "name other weights, or train from scratch (initial_weights: scratch)",
                "다른 가중치를 지정하거나, 초기 가중치를 `scratch`로 두고 처음부터 학습해 주세요",
            ),
            Advice::TokenForWeights => both(
                "check the address, and set TRAINYARD_HF_TOKEN on the worker if they are not public",
                "주소를 확인하고, 공개된 것이 아니면 작업자에 `TRAINYARD_HF_TOKEN`을 설정해 주세요",
            ),
            Advice::TrainOnOtherPath => both(
                "train again on a dataset under another path",
                "다른 경로의 데이터셋으로 다시 학습해 주세요",
            ),
            Advice::AdviceSaid { text } => as_said(text),
        }
    }
}
