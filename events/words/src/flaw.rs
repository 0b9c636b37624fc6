//! What is wrong with a file, or worth knowing of it. In English it goes on after the file's name: "is empty".

use trainyard_events::reason::{BoxFlaw, Contents, Flaw, LineFlaw, ObjectFlaw, Picture, Place};

use crate::particle::{direction, subject, topic};
use crate::trouble::because;
use crate::{Both, Words, as_said, both};

impl Words for Flaw {
    fn words(&self) -> Both {
        match self {
            Flaw::UnreadableFolder { cause } => {
                because(cause, "is a folder that cannot be read", "읽을 수 없는 폴더입니다")
            }
            Flaw::FolderCutShort { cause } => {
                because(cause, "is a folder that cannot be read on", "끝까지 읽을 수 없는 폴더입니다")
            }
            Flaw::NameNotUtf8 => both("has a name that is not UTF-8", "이름이 UTF-8이 아닙니다"),
            Flaw::SymbolicLink => both(
                "is a symbolic link, which is not followed: put the file itself here",
                "심볼릭 링크는 따라가지 않습니다. 파일을 여기에 두세요",
            ),
            Flaw::TooDeep { folders } => both(
                format!("lies more than {folders} folders deep"),
                format!("폴더 {folders}개보다 깊이 있습니다"),
            ),
            Flaw::NeitherFileNorFolder => both("is neither a file nor a folder", "파일도 폴더도 아닙니다"),
            Flaw::NotToBeLookedAt { cause } => because(cause, "cannot be looked at", "들여다볼 수 없습니다"),
            Flaw::Unreadable { cause } => because(cause, "cannot be read", "읽을 수 없습니다"),
            Flaw::LargerThanMib { mib } => {
                both(format!("is larger than {mib} MiB"), format!("{mib} MiB보다 큽니다"))
            }
            Flaw::LeadsOutside => both("would lie outside of its folder", "폴더 밖에 놓이게 됩니다"),
            Flaw::LinkInArchive => {
                both("is a link: put the file itself there", "링크입니다. 파일 자체를 넣어 주세요")
            }
            Flaw::NameTooLong { bytes } => both(
                format!("has a name of more than {bytes} bytes"),
                format!("이름이 {bytes}바이트보다 깁니다"),
            ),
            Flaw::ThereTwice => both(
                "is there twice, or is a file and a folder at once",
                "두 번 들어 있거나, 파일이면서 폴더입니다",
            ),
            Flaw::OtherLength { stated, bytes } => both(
                format!("has not the {stated} bytes that are stated, but {bytes} or more"),
                format!("크기가 {stated}바이트라고 적혀 있지만 {bytes}바이트이거나 그보다 큽니다"),
            ),
            Flaw::OtherCompression => both(
                "is compressed in a way that is not read here",
                "여기에서 읽지 못하는 방식으로 압축되어 있습니다",
            ),
            Flaw::EmptyFile => both("is empty", "비어 있습니다"),
            Flaw::NotAnImage { holds } => {
                let Both { english, korean } = holds.words();
                both(format!("is not an image: it holds {english}"), korean)
            }
            Flaw::NotReadHere { picture } => {
                let Both { english, korean } = picture.words();
                both(
                    format!("is {english}, which is not read here: convert it to PNG or JPEG"),
                    format!("{} 읽을 수 없습니다. PNG나 JPEG로 바꾸세요", topic(korean)),
                )
            }
            Flaw::TooManyPixels { width, height, megapixels } => both(
                format!("claims {width} x {height} pixels, more than {megapixels} megapixels"),
                format!("{width} × {height} 픽셀로, 한도 {megapixels}메가픽셀보다 큽니다"),
            ),
            Flaw::OtherContent => {
                both("is another file than the one that was looked at", "살펴본 뒤에 내용이 바뀐 파일입니다")
            }
            Flaw::CutOff => {
                both("is cut off: the end of the image is missing", "이미지의 끝부분이 잘려 있습니다")
            }
            Flaw::Damaged { cause } => because(cause, "is damaged", "손상되었습니다"),
            Flaw::TooSmall { width, height, least } => both(
                format!("has {width} x {height} pixels, less than {least} on a side"),
                format!("{width} × {height} 픽셀로, 한 변이 {least}픽셀보다 작습니다"),
            ),
            Flaw::OtherSize { width, height, stated_width, stated_height, turned } => both(
                format!(
                    "has {width} x {height} pixels, but its label says {stated_width} x {stated_height}: {}",
                    if *turned {
                        "its boxes are of the image before its EXIF orientation turned it: save it upright and label that"
                    } else {
                        "its boxes are of another image"
                    }
                ),
                format!(
                    "{width} × {height} 픽셀인데 라벨에는 {stated_width} × {stated_height}로 되어 있습니다. {}",
                    if *turned {
                        "박스가 EXIF 방향으로 돌리기 전 이미지의 것입니다. 바로 세워 저장한 뒤 라벨을 다시 달아 주세요"
                    } else {
                        "박스가 다른 이미지의 것입니다"
                    }
                ),
            ),
            Flaw::Box { place, flaw } => {
                let (place, flaw) = (place.words(), flaw.words());
                both(
                    format!("{} {}", place.english, flaw.english),
                    format!("{}: {}", place.korean, flaw.korean),
                )
            }
            Flaw::RepeatedBoxes { boxes } => both(
                format!("{boxes} of its boxes are there twice and count once"),
                format!("박스 {boxes}개가 두 번 있어 한 번만 셉니다"),
            ),
            Flaw::Background => both("has no label and counts as background", "라벨이 없어 배경으로 봅니다"),
            Flaw::TurnedByExif => both(
                "is turned by its EXIF orientation; its boxes are taken as of the upright image",
                "EXIF 방향에 따라 돌립니다. 박스는 바로 선 이미지의 것으로 봅니다",
            ),
            Flaw::MoreNotes { notes } => both(format!("and {notes} more"), format!("그 밖에 {notes}건")),
            Flaw::SameImageAs { path } => {
                both(format!("is the same image as {path}"), format!("{path}와 같은 이미지입니다"))
            }
            Flaw::LooksLike { path } => both(
                format!("looks like {path}, which is trained on"),
                format!("학습에 쓰는 {path}와 비슷해 보입니다"),
            ),
            Flaw::OneColour => both("has one colour all over", "한 가지 색뿐입니다"),
            Flaw::NearlyBlack => both("is nearly black", "거의 검은색입니다"),
            Flaw::LabelledTwice => {
                both("is labelled twice, with other boxes", "라벨이 두 번 있고 박스가 서로 다릅니다")
            }
            Flaw::LabelWithoutImage => {
                both("is a label, but its image is not there", "라벨인데 그 이미지가 없습니다")
            }
            Flaw::NotUtf8 => both("is not UTF-8 text", "UTF-8 텍스트가 아닙니다"),
            Flaw::NotJson { cause } => because(
                cause,
                "is not JSON, where NaN and Infinity are no numbers",
                "JSON이 아닙니다. JSON에서 NaN과 Infinity는 숫자가 아닙니다",
            ),
            Flaw::NotCoco { cause } => {
                because(cause, "is not a list of COCO annotations", "COCO 주석의 목록이 아닙니다")
            }
            Flaw::NoImageList => both("has no list of images", "이미지의 목록이 없습니다"),
            Flaw::AnnotationsOfOthers { annotations } => both(
                format!("has {annotations} annotations of images that it does not list"),
                format!("목록에 없는 이미지의 주석이 {annotations}개 있습니다"),
            ),
            Flaw::ListedButMissing { file } => both(
                format!("is listed in {file} but is not in the dataset"),
                format!("{file}에 적혀 있지만 데이터셋에 없습니다"),
            ),
            Flaw::ListedAmbiguously { file, files } => both(
                format!("is listed in {file}; {files} files are called so"),
                format!("{file}에 적혀 있는데, 같은 이름의 파일이 {files}개 있습니다"),
            ),
            Flaw::TooManyBoxesIn { boxes, file, limit } => both(
                format!("has {boxes} boxes in {file}, more than {limit} for one image"),
                format!("{file}에 박스가 {boxes}개로, 이미지 하나의 한도 {limit}개보다 많습니다"),
            ),
            Flaw::UnknownCategory { place, category } => {
                let Both { english, korean } = place.words();
                both(
                    format!("has {english} of category {category}, which is not in the list of categories"),
                    format!("{korean}: 카테고리 {} 목록에 없습니다", subject(category)),
                )
            }
            Flaw::BoxNotFourNumbers { place } => {
                let Both { english, korean } = place.words();
                both(
                    format!("has {english} whose box is not four numbers"),
                    format!("{korean}: 박스가 숫자 네 개가 아닙니다"),
                )
            }
            Flaw::NotYolo { cause } => because(
                cause,
                "is not a description of a YOLO dataset",
                "YOLO 데이터셋을 설명하는 파일이 아닙니다",
            ),
            Flaw::NothingNamedToTrainOn => both(
                "names images to validate or test on, but none to train on",
                "검증용이나 테스트용 이미지는 적혀 있지만 학습용이 없습니다",
            ),
            Flaw::NamesMissing { path } => both(
                format!("names {path}, which is not in the dataset"),
                format!("{} 적혀 있지만 데이터셋에 없습니다", subject(path)),
            ),
            Flaw::NamesUnusable { path, flaw } => {
                let Both { english, korean } = flaw.words();
                both(format!("names {path}, which {english}"), format!("적혀 있는 {path}: {korean}"))
            }
            Flaw::NamedButMissing { list } => both(
                format!("is named by {list} but is not in the dataset"),
                format!("{list}에 적혀 있지만 데이터셋에 없습니다"),
            ),
            Flaw::ClassNumberMissing { classes, number } => both(
                format!("names {classes} classes, but none with the number {number}"),
                format!("클래스 {classes}개가 적혀 있는데 {number}번이 없습니다"),
            ),
            Flaw::ClassCountDiffers { said, named } => both(
                format!("says nc: {said}, but names {named} classes"),
                format!("`nc`는 {said}인데 클래스는 {named}개가 적혀 있습니다"),
            ),
            Flaw::NoClassNamed => both("names no class", "적힌 클래스가 없습니다"),
            Flaw::Line { line, flaw } => {
                let Both { english, korean } = flaw.words();
                both(format!("line {line}: {english}"), format!("{line}번째 줄: {korean}"))
            }
            Flaw::MoreBoxesThan { limit } => both(
                format!("holds more than {limit} boxes for one image"),
                format!("박스가 이미지 하나의 한도 {limit}개보다 많습니다"),
            ),
            Flaw::NotXml { cause } => because(cause, "is not readable XML", "읽을 수 있는 XML이 아닙니다"),
            Flaw::NotAnAnnotation { element } => both(
                format!("holds <{element}>, not <annotation>"),
                format!("`<annotation>`이 아니라 <{element}>가 들어 있습니다"),
            ),
            Flaw::Object { object, flaw } => {
                let Both { english, korean } = flaw.words();
                both(format!("object {object} {english}"), format!("{object}번째 객체: {korean}"))
            }
            Flaw::TooManyBoxes { boxes, limit } => both(
                format!("holds {boxes} boxes, more than {limit} for one image"),
                format!("박스가 {boxes}개로, 이미지 하나의 한도 {limit}개보다 많습니다"),
            ),
            Flaw::LinkOutside => both(
                "is a link to something outside the dataset, which is not followed: copy it here",
                "데이터셋 밖을 가리키는 링크라 따라가지 않습니다. 파일을 여기에 복사해 주세요",
            ),
            Flaw::LinkLoops => both(
                "is a link to a folder that it lies in, which is not followed",
                "자신이 든 폴더를 가리키는 링크라 따라가지 않습니다",
            ),
            Flaw::SameNameAs { path } => both(
                format!("is called the same as {path} and is left out: rename one of them"),
                format!("{path}와 이름이 같아 뺐습니다. 하나의 이름을 바꿔 주세요"),
            ),
            Flaw::NameMatched { by, written } => {
                let Both { english, korean } = by.words();
                both(
                    format!("is taken for {written}, found {english}"),
                    format!("{korean} 찾은, {written}에 해당하는 파일입니다"),
                )
            }
            Flaw::NotText => both(
                "is not text in UTF-8, UTF-16 or CP949: save it as UTF-8",
                "UTF-8, UTF-16, CP949 텍스트가 아닙니다. UTF-8로 저장해 주세요",
            ),
            Flaw::NotOfFormat { format, cause } => {
                let Both { english, korean } = format.words();
                because(
                    cause,
                    format!("cannot be read as {english}"),
                    format!("{} 읽을 수 없습니다", direction(korean)),
                )
            }
            Flaw::UnknownClass { place, class } => {
                let Both { english, korean } = place.words();
                both(
                    format!("has {english} of the class {class:?}, which is not in the list of classes"),
                    format!("{korean}: 클래스 {} 목록에 없습니다", subject(format!("{class:?}"))),
                )
            }
            Flaw::NumbersUnusable { place } => {
                let Both { english, korean } = place.words();
                both(
                    format!("has {english} whose coordinates are missing or no numbers"),
                    format!("{korean}: 좌표가 없거나 숫자가 아닙니다"),
                )
            }
            Flaw::MaskDoesNotFit { place } => {
                let Both { english, korean } = place.words();
                both(
                    format!("has {english} whose mask does not fit the image"),
                    format!("{korean}: 마스크가 이미지에 맞지 않습니다"),
                )
            }
            Flaw::ShapesNotRead { shapes, kind } => both(
                format!("has {shapes} labels of the shape {kind:?}, which is not read"),
                format!("{kind:?} 모양의 라벨 {shapes}개는 읽지 못합니다"),
            ),
            Flaw::MorePointsThan { limit } => both(
                format!("holds more than {limit} points for one image"),
                format!("점이 이미지 하나의 한도 {limit}개보다 많습니다"),
            ),
            Flaw::MaskLossy => both(
                "is a mask saved with loss, so its values are no classes any more: export masks as PNG",
                "손실 압축된 마스크라 값이 클래스를 뜻하지 않습니다. 마스크를 PNG로 내보내 주세요",
            ),
            Flaw::MaskInColours => both(
                "is a mask in colours of which nothing says the class: add labelmap.txt, or export palette or grey masks",
                "마스크의 색이 어느 클래스인지 알 수 없습니다. `labelmap.txt`를 더하거나 팔레트 또는 흑백 마스크로 내보내 주세요",
            ),
            Flaw::FlawSaid { text } => as_said(text),
        }
    }
}

