//! The families that classify whole images.

use trainyard_events::config::Task;

use super::{APACHE, BSD, Family};
use crate::catalog::Runner;

pub(super) static FAMILIES: [Family; 19] = [
    Family {
        name: "ResNet", task: Task::Classify, licence: "MIT", runner: Runner::Native, image_size: 224,
        names: &["resnet", "resnetv1", "resent", "restnet", "reznet", "resnt", "레즈넷", "레스넷", "레지넷", "리즈넷", "래즈넷", "레즈냇", "레쓰넷"],
        members: &[
            ("resnet18", 11_689_512, &["18", "십팔", "eighteen", ""]),
            ("resnet34", 21_797_672, &["34", "삼십사", "thirtyfour"]),
            ("resnet50", 25_557_032, &["50", "오십", "fifty"]),
        ],
    },
    Family {
        name: "ResNet (large)", task: Task::Classify, licence: BSD, runner: Runner::Timm, image_size: 224,
        names: &["resnet", "resent", "레즈넷", "레스넷", "리즈넷"],
        members: &[
            ("resnet101", 44_549_160, &["101", "백일"]),
            ("resnet152", 60_192_808, &["152", "백오십이"]),
        ],
    },
    Family {
        name: "EfficientNet", task: Task::Classify, licence: BSD, runner: Runner::Timm, image_size: 224,
        names: &[
            "efficientnet", "effnet", "efficientnets", "efficentnet", "effcientnet", "efficienet", "이피션트넷", "에피션트넷", "이피시언트넷", "에피시언트넷", "이피션트냇", "이피션넷", "에피션넷", "이펙션트넷",
            "이피션트네트",
        ],
        members: &[
            ("efficientnet_b0", 5_288_548, &["b0", "bzero", "비0", "비제로", "비영", "b제로", "0", ""]),
            ("efficientnet_b1", 7_794_184, &["b1", "비1", "비원", "비일", "1"]),
            ("efficientnet_b2", 9_109_994, &["b2", "btwo", "비2", "비투", "비이", "2"]),
            ("efficientnet_b3", 12_233_232, &["b3", "bthree", "비3", "비쓰리", "비삼", "3"]),
            ("efficientnet_b4", 19_341_616, &["b4", "bfour", "비4", "비포", "비사", "4"]),
            ("efficientnet_b5", 30_389_784, &["b5", "비5", "비파이브", "비오", "5"]),
            ("efficientnet_b6", 43_040_704, &["b6", "비6", "비식스", "비육", "6"]),
            ("efficientnet_b7", 66_347_960, &["b7", "비7", "비세븐", "비칠", "7"]),
        ],
    },
    Family {
        name: "EfficientNetV2", task: Task::Classify, licence: BSD, runner: Runner::Timm, image_size: 384,
        names: &["efficientnetv2", "effnetv2", "이피션트넷v2", "에피션트넷v2", "이피션트넷브이투"],
        members: &[
            ("efficientnet_v2_s", 21_458_488, &["s", "small", "스몰", ""]),
            ("efficientnet_v2_m", 54_139_356, &["m", "medium", "미디엄", "미디움"]),
            ("efficientnet_v2_l", 118_515_272, &["l", "large", "라지"]),
        ],
    },
    Family {
        name: "MobileNet", task: Task::Classify, licence: BSD, runner: Runner::Timm, image_size: 224,
        names: &["mobilenet", "moblienet", "mobilnet", "모바일넷", "모빌넷", "모바일냇"],
        members: &[
            (
                "mobilenet_v3_small",
                2_542_856,
                &["v3small", "v3s", "small", "3small", "v3스몰", "스몰", "3스몰", "브이쓰리스몰"],
            ),
            ("mobilenet_v2", 3_504_872, &["v2", "2", "브이투", "브이2", "버전2", ""]),
            (
                "mobilenet_v3_large",
                5_483_032,
                &[
                    "v3large",
                    "v3l",
                    "large",
                    "v3",
                    "3",
                    "v3라지",
                    "라지",
                    "브이쓰리",
                    "브이3",
                    "버전3",
                    "3라지",
                    "3large",
                ],
            ),
        ],
    },
    Family {
        name: "ViT", task: Task::Classify, licence: BSD, runner: Runner::Timm, image_size: 224,
        names: &["vit", "visiontransformer", "비전트랜스포머", "비젼트랜스포머", "비트"],
        members: &[
            (
                "vit_b_16",
                86_567_656,
                &["b16", "비16", "비십육", "b십육", "base16", "basepatch16", "base", "베이스", "b", ""],
            ),
            ("vit_b_32", 88_224_232, &["b32", "base32", "basepatch32"]),
            ("vit_l_16", 304_326_632, &["l16", "large16", "largepatch16", "large", "라지", "l"]),
            ("vit_l_32", 306_535_400, &["l32", "large32"]),
        ],
    },
    Family {
        name: "ViT (timm)", task: Task::Classify, licence: APACHE, runner: Runner::Timm, image_size: 224,
        names: &["vit"],
        members: &[
            ("vit_tiny_patch16_224", 5_717_416, &["tinypatch16224", "tinypatch16", "tiny", "타이니"]),
            (
                "vit_small_patch16_224",
                22_050_664,
                &["smallpatch16224", "smallpatch16", "small", "스몰", "s16"],
            ),
            ("vit_base_patch16_224", 86_567_656, &["basepatch16224"]),
            ("vit_large_patch16_224", 304_326_632, &["largepatch16224"]),
        ],
    },
    Family {
        name: "ConvNeXt", task: Task::Classify, licence: BSD, runner: Runner::Timm, image_size: 224,
        names: &["convnext", "컨브넥스트", "콘브넥스트", "컨브넥스", "컨넥스트", "콘넥스트"],
        members: &[
            ("convnext_tiny", 28_589_128, &["tiny", "t", "타이니", ""]),
            ("convnext_small", 50_223_688, &["small", "s", "스몰"]),
            ("convnext_base", 88_591_464, &["base", "b", "베이스"]),
            ("convnext_large", 197_767_336, &["large", "l", "라지"]),
        ],
    },
    Family {
        name: "Swin", task: Task::Classify, licence: BSD, runner: Runner::Timm, image_size: 224,
        names: &["swin", "swintransformer", "스윈", "스윈트랜스포머"],
        members: &[
            ("swin_t", 28_288_354, &["t", "tiny", "타이니", ""]),
            ("swin_s", 49_606_258, &["s", "small", "스몰"]),
            ("swin_b", 87_768_224, &["b", "base", "베이스"]),
        ],
    },
    Family {
        name: "DenseNet", task: Task::Classify, licence: BSD, runner: Runner::Timm, image_size: 224,
        names: &["densenet", "denset", "덴스넷", "덴스냇", "댄스넷"],
        members: &[
            ("densenet121", 7_978_856, &["121", "백이십일", ""]),
            ("densenet169", 14_149_480, &["169"]),
            ("densenet201", 20_013_928, &["201"]),
            ("densenet161", 28_681_000, &["161"]),
        ],
    },
    Family {
        name: "VGG", task: Task::Classify, licence: BSD, runner: Runner::Timm, image_size: 224,
        names: &["vgg", "vggnet", "브이지지", "브이쥐쥐"],
        members: &[
            ("vgg11", 132_863_336, &["11", "십일"]),
            ("vgg13", 133_047_848, &["13", "십삼"]),
            ("vgg16", 138_357_544, &["16", "십육", ""]),
            ("vgg19", 143_667_240, &["19", "십구"]),
        ],
    },
    Family {
        name: "Inception", task: Task::Classify, licence: BSD, runner: Runner::Timm, image_size: 299,
        names: &["inception", "인셉션"],
        members: &[("inception_v3", 27_161_264, &["v3", "3", ""])],
    },
    Family {
        name: "GoogLeNet", task: Task::Classify, licence: BSD, runner: Runner::Torchvision, image_size: 224,
        names: &["googlenet", "구글넷"],
        members: &[("googlenet", 6_624_904, &[""])],
    },
    Family {
        name: "AlexNet", task: Task::Classify, licence: BSD, runner: Runner::Torchvision, image_size: 224,
        names: &["alexnet", "알렉스넷"],
        members: &[("alexnet", 61_100_840, &[""])],
    },
    Family {
        name: "SqueezeNet", task: Task::Classify, licence: BSD, runner: Runner::Torchvision, image_size: 224,
        names: &["squeezenet", "스퀴즈넷"],
        members: &[
            ("squeezenet1_1", 1_235_496, &["11", "v11", ""]),
            ("squeezenet1_0", 1_248_424, &["10", "v10"]),
        ],
    },
    Family {
        name: "ShuffleNet", task: Task::Classify, licence: BSD, runner: Runner::Torchvision, image_size: 224,
        names: &["shufflenet", "셔플넷"],
        members: &[("shufflenet_v2_x1_0", 2_278_604, &["v2x10", "v2", "2", ""])],
    },
    Family {
        name: "ResNeXt", task: Task::Classify, licence: BSD, runner: Runner::Timm, image_size: 224,
        names: &["resnext", "레즈넥스트", "레스넥스트"],
        members: &[
            ("resnext50_32x4d", 25_028_904, &["5032x4d", "50", ""]),
            ("resnext101_32x8d", 88_791_336, &["10132x8d", "101"]),
        ],
    },
    Family {
        name: "Wide ResNet", task: Task::Classify, licence: BSD, runner: Runner::Timm, image_size: 224,
        names: &["wideresnet"],
        members: &[("wide_resnet50_2", 68_883_240, &["502", "50", ""])],
    },
    Family {
        name: "RegNet", task: Task::Classify, licence: BSD, runner: Runner::Torchvision, image_size: 224,
        names: &["regnet", "레그넷"],
        members: &[("regnet_y_400mf", 4_344_144, &["y400mf", ""])],
    },
    // Our own code, and weights that start fresh: the weights that Ultralytics publishes are AGPL-3.0 and not used.
];
