//! Names of things within sentences.

use trainyard_events::config::{Priority, Task};
use trainyard_events::job::Status;
use trainyard_events::reason::Field;

use crate::{Both, Words, both};

impl Words for Field {
    /// In English by its wire name, which is what one writes.
    fn words(&self) -> Both {
        match self {
            Field::Task => both("task", "작업 종류"),
            Field::Model => both("model", "모델"),
            Field::Dataset => both("dataset", "데이터셋"),
            Field::Classes => both("classes", "클래스"),
            Field::Epochs => both("epochs", "에폭"),
            Field::ImageSize => both("image_size", "이미지 크기"),
            Field::BatchSize => both("batch_size", "배치 크기"),
            Field::LearningRate => both("learning_rate", "학습률"),
            Field::Momentum => both("momentum", "모멘텀"),
            Field::WeightDecay => both("weight_decay", "가중치 감쇠"),
            Field::WarmupEpochs => both("warmup_epochs", "워밍업 에폭"),
            Field::LabelSmoothing => both("label_smoothing", "라벨 스무딩"),
            Field::Patience => both("patience", "조기 종료(patience)"),
            Field::Seed => both("seed", "시드"),
            Field::InitialWeights => both("initial_weights", "초기 가중치"),
            Field::Continues => both("continues", "이어 갈 체크포인트"),
            Field::Runner => both("runner", "러너"),
            Field::Options => both("options", "옵션"),
            Field::Resources => both("resources", "자원"),
            Field::Gpus => both("gpus", "GPU 수"),
            Field::Gpu => both("gpu", "GPU 종류"),
            Field::GpuMemoryGb => both("gpu_memory_gb", "GPU 메모리(GB)"),
            Field::MaxCost => both("max_cost", "비용 한도"),
            Field::MaxHours => both("max_hours", "시간 한도"),
        }
    }
}

impl Words for Task {
    /// In English as a verb.
    fn words(&self) -> Both {
        match self {
            Task::Classify => both("classify", "분류"),
            Task::Detect => both("detect", "탐지"),
            Task::Segment => both("segment", "세그멘테이션"),
            Task::Pose => both("pose", "자세 추정"),
            Task::Anomaly => both("find anomalies", "이상 탐지"),
        }
    }
}

impl Words for Priority {
    fn words(&self) -> Both {
        match self {
            Priority::Low => both("low", "낮음"),
            Priority::Normal => both("normal", "보통"),
            Priority::High => both("high", "높음"),
        }
    }
}

impl Words for Status {
    /// In Korean as what a job is, before "작업".
    fn words(&self) -> Both {
        match self {
            Status::Unknown => both("unknown", "알 수 없는"),
            Status::Requested => both("requested", "요청된"),
            Status::Queued => both("queued", "대기 중인"),
            Status::Starting => both("starting", "시작하는 중인"),
            Status::Training => both("training", "학습 중인"),
            Status::Finished => both("finished", "완료된"),
            Status::Failed => both("failed", "실패한"),
            Status::Cancelled => both("cancelled", "취소된"),
        }
    }
}
