//! Turns that state settings, made from phrases: each setting as people of both tongues put it, several in a row, taken back,
//! beside numbers that are none. Numbers alone are learned from them, and nothing is measured on them.

use serde_json::{Map, Value, json};
use trainyard_assistant::Intent;
use trainyard_assistant::reader::{Example, Linear, Said, complete_proposal, examples};

use crate::noise::{self, Dice};

/// Turns that are made in each tongue.
const TURNS: usize = 4_000;

/// A setting by its wire name, the values that it has, and how it is put.
struct Setting {
    name: &'static str,
    values: &'static [f64],
    said: &'static [&'static str],
}

#[rustfmt::skip]
const ENGLISH: &[Setting] = &[
    Setting { name: "epochs", values: EPOCHS, said: &[
        "{} epochs", "epochs {}", "epochs={}", "ep {}", "ep{}", "{}ep", "e{}", "for {} epochs", "run it for {} epochs", "{} passes over the data", "go over the pictures {} times", "epochs to {}",
        "make the epochs {}", "epoch {}", "epoch is {}", "look at every picture {} times", "epochs: {}", "{} epochs is plenty", "let it go round {} times", "{} epoch", "about {} epochs", "{} full epochs", "number of epochs {}", "train it for {}",
        "show it the photos {} times over", "epoch {} times", "epochs at {}", "keep it to {} epochs",
    ] },
    Setting { name: "batch_size", values: BATCHES, said: &[
        "batch {}", "batch size {}", "bs {}", "bs{}", "b{}", "batch={}", "batch_size={}", "batches of {}", "{} images at a time", "{} per batch", "a batch of {}", "{} batch", "batch size of {}", "batch to {}", "{} at a time",
        "{} for the batch", "{} images per batch", "batch: {}", "batch is {}", "feed it {} pictures at a time", "batch size should be {}", "{} a batch", "batch {} then",
    ] },
    Setting { name: "image_size", values: SIZES, said: &[
        "{}px", "imgsz {}", "imgsz={}", "image size {}", "img {}", "img{}", "at {}", "{} pixels", "resolution {}", "images at {}", "image size of {}", "{} px", "size {}", "image size to {}", "pictures at {} pixels", "{}", "input size {}", "scale them to {} px", "imgsize {}",
    ] },
    Setting { name: "learning_rate", values: RATES, said: &[
        "lr {}", "lr={}", "lr{}", "learning rate {}", "learning rate of {}", "a learning rate of {}", "adam {}", "{} lr", "adamw at {}", "lr: {}", "learning rate to {}", "sgd {}", "lr at {}", "{} for the learning rate", "learning rate is {}", "{}",
    ] },
    Setting { name: "seed", values: SEEDS, said: &["seed {}", "seed={}", "random seed {}", "seed of {}", "{} as the seed", "{} for the seed", "seed: {}", "seed to {}", "use {} for the random seed", "the seed is {}"] },
    Setting { name: "patience", values: PATIENCES, said: &[
        "patience {}", "pat {}", "patience={}", "stop after {} epochs without improvement", "early stop {}", "early stopping {}", "patience of {}", "stop early if nothing improves for {} epochs", "stop early if it hasn't improved for {}", "stick a {} on patience", "patience: {}", "patience to {}",
        "give up after {} epochs with no progress", "pat{}", "early stopping with patience {}",
    ] },
    Setting { name: "momentum", values: MOMENTA, said: &["momentum {}", "mom {}", "momentum of {}", "momentum={}", "sgd momentum {}", "momentum to {}", "sgd, momentum {}", "momentum: {}"] },
    Setting { name: "weight_decay", values: RATES, said: &["weight decay {}", "wd {}", "wd={}", "weight_decay={}", "weight decay of {}", "wd{}", "weight decay: {}", "weight decay to {}"] },
];
#[rustfmt::skip]
const KOREAN: &[Setting] = &[
    Setting { name: "epochs", values: EPOCHS, said: &[
        "{}에폭", "에폭 {}", "에폭은 {}", "에폭 {}번", "{}번 학습", "{}번만 돌려", "{}바퀴", "에포크 {}", "에폭을 {}으로", "학습은 {}번", "전체를 {}번 보게", "사진을 {}번 훑게", "{}회 학습", "에폭 {}으로", "에폭은 한 {} 정도", "ep {}", "ep{}", "{} 에폭", "{} epoch",
        "학습은 {}번이면 되겠지", "{}번은 돌려야지", "에폭만 {}으로", "{}번쯤 돌려", "에폭 {}번이면 충분", "epoch은 {}", "에폭 {}이면 돼", "한 {}번 반복",
    ] },
    Setting { name: "batch_size", values: BATCHES, said: &[
        "배치 {}", "배치는 {}", "배치 {}로", "배치사이즈 {}", "배치 크기는 {}", "한 번에 {}장", "{}장씩", "배치를 {}으로", "{} 배치", "bs{}", "bs {}", "batch {}", "배치 사이즈는 {}", "배치만 {}", "한번에 {}장씩 넣어", "배취 {}", "batch는 {}", "b{}", "배치당 {}장", "배치는 {} 정도",
    ] },
    Setting { name: "image_size", values: SIZES, said: &[
        "이미지 {}", "이미지 크기 {}", "이미지는 {}으로", "{}px", "{}픽셀", "해상도 {}", "사이즈 {}", "사진 크기는 {}", "입력 크기 {}", "이미지 사이즈 {}", "이미지 크기는 {}", "imgsz {}", "img {}", "{} 사이즈", "{}", "크기는 {}", "이미쥐 {}", "이미지를 {}으로 키워",
    ] },
    Setting { name: "learning_rate", values: RATES, said: &["학습률 {}", "학습률은 {}", "lr {}", "러닝레이트 {}", "lr은 {}", "학습률을 {}로", "lr{}", "lr={}", "아담 {}", "adamw {}", "학습율 {}", "러닝 레이트는 {}", "{} 학습률"] },
    Setting { name: "seed", values: SEEDS, said: &["시드 {}", "시드는 {}", "랜덤 시드 {}", "seed는 {}", "seed {}", "시드값 {}", "난수 시드는 {}", "시드 {}로 고정"] },
    Setting { name: "patience", values: PATIENCES, said: &[
        "patience {}", "patience는 {}", "인내심 {}", "조기종료 {}", "{}번 동안 안 나아지면 멈춰", "{} 에폭 동안 개선 없으면 중단", "얼리스탑 {}", "참을성 {}", "조기 종료는 {}", "조기종료 {} 추가", "조기 종료 인내는 {}으로", "{}에폭 동안 그대로면 그만", "얼리스톱 {}번",
    ] },
    Setting { name: "momentum", values: MOMENTA, said: &["모멘텀 {}", "momentum {}", "모멘텀은 {}", "모멘텀을 {}로", "sgd 모멘텀 {}"] },
    Setting { name: "weight_decay", values: RATES, said: &["가중치 감쇠 {}", "weight decay {}", "웨이트 디케이 {}", "가중치 감쇠는 {}", "wd {}", "wd는 {}"] },
];
const EPOCHS: &[f64] = &[
    3.0, 5.0, 8.0, 10.0, 12.0, 15.0, 18.0, 20.0, 25.0, 30.0, 33.0, 35.0, 40.0, 45.0, 50.0, 60.0, 64.0, 70.0,
    75.0, 80.0, 90.0, 99.0, 100.0, 120.0, 150.0, 180.0, 200.0, 250.0, 300.0,
];
const BATCHES: &[f64] =
    &[1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 16.0, 20.0, 24.0, 32.0, 40.0, 48.0, 64.0, 96.0, 128.0, 256.0];
