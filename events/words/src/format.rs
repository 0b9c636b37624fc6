//! Names of label formats and of what they hold, within sentences.

use trainyard_events::reason::{LabelFormat, LabelPart, NameMatch, UnreadLabels};

use crate::{Both, Words, both};

impl Words for LabelFormat {
    fn words(&self) -> Both {
        match self {
            LabelFormat::ImageFolder => both("folders of classes", "클래스 폴더"),
            LabelFormat::Yolo => both("YOLO labels", "YOLO 라벨"),
            LabelFormat::Coco => both("COCO JSON", "COCO JSON"),
            LabelFormat::PascalVoc => both("Pascal VOC", "Pascal VOC"),
            LabelFormat::Masks => both("mask images", "마스크 이미지"),
            LabelFormat::CvatImages => both("CVAT for images XML", "이미지용 CVAT XML"),
            LabelFormat::LabelStudio => both("Label Studio JSON", "Label Studio JSON"),
            LabelFormat::Labelme => both("labelme JSON", "labelme JSON"),
            LabelFormat::CreateMl => both("CreateML JSON", "CreateML JSON"),
            LabelFormat::Csv => both("a CSV table", "CSV 표"),
        }
    }
}

/// A folder of this format, as one would know it.
pub fn layout(format: LabelFormat) -> Both {
    match format {
        LabelFormat::ImageFolder => both("a folder of images for each class", "클래스마다 이미지 폴더"),
        LabelFormat::Yolo => both(
            "a YOLO dataset (data.yaml, images/ and labels/)",
            "YOLO 데이터셋(`data.yaml`, `images/`, `labels/`)",
        ),
        LabelFormat::Coco => {
            both("a COCO dataset (annotations/*.json)", "COCO 데이터셋(`annotations/*.json`)")
        }
        LabelFormat::PascalVoc => both(
            "a Pascal VOC dataset (JPEGImages/ and Annotations/)",
            "Pascal VOC 데이터셋(`JPEGImages/`, `Annotations/`)",
        ),
        other => other.words(),
    }
}

impl Words for UnreadLabels {
    fn words(&self) -> Both {
        match self {
            UnreadLabels::OrientedBoxes => both("oriented boxes", "기울어진 박스"),
            UnreadLabels::Brush => both("Label Studio's brush strokes", "Label Studio의 브러시"),
            UnreadLabels::Skeletons => both("CVAT's skeletons or points", "CVAT의 스켈레톤이나 점"),
            UnreadLabels::MixedSkeletons => {
                both("CVAT's skeletons of which labels have other points", "라벨마다 점이 다른 CVAT 스켈레톤")
            }
            UnreadLabels::Via => both("VIA's regions", "VIA의 영역"),
            UnreadLabels::TfRecord => both("TFRecord files", "TFRecord 파일"),
            UnreadLabels::Supervisely => both("Supervisely's JSON", "Supervisely의 JSON"),
            UnreadLabels::AiHub => both("JSON as AI Hub writes it", "AI Hub 형식의 JSON"),
            UnreadLabels::Kitti => both("KITTI's text labels", "KITTI 텍스트 라벨"),
            UnreadLabels::OtherJson => both("JSON of a form that is not known", "알 수 없는 형식의 JSON"),
            UnreadLabels::OtherXml => both("XML of a form that is not known", "알 수 없는 형식의 XML"),
            UnreadLabels::Predictions => {
                both("predictions that nobody has corrected", "아무도 고치지 않은 모델의 예측")
            }
        }
    }
}

impl Words for NameMatch {
    /// After "are found".
    fn words(&self) -> Both {
        match self {
            NameMatch::Normal => both("with their letters composed otherwise", "글자 조합 방식을 맞춰"),
            NameMatch::Case => both("with other capitals", "대소문자를 맞춰"),
            NameMatch::Percent => both("after decoding", "퍼센트 부호를 풀어"),
            NameMatch::End => both("by the end of the path", "경로의 끝부분으로"),
        }
    }
}

impl Words for LabelPart {
    fn words(&self) -> Both {
        match self {
            LabelPart::Box => both("boxes", "박스"),
            LabelPart::Polygon => both("polygons", "다각형"),
            LabelPart::Mask => both("masks", "마스크"),
            LabelPart::Keypoints => both("keypoints", "키포인트"),
            LabelPart::KeypointPairs => {
                both("which keypoints mirror each other", "좌우로 짝이 되는 키포인트")
            }
            LabelPart::Crowd => both("marks of a crowd", "무리 표시"),
            LabelPart::Difficult => both("marks of difficulty", "어려움 표시"),
            LabelPart::Further => both("further labels of an image", "이미지의 둘째 이후 라벨"),
            LabelPart::WholeImage => both("labels of a whole image", "이미지 전체의 라벨"),
            LabelPart::Background => both("images without a label", "라벨 없는 이미지"),
            LabelPart::Split => both("splits", "나눔"),
        }
    }
}