impl Words for Contents {
    fn words(&self) -> Both {
        match self {
            Contents::Text => both("text", "이미지가 아니라 텍스트 파일입니다"),
            Contents::Pdf => both("a PDF", "이미지가 아니라 PDF 파일입니다"),
            Contents::Zip => both("a ZIP archive", "이미지가 아니라 ZIP 압축 파일입니다"),
            Contents::Unknown => both("bytes of no known image format", "알려진 이미지 형식이 아닙니다"),
        }
    }
}

impl Words for Picture {
    fn words(&self) -> Both {
        match self {
            Picture::Gif => both("a GIF", "GIF 파일"),
            Picture::Tiff => both("a TIFF", "TIFF 파일"),
            Picture::Heic => both("a HEIC, AVIF or video file", "HEIC, AVIF, 동영상 파일"),
        }
    }
}

impl Words for Place {
    fn words(&self) -> Both {
        match self {
            Place::Line { line, file } => {
                both(format!("line {line} of {file}"), format!("{file}의 {line}번째 줄"))
            }
            Place::Annotation { id: Some(id), file } => {
                both(format!("annotation {id} in {file}"), format!("{file}의 주석 {id}"))
            }
            Place::Annotation { id: None, file } => {
                both(format!("an annotation in {file}"), format!("{file}의 주석 하나"))
            }
            Place::Object { object, file } => {
                both(format!("object {object} of {file}"), format!("{file}의 {object}번째 객체"))
            }
        }
    }
}