const SIZES: &[f64] = &[
    96.0, 128.0, 160.0, 192.0, 224.0, 256.0, 288.0, 300.0, 320.0, 384.0, 416.0, 448.0, 480.0, 512.0, 640.0,
    736.0, 800.0, 960.0, 1024.0, 1280.0,
];
const RATES: &[f64] =
    &[0.1, 0.05, 0.02, 0.01, 0.005, 0.003, 0.002, 0.001, 0.0005, 0.0003, 0.0002, 0.0001, 0.00005, 0.00001];
const SEEDS: &[f64] =
    &[0.0, 1.0, 3.0, 7.0, 11.0, 13.0, 21.0, 42.0, 77.0, 99.0, 123.0, 314.0, 1234.0, 2024.0, 2025.0];
const PATIENCES: &[f64] = &[2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0];
const MOMENTA: &[f64] = &[0.8, 0.85, 0.9, 0.92, 0.95, 0.99, 0.937];

/// What a turn begins with, what is between its settings, how one takes another's place, and numbers that set nothing.
struct Tongue {
    settings: &'static [Setting],
    first: &'static [&'static str],
    between: &'static [&'static str],
    last: &'static [&'static str],
    /// `{a}` the old one, `{b}` the new one, as settings; `{n}` the new number alone.
    instead: &'static [&'static str],
    aside: &'static [&'static str],
    /// An aside ends so, where it comes first.
    then: &'static str,
}

