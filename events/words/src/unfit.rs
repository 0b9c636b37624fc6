//! Why a dataset cannot be trained on.

use trainyard_events::reason::{Flaw, Unfit};

use crate::format::layout;
use crate::particle::{direction, object, subject, topic};
use crate::trouble::because;
use crate::{Both, Words, both};

impl Words for Unfit {
    fn words(&self) -> Both {
        match self {
            Unfit::NothingThere { path } => {
                both(format!("there is nothing at {path}"), format!("{path}에 아무것도 없습니다"))
            }
            Unfit::NotAFolder { path } => both(
                format!("{path} is a file, not a folder"),
                format!("{} 폴더가 아니라 파일입니다", topic(path)),
            ),
            Unfit::CannotBeLookedAt { path, cause } => because(
                cause,
                format!("{path} cannot be looked at"),
                format!("{} 들여다볼 수 없습니다", object(path)),
            ),
            Unfit::FolderUnreadable { path, cause } => because(
                cause,
                format!("the folder {path} cannot be read"),
                format!("폴더 {} 읽을 수 없습니다", object(path)),
            ),
            Unfit::TooManyFiles { limit } => {
                both(format!("there are more than {limit} files"), format!("파일이 {limit}개보다 많습니다"))
            }
            Unfit::TaskNotRead { task } => both(
                format!("datasets to {task} are not read yet"),
                format!("{}용 데이터셋은 아직 읽지 못합니다", task.words().korean),
            ),
            Unfit::OtherLabels { task, kinds } => {
                let kinds = |words: fn(Both) -> String, joint: &str| {
                    kinds.iter().map(|kind| words(kind.words())).collect::<Vec<_>>().join(joint)
                };
                both(
                    format!(
                        "its labels can be used to {}, not to {}",
                        kinds(|words| words.english, " or "),
                        task.words().english
                    ),
                    format!(
                        "이 데이터셋의 라벨은 {}용이라 {}에는 쓸 수 없습니다",
                        kinds(|words| words.korean, "·"),
                        task.words().korean
                    ),
                )
            }
            Unfit::FilesMissing { cause } => {
                because(cause, "the files that were uploaded cannot be had", "올린 파일을 가져올 수 없습니다")
            }
            Unfit::NoSuchVersion { version, newest } => both(
                format!("there is no version {version} of it; the newest is {newest}"),
                format!("버전 {version} 없음. 가장 새 버전은 {newest}입니다"),
            ),
            Unfit::SeveralClassesEach { path, images, first } => both(
                format!(
                    "{path} says of {images} images that they are of several classes at once, such as {first}; a classifier learns one class of each image"
                ),
                format!(
                    "{path}에 따르면 이미지 {images}장이 한꺼번에 여러 클래스에 속합니다(예: {first}). 분류 모델은 이미지마다 클래스 하나를 배웁니다"
                ),
            ),
            Unfit::NoSuchTag { tag, tags } if tags.is_empty() => both(
                format!("it has no tag `{tag}`, and no other either"),
                format!("`{tag}` 태그가 없습니다. 다른 태그도 없습니다"),
            ),
            Unfit::NoSuchTag { tag, tags } => both(
                format!("it has no tag `{tag}`; it has {}", in_ticks(tags)),
                format!("`{tag}` 태그가 없습니다. 있는 태그: {}", in_ticks(tags)),
            ),
            Unfit::DatasetArchived => both("the dataset is archived", "보관 처리한 데이터셋입니다"),
            Unfit::DatasetDeleted => both("the dataset was deleted", "삭제한 데이터셋입니다"),
            Unfit::NoTrainingImages => {
                both("the dataset has no training images", "데이터셋에 학습할 이미지가 없습니다")
            }
            Unfit::EmptyFolder => both("the folder is empty", "폴더가 비어 있습니다"),
            Unfit::NoClassFolders => {
                both("there are files but no class folders", "파일은 있지만 클래스 폴더가 없습니다")
            }
            Unfit::OnlyFolder { folder } => both(
                format!("there is only the folder {folder:?}, with folders inside it"),
                format!("폴더 {folder:?} 하나만 있고 그 안에 폴더들이 있습니다"),
            ),
            Unfit::OnlyClass { class } => both(
                format!("there is only one class, {class:?}"),
                format!("클래스가 {class:?} 하나뿐입니다"),
            ),
            Unfit::TooManyClassFolders { folders, limit } => both(
                format!("there are {folders} class folders, more than {limit}"),
                format!("클래스 폴더가 {folders}개로, 한도 {limit}개보다 많습니다"),
            ),
            Unfit::ClassNameTooLong { class, limit } => both(
                format!("the class name {class:?} is longer than {limit} characters"),
                format!("클래스 이름 {} {limit}자보다 깁니다", subject(format!("{class:?}"))),
            ),
            Unfit::NoTrainFolder { folders } => both(
                format!("there are split folders ({}) but none to train on", folders.join(", ")),
                format!("나뉜 폴더({})는 있지만 학습용 폴더가 없습니다", folders.join(", ")),
            ),
            Unfit::HoldsBoxes { format } => {
                let Both { english, korean } = layout(*format);
                both(
                    format!("this looks like {english}, which holds boxes, not classes of images"),
                    format!(
                        "{} 보입니다. 이미지의 클래스가 아니라 상자를 담는 형식입니다",
                        direction(korean)
                    ),
                )
            }
            Unfit::ClassWithoutImage { class } => both(
                format!("the class {class:?} has no readable image to train on"),
                format!("클래스 {class:?}에 학습할 수 있는 이미지가 없습니다"),
            ),
            Unfit::OneImageEach => both(
                "every class has one image, so none is left to validate on",
                "클래스마다 이미지가 한 장뿐이라 검증할 이미지가 남지 않습니다",
            ),
            Unfit::FewGoodImages { good, least } => both(
                format!(
                    "there are {good} images of good ones to learn from, and at least {least} are needed"
                ),
                format!("학습할 정상 이미지가 {good}장뿐입니다. {least}장 이상 필요합니다"),
            ),
            Unfit::NoValidationImage => both(
                "the validation folder has no readable image",
                "검증 폴더에 읽을 수 있는 이미지가 없습니다",
            ),
            Unfit::TooManyBadFiles { bad, files, percent } => both(
                format!("{bad} of {files} files cannot be used, more than {percent} %"),
                format!("파일 {files}개 가운데 {bad}개를 쓸 수 없습니다(한도 {percent} %)"),
            ),
            Unfit::NoLabels { images } => both(
                format!(
                    "no boxes are found beside the {images} images: looked for data.yaml or labels/*.txt (YOLO), \
                     *.json with images and annotations (COCO), and *.xml with annotation (Pascal VOC)"
                ),
                format!(
                    "이미지 {images}장에 박스가 없습니다. `data.yaml`이나 `labels/*.txt`(YOLO), \
                     이미지와 주석이 든 `*.json`(COCO), 주석이 든 `*.xml`(Pascal VOC)을 찾아보았습니다"
                ),
            ),
            Unfit::OnlyOtherSplits => both(
                "there are folders to validate or test on, but none to train on",
                "검증용이나 테스트용 폴더는 있지만 학습용 폴더가 없습니다",
            ),
            Unfit::TooManyClasses { classes, limit } => both(
                format!("there are {classes} classes, more than {limit}"),
                format!("클래스가 {classes}개로, 한도 {limit}개보다 많습니다"),
            ),
            Unfit::ClassNameLength { class, length, limit } => both(
                format!("the name of class {class} has {length} characters, not 1 to {limit}"),
                format!("클래스 {class}의 이름이 {length}자입니다. 1자에서 {limit}자까지 쓸 수 있습니다"),
            ),
            Unfit::ClassNamedTwice { first, second, name } => both(
                format!("the classes {first} and {second} are both called {name:?}"),
                format!("클래스 {first}번과 {second}번의 이름이 {name:?}로 같습니다", name = name),
            ),
            Unfit::TooManyBadBoxes { bad, boxes, percent } => both(
                format!("{bad} of {boxes} boxes have no area in their image, more than {percent} %"),
                format!("박스 {boxes}개 가운데 {bad}개가 이미지 안에 넓이가 없습니다(한도 {percent} %)"),
            ),
            Unfit::NoBoxes { images } => both(
                format!("none of the {images} images has a box"),
                format!("이미지 {images}장 가운데 박스가 있는 것이 없습니다"),
            ),
            Unfit::NoBoxToTrainOn => {
                both("no image to train on has a box", "박스가 있는 학습용 이미지가 없습니다")
            }
            Unfit::NoBoxToValidateOn => {
                both("no image to validate on has a box", "박스가 있는 검증용 이미지가 없습니다")
            }
            Unfit::OneImageWithBoxes => both(
                "only one image has boxes, so none is left to validate on",
                "박스가 있는 이미지가 한 장뿐이라 검증할 이미지가 남지 않습니다",
            ),
            Unfit::CocoFile { path, flaw }
            | Unfit::DataYaml { path, flaw }
            | Unfit::ClassList { path, flaw }
            | Unfit::ImageSet { path, flaw }
            | Unfit::LabelFile { path, flaw } => of_file(path, flaw),
            Unfit::FormatsDisagree { first, second, path } => {
                let (first, second) = (first.words(), second.words());
                both(
                    format!(
                        "there are labels as {} and as {}, and they say different things, such as of {path}",
                        first.english, second.english
                    ),
                    format!(
                        "라벨이 두 형식({}, {})으로 있는데 내용이 서로 다릅니다. 예: {path}",
                        first.korean, second.korean
                    ),
                )
            }
            Unfit::FoldersAlike { folders } => both(
                format!(
                    "the folders {} hold folders of the same names, so none of them is a class",
                    folders.join(", ")
                ),
                format!("폴더 {} 안에 같은 이름의 폴더들이 있어 클래스로 볼 수 없습니다", folders.join(", ")),
            ),
            Unfit::ClassListsDisagree { first, second } => both(
                format!("{first} and {second} name the classes differently"),
                format!("클래스의 목록이 서로 다릅니다: {first}, {second}"),
            ),
            Unfit::LabelsNotRead { labels, first } => {
                let Both { english, korean } = labels.words();
                both(
                    format!("its labels are {english}, which are not read, such as {first}"),
                    format!("{} 읽지 못하는 라벨입니다. 예: {first}", topic(korean)),
                )
            }
            Unfit::NothingToLearn { images } => both(
                format!("neither folders of classes nor labels are found with the {images} images"),
                format!("이미지 {images}장이 있지만 클래스 폴더도 라벨도 없습니다"),
            ),
            Unfit::CategoryTwice { category, name, other, file } => both(
                format!("category {category} is {name:?} in one place and {other:?} in {file}"),
                format!("카테고리 {category}의 이름이 한 곳에서는 {name:?}, {file}에서는 {other:?}입니다"),
            ),
            Unfit::NotAnArchive => both(
                "what is there is no archive: neither zip nor tar nor tar.gz",
                "압축 파일이 아닙니다. `zip`도 `tar`도 `tar.gz`도 아닙니다",
            ),
            Unfit::ArchiveDamaged { cause } => {
                because(cause, "the archive is cut off or damaged", "압축 파일이 잘렸거나 손상되었습니다")
            }
            Unfit::ArchiveEncrypted { name } => both(
                format!("the archive is encrypted: {name:?} opens only with a password"),
                format!("압축 파일이 암호화되어 있습니다. {name:?} 파일을 열려면 비밀번호가 필요합니다"),
            ),
            Unfit::ArchiveEntry { name, flaw } => {
                let Both { english, korean } = flaw.words();
                both(format!("{name:?} {english}"), format!("{name:?}: {korean}"))
            }
            Unfit::ArchiveEmpty => both("there is no file in the archive", "압축 파일 안에 파일이 없습니다"),
            Unfit::UnpacksTooLarge { gib } => both(
                format!("more than {gib} GiB would come out of the archive"),
                format!("압축을 풀면 {gib} GiB보다 커집니다"),
            ),
            Unfit::CompressionBomb { ratio } => both(
                format!("more than {ratio} times its size would come out of the archive"),
                format!("압축을 풀면 크기가 {ratio}배보다 커집니다"),
            ),
            Unfit::AddressUnreachable { address, cause } => because(
                cause,
                format!("{address} cannot be fetched"),
                format!("{} 가져올 수 없습니다", object(address)),
            ),
            Unfit::AddressAnswers { address, status } => both(
                match status {
                    401 | 403 => format!("{address} is not for everybody: it answers HTTP {status}"),
                    404 | 410 => format!("there is nothing at {address}: it answers HTTP {status}"),
                    _ => format!("{address} answers HTTP {status}"),
                },
                match status {
                    401 | 403 => format!("{}: 아무나 받을 수 없는 주소입니다(HTTP {status})", address),
                    404 | 410 => format!("{address}에 아무것도 없습니다(HTTP {status})"),
                    _ => format!("{address}의 응답이 HTTP {status}입니다"),
                },
            ),
            Unfit::AddressNotAllowed { address } => both(
                format!("{address} leads inside somebody's network, or away from https, and is not fetched"),
                format!("{}: 내부 네트워크이거나 `https`가 아니어서 가져오지 않습니다", address),
            ),
            Unfit::AddressTooLarge { address, gib } => both(
                format!("more than {gib} GiB lie at {address}"),
                format!("{address}의 크기가 {gib} GiB를 넘습니다"),
            ),
            Unfit::AddressTooSlow { address, kib, seconds } => both(
                format!("{address} gives less than {kib} KiB in {seconds} s: it was not waited for"),
                format!("{address}에서 {seconds}초 동안 {kib} KiB도 오지 않아 기다리지 않았습니다"),
            ),
            Unfit::NoBytesLeft { used, asked, limit } => both(
                format!(
                    "the quota of {limit} bytes for datasets has no room for {asked} more: {used} are used"
                ),
                format!(
                    "데이터셋 할당량 {limit}바이트 가운데 {used}바이트를 쓰고 있어 {asked}바이트를 더 올릴 수 없습니다"
                ),
            ),
            Unfit::OtherHash { address, expected, found } => both(
                format!("{address} is another file than was meant: its SHA-256 is {found}, not {expected}"),
                format!("{}: 기대한 파일이 아닙니다. SHA-256이 {expected}여야 하는데 {found}입니다", address),
            ),
            Unfit::BucketNotAllowed { bucket } => both(
                format!("nothing may be fetched for you from the bucket {bucket:?}, or from this part of it"),
                format!("버킷 {bucket:?}, 또는 그 안의 이 위치에서는 가져올 수 없습니다"),
            ),
            Unfit::BucketUnusable { bucket, cause } => because(
                cause,
                format!("the bucket {bucket:?} cannot be read"),
                format!("버킷 {bucket:?}: 읽을 수 없습니다"),
            ),
            Unfit::NothingAt { address } => {
                both(format!("there is no object at {address}"), format!("{address}에 객체가 없습니다"))
            }
            Unfit::DiskUnusable { cause } => because(
                cause,
                "it could not be put on the disk of the worker",
                "작업자의 디스크에 저장하지 못했습니다",
            ),
            Unfit::OutsideRoots { path } => both(
                format!("{path} is not below a folder that workers may read for you"),
                format!("{} 작업자가 읽어도 되는 폴더가 아닙니다", topic(path)),
            ),
            Unfit::RemotePath { path } => both(
                format!("{path} is not supported yet; name a folder that the workers can read"),
                format!("{} 아직 지원하지 않습니다. 작업자가 읽을 수 있는 폴더를 알려 주세요", topic(path)),
            ),
            Unfit::NoHomeFolder { path } => both(
                format!("{path} needs a home folder, and this worker has none; name an absolute path"),
                format!("{}에는 홈 폴더가 필요한데 이 작업자에는 없습니다. 절대 경로를 알려 주세요", path),
            ),
            Unfit::InspectorNotStarted { cause } => because(
                cause,
                "it could not be inspected: the inspector cannot be started",
                "살펴보지 못했습니다: 검사 프로그램을 시작할 수 없습니다",
            ),
            Unfit::InspectorUnheard { cause } => because(
                cause,
                "it could not be inspected: the inspector cannot be listened to",
                "살펴보지 못했습니다: 검사 프로그램의 출력을 읽을 수 없습니다",
            ),
            Unfit::InspectorEnded { exit, last } => {
                let Both { english, korean } = exit.words();
                both(
                    format!(
                        "it could not be inspected: the inspector ended with {english} and without a verdict: {last}"
                    ),
                    format!(
                        "살펴보지 못했습니다: 검사 프로그램이 답 없이 {} 끝났습니다: {last}",
                        direction(korean)
                    ),
                )
            }
            Unfit::NeverLookedAt { rounds } => both(
                format!("no worker has finished looking at it, though {rounds} were asked"),
                format!("작업자에게 {rounds}번 부탁했지만 살펴보기를 마치지 못했습니다"),
            ),
            Unfit::TooSlow { minutes } => both(
                format!("looking at it takes more than {minutes} minutes"),
                format!("살펴보는 데 {minutes}분이 넘게 걸립니다"),
            ),
            Unfit::ProfileTooLarge { bytes, limit } => both(
                format!("its description does not fit into the log: {bytes} bytes; {limit} is the most"),
                format!("설명이 {bytes}바이트로, 한도 {limit}바이트보다 커서 기록할 수 없습니다"),
            ),
        }
    }
}

fn of_file(path: &str, flaw: &Flaw) -> Both {
    let Both { english, korean } = flaw.words();
    both(format!("{path} {english}"), format!("{path}: {korean}"))
}

fn in_ticks(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