impl Words for BoxFlaw {
    fn words(&self) -> Both {
        match self {
            BoxFlaw::NoArea => both("has no area and is left out", "넓이가 없어 뺐습니다"),
            BoxFlaw::Outside => both(
                "has less than a pixel inside the image and is left out",
                "이미지 안에 한 픽셀도 없어 뺐습니다",
            ),
            BoxFlaw::Cut => both("reaches out of the image and is cut", "이미지 밖으로 나가 잘랐습니다"),
        }
    }
}

impl Words for LineFlaw {
    fn words(&self) -> Both {
        match self {
            LineFlaw::NotANumber { word } => both(
                format!("{word:?} is not a number"),
                format!("{} 숫자가 아닙니다", topic(format!("{word:?}"))),
            ),
            LineFlaw::NotAClass { number } => both(
                format!("{number} is not the number of a class"),
                format!("{} 클래스의 번호가 아닙니다", topic(number)),
            ),
            LineFlaw::NoSuchClass { class, named: Some(named) } => both(
                format!("there is no class {class}: {named} are named, counted from 0"),
                format!("클래스 {} 없습니다. 0번부터 {named}개가 적혀 있습니다", subject(class)),
            ),
            LineFlaw::NoSuchClass { class, named: None } => {
                both(format!("there is no class {class}"), format!("클래스 {} 없습니다", subject(class)))
            }
            LineFlaw::FarOutside { number } => both(
                format!("{number} is far outside: numbers are parts of the image's sides, from 0 to 1"),
                format!(
                    "{} 이미지를 크게 벗어납니다. 숫자는 이미지 변의 비율로, 0에서 1까지입니다",
                    topic(number)
                ),
            ),
            LineFlaw::PoseNumberCount { numbers, expected } => both(
                format!("{numbers} numbers, but a pose of this dataset has {expected}, the class among them"),
                format!("숫자가 {numbers}개입니다. 이 데이터셋의 자세는 클래스까지 숫자 {expected}개입니다"),
            ),
            LineFlaw::NumberCount { numbers } => both(
                format!("{numbers} numbers, but a box is a class and four"),
                format!("숫자가 {numbers}개입니다. 박스는 클래스와 숫자 네 개입니다"),
            ),
        }
    }
}

impl Words for ObjectFlaw {
    fn words(&self) -> Both {
        match self {
            ObjectFlaw::NoName => both("has no name", "이름이 없습니다"),
            ObjectFlaw::NoBox => both("has no bndbox", "`bndbox`가 없습니다"),
            ObjectFlaw::NoSide { side } => {
                both(format!("has no {side}"), format!("{} 없습니다", subject(side)))
            }
            ObjectFlaw::SideNotANumber { side, word } => both(
                format!("has {word:?} as {side}, which is not a number"),
                format!("{side}의 값 {} 숫자가 아닙니다", subject(format!("{word:?}"))),
            ),
        }
    }
}