#[rustfmt::skip]
const TONGUES: [Tongue; 2] = [
    Tongue {
        settings: ENGLISH,
        first: &["", "", "", "train resnet18 on data/knots with ", "yolo11n on s3://lot/cars, ", "set ", "please change it to ", "new run: ", "resnet50 /data/flowers ", "I'd like ", "1) ", "- ", "* ", "ok so ", "train it with ", "yolo11s-seg, "],
        between: &[", ", " ", " and ", "\n- ", " / ", "; ", ", and ", " with ", " | ", ", then ", "\n* ", ". "],
        last: &["", "", "", " please", ".", " thanks", " for now", ", rest as it is", " then", "!"],
        instead: &[
            "{a}, no wait, {n}", "not {a} but {n}", "{a} -> {n}", "{a} is too much, {n} will do", "instead of {a}, {b}", "last time we had {a}, now {b}", "{b}, not {a}", "{a}... no, {n}", "it was {a} before, make it {b}", "{a} ran out of memory so {b}",
            "my colleague uses {a} but I want {b}", "{a} is for somebody else, mine is {b}", "someone told me {a}; I'd rather have {b}", "{a} takes too long, {n}", "drop {a}, use {b}", "we tried {a} and it was hopeless, so {b} this time", "{a} hmm {n} rather", "{a} to {n}",
        ],
        aside: &["I have {} images", "there are {} classes", "it must be done in {} minutes", "we have {} cameras", "it took {} hours last time", "{} people wait for it", "the line makes {} parts an hour", "room {}", "it is {} degrees in here", "I am {} years old", "since {} of us use it", "job {} was fine", "the shop opened {} years ago", "we lost {} boxes", "{} of them are blurry"],
        then: ". ",
    },
    Tongue {
        settings: KOREAN,
        first: &["", "", "", "resnet18로 data/knots 학습하는데 ", "yolo11n, s3://lot/cars, ", "그럼 ", "이번엔 ", "/data/flowers 학습 ", "1) ", "- ", "음 ", "그거 ", "yolo11s-seg로 ", "설정은 "],
        between: &[", ", " ", "하고 ", "\n- ", " / ", "에 ", "이랑 ", " 그리고 ", ". ", "로 하고 ", "으로 두고 "],
        last: &["", "", "", "로 해줘", "으로 부탁해요", " 해 주세요", "요", "이야", "로", " 할게요", "로 바꿔줘", "입니다"],
        instead: &[
            "{a} 아니 {n}으로", "{a} 말고 {n}으로", "{a}은 많고 {n}이면 돼", "지난번엔 {a}였는데 이번엔 {b}", "{a}... 아 메모리 모자라지 {n}로", "{a} 할까 했는데 {n}로", "{a} -> {n}", "{a} 대신 {b}", "{a}은 안 된대 {b}만", "{a}에서 {n}으로", "선배는 {a} 쓰라는데 나는 {b}로", "{a} 음 {n}로 해",
            "{a}으로 돌렸다가 터져서 {b}", "{a}은 너무 길어 {n}", "작년엔 {a}였대요. {b}로 해 주세요", "{a}가 아니라 {n}",
        ],
        aside: &["사진은 {}장 있고요", "클래스는 {}개고", "카메라가 {}대 있어요", "지난번엔 {}시간 걸렸어요", "직원이 {}명인데", "여기 온 지 {}년 됐고", "{}시까지 끝나야 돼요", "{}호기 라인인데", "{}번 작업은 잘 됐고", "{}동 창고인데", "하루에 {}개씩 찍혀요", "그중에 {}장은 흐려요"],
        then: ". ",
    },
];

