//! What is asked about models, and about data.

use crate::lexicon::Words;

pub(crate) const MODEL_WORD: Words = &[
    "model", "models", "architecture*", "network", "networks", "backbone*", "모델", "아키텍처", "백본", "네트워크",
    "신경망", "detectors", "classifiers", "catalog", "catalogue", "카탈로그", "nets", "model zoo", "zoo",
    "architectures", "backbones",
    "net", "cnn", "cnns", "모형",
];
