//! What is unusual about a dataset and no reason to refuse it.

use trainyard_events::reason::Caution;

use crate::particle::{direction, object, topic};
use crate::{Both, Words, as_said, both};

impl Words for Caution {
    fn words(&self) -> Both {
        match self {
            Caution::LeftOut { files, first, flaw } => {
                let Both { english, korean } = flaw.words();
                both(
                    format!("{files} files are left out, the first is {first}: it {english}"),
                    format!("파일 {files}개를 뺐습니다. 첫 번째는 {first}입니다({korean})"),
                )
            }
            Caution::NotOfAClass { files } => both(
                format!("{files} files are no images of a class and are ignored"),
                format!("클래스의 이미지가 아닌 파일 {files}개는 쓰지 않습니다"),
            ),
            Caution::UnevenImages { most, common, least, rare } => both(
                format!("classes are uneven: {most} images of {common:?}, {least} of {rare:?}"),
                format!("클래스가 고르지 않습니다: {common:?} {most}장, {rare:?} {least}장"),
            ),
            Caution::UnevenObjects { most, common, least, rare } => both(
                format!("classes are uneven: {most} objects of {common:?}, {least} of {rare:?}"),
                format!("클래스가 고르지 않습니다: {common:?} {most}개, {rare:?} {least}개"),
            ),
            Caution::WithoutValidation { classes, names } => both(
                format!(
                    "{classes} classes have no validation image, so their accuracy stays unknown: {}",
                    names.join(", ")
                ),
                format!(
                    "클래스 {classes}개는 검증 이미지가 없어 정확도를 알 수 없습니다: {}",
                    names.join(", ")
                ),
            ),
            Caution::WithOneImage { classes, names } => both(
                format!(
                    "{classes} classes have one image, which is trained on, so their accuracy stays unknown: {}",
                    names.join(", ")
                ),
                format!(
                    "클래스 {classes}개는 이미지가 한 장뿐이라 정확도를 알 수 없습니다: {}",
                    names.join(", ")
                ),
            ),
            Caution::Leaked { images, path, other } => both(
                format!(
                    "{images} images are in training and in validation or test, which flatters the accuracy: {path} is {other}"
                ),
                format!(
                    "이미지 {images}장이 학습과 검증에 함께 있어 정확도가 부풀려집니다: {path} = {other}"
                ),
            ),
            Caution::UnderTwoClasses { images, path, class, other, other_class } => both(
                format!("{images} images are under two classes: {path} ({class}) is {other} ({other_class})"),
                format!(
                    "이미지 {images}장이 두 클래스에 함께 있습니다: {path}({class}) = {other}({other_class})"
                ),
            ),
            Caution::LeakedScenes { images, path, other } => both(
                format!(
                    "{images} images are in training and in validation or test, which flatters the precision: {path} is {other}"
                ),
                format!(
                    "이미지 {images}장이 학습과 검증에 함께 있어 정밀도가 부풀려집니다: {path} = {other}"
                ),
            ),
            Caution::TwiceWithOtherBoxes { images, path, other } => both(
                format!("{images} images are there twice with other boxes: {path} is {other}"),
                format!("이미지 {images}장이 두 번 있고 박스가 서로 다릅니다: {path} = {other}"),
            ),
            Caution::Twice { images, path, other } => both(
                format!("{images} images are there twice: {path} is {other}"),
                format!("이미지 {images}장이 두 번 있습니다: {path} = {other}"),
            ),
            Caution::BoxesCut { boxes } => both(
                format!("{boxes} boxes reach out of their image and are cut"),
                format!("박스 {boxes}개가 이미지 밖으로 나가 잘랐습니다"),
            ),
            Caution::BoxesDropped { boxes } => both(
                format!("{boxes} boxes have no area in their image and are left out"),
                format!("박스 {boxes}개가 이미지 안에 넓이가 없어 뺐습니다"),
            ),
            Caution::BoxesRepeated { boxes } => both(
                format!("{boxes} boxes are there twice and count once"),
                format!("박스 {boxes}개가 두 번 있어 한 번만 셉니다"),
            ),
            Caution::ImagesTurned { images } => both(
                format!(
                    "{images} images are turned by their EXIF orientation; their boxes are taken as of the upright image"
                ),
                format!(
                    "이미지 {images}장을 EXIF 방향에 따라 돌립니다. 박스는 바로 선 이미지의 것으로 봅니다"
                ),
            ),
            Caution::ImagesUnlabelled { images } => both(
                format!("{images} images have no label and count as background"),
                format!("이미지 {images}장에 라벨이 없어 배경으로 봅니다"),
            ),
            Caution::WithoutObject { classes, names } => both(
                format!("{classes} classes have no object: {}", names.join(", ")),
                format!("클래스 {classes}개에 객체가 없습니다: {}", names.join(", ")),
            ),
            Caution::WithoutTrainObject { classes, names } => both(
                format!("{classes} classes have no object to train on: {}", names.join(", ")),
                format!("클래스 {classes}개에 학습할 객체가 없습니다: {}", names.join(", ")),
            ),
            Caution::WithoutValidationObject { classes, names } => both(
                format!(
                    "{classes} classes have no object to validate on, so their precision stays unknown: {}",
                    names.join(", ")
                ),
                format!(
                    "클래스 {classes}개에 검증할 객체가 없어 정밀도를 알 수 없습니다: {}",
                    names.join(", ")
                ),
            ),
            Caution::SmallObjects { percent, largest } => both(
                format!(
                    "{percent} % of the objects are smaller than 32 x 32 pixels: use an image_size near the images' own, up to {largest}"
                ),
                format!(
                    "객체의 {percent} %가 32 × 32 픽셀보다 작습니다. 이미지 크기를 원본에 가깝게, {largest}까지 키워 보세요"
                ),
            ),
            Caution::CategoriesUnnamed => both(
                "nothing names the categories, so they are called by their ids",
                "카테고리의 이름이 없어 번호로 부릅니다",
            ),
            Caution::ClassesUnnamed => both(
                "nothing names the classes, so they are called by their numbers",
                "클래스의 이름이 없어 번호로 부릅니다",
            ),
            Caution::TakenAs { file, path, place: Some(place) } => both(
                format!("{file} names {path}, which is taken as {place}"),
                format!("{file}에 적힌 {} {} 봅니다", topic(path), direction(place)),
            ),
            Caution::TakenAs { file, path, place: None } => both(
                format!("{file} names {path}, which is taken as the whole folder"),
                format!("{file}에 적힌 {} 폴더 전체로 봅니다", topic(path)),
            ),
            Caution::TestMissing { file, path } => both(
                format!("{file} names {path} to test on, which is not in the dataset"),
                format!("{file}에 적힌 테스트용 {path}: 데이터셋에 없습니다"),
            ),
            Caution::PathElsewhere { path, file } => both(
                format!("path: {path} is not in this dataset, so paths are read from where {file} lies"),
                format!("`path`에 적힌 {path}: 데이터셋에 없어, {file}이 있는 곳에서부터 경로를 읽습니다"),
            ),
            Caution::InNoSplit { images, first } => both(
                format!("{images} images are in no split and are ignored, such as {first}"),
                format!("학습용도 검증용도 아닌 이미지 {images}장은 쓰지 않습니다. 예: {first}"),
            ),
            Caution::LabelsInNoSplit { labels } => both(
                format!("{labels} labels are of images in no split and are ignored"),
                format!("학습용도 검증용도 아닌 이미지의 라벨 {labels}개는 쓰지 않습니다"),
            ),
            Caution::NamesMatched { names, by, written, found } => {
                let Both { english, korean } = by.words();
                both(
                    format!("{names} names are found {english}, such as {written}, which is {found}"),
                    format!("이름 {names}개를 {korean} 찾았습니다. 예: {written} = {found}"),
                )
            }
            Caution::SystemFiles { files, first } => both(
                format!("{files} files and folders of a system or a NAS are passed over, such as {first}"),
                format!("시스템이나 저장 장치의 파일과 폴더 {files}개는 쓰지 않습니다. 예: {first}"),
            ),
            Caution::ReadAsKorean { files, first } => both(
                format!("{files} files are read as Korean text in CP949, such as {first}"),
                format!("파일 {files}개를 CP949 한글 텍스트로 읽었습니다. 예: {first}"),
            ),
            Caution::SaidTwice { first, second } => {
                let (first, second) = (first.words(), second.words());
                both(
                    format!(
                        "there are labels as {} and as {}, which say the same; the first are read",
                        first.english, second.english
                    ),
                    format!(
                        "라벨이 두 형식({}, {})으로 있고 내용이 같아 앞의 것을 읽습니다",
                        first.korean, second.korean
                    ),
                )
            }
            Caution::InTwoSplits { images, first } => both(
                format!(
                    "{images} images are named for training and for validation or test, and are only trained on, such as {first}"
                ),
                format!("이미지 {images}장이 학습과 검증에 함께 적혀 있어 학습에만 씁니다. 예: {first}"),
            ),
            Caution::FoldersWithin { class, folders } => both(
                format!(
                    "folders inside {class:?} are all taken as that class ({}); if they are the classes, name {class:?} as the dataset",
                    folders.join(", ")
                ),
                format!(
                    "{class:?} 안의 폴더({})를 모두 그 클래스로 봅니다. 그 폴더들이 클래스라면 {class:?} 폴더를 데이터셋으로 알려 주세요",
                    folders.join(", ")
                ),
            ),
            Caution::NearestClassList { lists } => both(
                format!(
                    "there are {lists} lists of classes; numbers are read by the one nearest to the label"
                ),
                format!("클래스 목록이 {lists}개 있어, 라벨에서 가장 가까운 목록으로 번호를 읽습니다"),
            ),
            Caution::SampleBits { images, bits } => both(
                format!(
                    "{images} images have 16 bits a channel and use {bits} of them: they are scaled by that, here and in predicting"
                ),
                format!(
                    "이미지 {images}장은 채널당 16비트 중 {bits}비트만 씁니다. 학습과 예측에서 그에 맞춰 밝기를 맞춥니다"
                ),
            ),
            Caution::OneColour { images, first } => both(
                format!("{images} images have one colour all over and show nothing, such as {first}"),
                format!("이미지 {images}장은 한 가지 색뿐이라 보이는 것이 없습니다. 예: {first}"),
            ),
            Caution::NearlyBlack { images, first } => both(
                format!("{images} images are nearly black, such as {first}"),
                format!("이미지 {images}장은 거의 검은색입니다. 예: {first}"),
            ),
            Caution::MasksShared { objects, first } => both(
                format!(
                    "{objects} objects of one class overlap and have one mask: what lies in two boxes is taken as the smaller's, such as in {first}"
                ),
                format!(
                    "같은 클래스의 객체 {objects}개가 겹치는데 마스크가 하나입니다. 두 박스에 걸친 부분은 작은 쪽으로 봅니다. 예: {first}"
                ),
            ),
            Caution::NearDuplicates { pairs, path, other } => both(
                format!(
                    "{pairs} pairs of images that look alike are in training and in validation or test, such as {path} and {other}"
                ),
                format!(
                    "비슷해 보이는 이미지 {pairs}쌍이 학습과 검증에 나뉘어 있습니다. 예: {path}, {other}"
                ),
            ),
            Caution::ShapesLeftOut { shapes, kind } => both(
                format!("{shapes} labels of the shape {kind:?} are not read and left out"),
                format!("{kind:?} 모양의 라벨 {shapes}개는 읽지 못해 뺐습니다"),
            ),
            Caution::NotWritten { labels, part, format } => {
                let (part, format) = (part.words(), format.words());
                both(
                    format!("{} cannot hold {}: {labels} are not written", format.english, part.english),
                    format!(
                        "{}에는 {} 담을 수 없어 {labels}개를 쓰지 않았습니다",
                        format.korean,
                        object(part.korean)
                    ),
                )
            }
            Caution::CautionSaid { text } => as_said(text),
        }
    }
}