/// As many as there are, the same each time.
pub fn all(numbers: &Linear) -> Vec<Example> {
    let made = TONGUES.iter().flat_map(|tongue| (0..TURNS).map(move |time| turn(tongue, time)));
    let seen = |(text, spec): (String, Map<String, Value>)| {
        let spec = serde_json::from_value(Value::Object(spec)).expect("values of settings");
        let said = Said { text, intent: Intent::Adjust, spec: Some(spec) };
        examples(numbers, &[said], Some(complete_proposal()))
    };
    made.flat_map(seen).collect()
}

/// One turn, and what it states.
fn turn(tongue: &Tongue, time: usize) -> (String, Map<String, Value>) {
    let mut dice = Dice::of(&format!("{}{time}", tongue.then.len() + tongue.settings[0].said.len()));
    let mut spec = Map::new();
    let mut text = pick(&mut dice, tongue.first).to_owned();
    let between = pick(&mut dice, tongue.between);
    for at in 0..1 + dice.below(4) {
        let setting = &tongue.settings[[0, 0, 1, 1, 2, 2, 3, 4, 5, 6, 7][dice.below(11)]];
        if spec.contains_key(setting.name) {
            continue;
        }
        if at > 0 {
            text += between;
        }
        let value = setting.values[dice.below(setting.values.len())];
        let said = pick(&mut dice, setting.said);
        text += &match dice.below(5) {
            0 => {
                let old = setting.values[dice.below(setting.values.len())];
                let instead = pick(&mut dice, tongue.instead);
                let number = number(&mut dice, value);
                let old = put(&mut dice, said, old);
                let new = put(&mut dice, pick(&mut Dice::of(&text), setting.said), value);
                instead.replace("{a}", &old).replace("{b}", &new).replace("{n}", &number)
            }
            _ => put(&mut dice, said, value),
        };
        let whole = !matches!(setting.name, "learning_rate" | "momentum" | "weight_decay");
        spec.insert(setting.name.to_owned(), if whole { json!(value as i64) } else { json!(value) });
    }
    text += pick(&mut dice, tongue.last);
    if dice.below(4) == 0 {
        let aside = pick(&mut dice, tongue.aside).replace("{}", &(2 + dice.below(60)).to_string());
        text = if dice.below(2) == 0 { aside + tongue.then + &text } else { text + tongue.then + &aside };
    }
    if dice.below(4) == 0 {
        text = noise::typed(&text);
    }
    (text, spec)
}

fn pick(dice: &mut Dice, from: &[&'static str]) -> &'static str {
    from[dice.below(from.len())]
}

fn put(dice: &mut Dice, said: &str, value: f64) -> String {
    said.replace("{}", &number(dice, value))
}

/// A number as it is typed: `0.0003` and `3e-4`.
fn number(dice: &mut Dice, value: f64) -> String {
    if value > 0.0 && value < 0.01 && dice.below(2) == 0 { format!("{value:e}") } else { format!("{value}") }
}
