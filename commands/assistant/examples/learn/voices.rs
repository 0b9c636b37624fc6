//! Turns made from frames, for what the sets have little of: models by their names and versions, assent and refusal in other
//! words than everybody's, dictation, slang. Apart from the sets, so that nothing is measured on them.

use trainyard_assistant::Intent;
use trainyard_assistant::reader::{Example, Said, complete_proposal, examples};

use crate::noise::{self, Dice};

/// How often a frame with something to fill in is filled.
const FILLED: usize = 3;

#[rustfmt::skip]
const NAMES: [&str; 20] = [
    "tree-detector", "line3", "weld_b", "pcb-defect", "orchard", "불량검출기", "cap-check", "lane2-seg", "hive", "용접판독", "moss_cls", "drone-roof", "강판검사",
    "egg-grade", "shoe_v", "tile", "deer-cam", "병뚜껑", "gate7", "paint-run",
];
#[rustfmt::skip]
const ALIASES: [&str; 10] =
    ["production", "prod", "staging", "champion", "운영", "스테이징", "챔피언", "canary", "프로덕션", "challenger"];
#[rustfmt::skip]
const DATA: [&str; 8] = ["hive_2024", "gate-cam3", "/data/moss", "weld_photos", "s3://shop/tiles", "pear-set", "D:\\img\\caps", "roof_kr2"];

/// What a turn is for, whether it is said beside an open proposal, and how it may be put.
#[rustfmt::skip]
const FRAMES: &[(Intent, bool, &[&str])] = &[
    (Intent::Promote, false, &[
        "{N} v{V}를 {A}에 올려 주세요", "{N} {V}번 버전 {A}으로 보내", "{A}을 {N} {V}로 바꿔", "{A}에 {N} v{V} 반영해 줘", "{N} 최신 버전 {A}으로 승격", "v{V} {A} 지정",
        "방금 등록한 거 {A}로 지정해 주실래요", "방금 만든 버전을 {A}에 배치해 주십시오", "{N} v{V} 말고 v{J}를 {A}로", "{A}는 이제 v{V}로 가자", "버전 {V} {A} 걸어", "{A} 교체 {N} v{V}",
        "promote {N} v{V} to {A}", "make {N} {V} the {A}", "put v{V} of {N} in {A}", "{N} v{V} -> {A}", "let's move {A} over to {N} version {V}", "ship {N} {V} to {A}",
        "{A} should be {N} v{V}, switch it", "set {A} = {N}@{V}", "please have {A} answer with version {V} of {N}", "stick {N} v{V} in {A} wouldja", "그 새 버전 {A}에 꽂아", "i'd like version {V} of {N} to be our {A} from now on",
        "현장에서 괜찮다고 하니까 {N} {V} 버전을 {A}으로 올립시다", "field team signed off, so move {N} v{V} to {A}", "tag v{V} as {A}", "{N} v{V} {A} 승격 부탁드립니다", "버전 {V}을 {A}로 등극시켜",
    ]),
    (Intent::RollBack, false, &[
        "{N} {A} 이전 버전으로 되돌려 줘", "{A} 롤백", "{N} 롤백해", "{A}을 v{V}로 되돌려 주십시오", "큰일 났다 {A} 직전 걸로 되돌려", "에러 난리다 {A} 롤백 좀", "{N} {A} {V}번으로 원복", "{A} 원래 버전으로 복구해 주세요",
        "roll {A} back", "roll {N} {A} back", "roll {N} back", "roll back {N} in {A}", "revert {A} to v{V}", "put the previous {N} back in {A}", "{A} is broken, roll it back", "ugh everything's failing, roll {A} back now",
        "{N}: back to version {V}", "restore the old {A} of {N}", "latency doubled after the switch so revert {N}", "undo the promotion of {N}", "{A} 되돌리라 얼른", "방금 올린 거 오탐이 쏟아져서 {A}을 전 버전으로 돌려놔야겠어요",
        "어제 승격한 거 취소하고 {A} 이전 버전으로", "go back to v{V} in {A}", "bring back {N} {V}", "{N} 옛날 버전으로 되돌려놔",
    ]),
    (Intent::RegisterModel, false, &[
        "작업 {J} 모델 {N}로 등록", "{J}번 결과 {N}라는 이름으로 등록해 줘", "이거 {N}으로 등록", "그 모델 {N}이라고 저장해 주세요", "{N}에 새 버전으로 넣어 줘 작업 {J}", "방금 끝난 거 {N}로 남겨 둬",
        "register job {J} as {N}", "save job {J} under the name {N}", "add job {J} to {N} as a new version", "call it {N} and register it", "register this one, name {N}", "put job {J} in the registry as {N}",
        "would you kindly register job {J} under {N}", "register the model from job {J}", "job {J} register 해줘 name은 {N}", "{J}번 모델 이름 {N}, 등록 부탁", "꽤 잘 나왔네요 이 모델은 {N}이라는 이름으로 등록해 둡시다",
    ]),
    (Intent::ShowVersions, false, &[
        "{N} 버전 몇 개 있어", "{N}은 버전이 몇 개야?", "{A}에 지금 뭐 있어", "{A} 몇 버전이지", "{N} {A}가 어느 버전이에요", "{N} 버전 목록", "지금 {N} {A}에 걸린 게 몇 번이야", "등록된 모델들 뭐 있어",
        "which version of {N} is in {A}", "what's {A} pointing at", "how many versions does {N} have", "list versions of {N}", "what is live for {N}", "show me the registered models", "{N} versions?", "who's {A} right now",
        "{N} 이력 보여줘", "{A}은 지금 뭐 가리켜", "which {N} is serving", "{N} {A}이 시방 몇 번이당가", "is v{V} of {N} in {A} or not",
    ]),
    (Intent::CompareVersions, false, &[
        "{N} v{V}랑 v{J} 비교", "{N} v{V} v{J} 뭐가 나아", "compare {N} v{V} and v{J}", "{N} v{V} vs v{J}", "{N} versions {V} and {J} side by side", "버전 {V}하고 {J} 차이", "{N} v{V} v{J} 나란히 놓고 보자",
        "v{V}이랑 v{J} 중에 어느 게 더 좋아요", "how does v{V} of {N} differ from v{J}", "{N} 최근 두 버전 비교해 줘", "is {N} v{V} better than v{J}",
    ]),
    (Intent::Help, false, &[
        "{N} v{V}를 {A}에 올리면 지금 거는 어떻게 돼요?", "롤백하면 데이터도 날아가?", "what does promoting {N} do", "is it safe to roll {A} back", "등록하면 뭐가 좋아요?", "how do aliases work",
    ]),
    (Intent::Unknown, false, &[
        "{N} 승격은 아직 하지 마", "don't touch {A}", "{A} 롤백하지 말고 기다려", "팀장님이 {N} v{V} {A}에 올렸다던데", "we rolled {N} back last week", "maybe promote {N} v{V} some day", "승격 여부는 회의에서 정합시다",
        "someone said {A} should be v{V}", "i was going to promote {N} but no", "{N}을 롤백했어야 했나", "not promoting anything today",
    ]),
    (Intent::Approve, true, &[
        "제출", "제출해", "그걸로 하세요", "예 그걸로 하세요", "네 좋아요 그렇게 하세요", "오야 그래 해라", "그래 그라모 해라", "하이소", "하쇼잉", "그려 혀", "그라제 돌려부러", "마 돌리라", "돌려유 그냥", "고고 가자", "오케이 진행 부탁합니다", "그대로 시작하시면 됩니다",
        "이견 없습니다 진행하세요", "승인합니다 시작하십시오", "그대로 학습 돌리세요", "문제없네요 시작하죠", "좋습니다 학습 시작해 주십시오", "ㅇㅋ 시작", "ㅇㅇ 시작", "ㄱㄱ 돌려", "바로 고", "콜 시작",
        "well go on then", "go on then", "aye go for it", "aye get it going", "yep crack on", "righto start it", "fire away", "yes do the needful and start", "kindly proceed", "please go ahead and begin the training", "submit", "submit it", "k go", "yup run it",
        "sounds good start training", "all good from my side, start", "no changes, run it", "that'll do, kick it off", "let her rip", "perfect, begin", "approved, please start", "ok ok start already", "yeah that one, start", "looks right to me so go ahead",
        "y start it", "do it pls", "alright let's train", "come on then, start", "start the damn thing", "we're good, launch",
    ]),
    (Intent::Reject, true, &[
        "됐다 마 치아라", "안 할란다", "안 할라요", "고만두쇼", "그만둬유", "그거 취소혀", "이건 없던 걸로 하십시오", "접읍시다", "이 설정은 폐기해 주세요", "놔둬 안 해", "nah bin it", "scrap that plan", "forget this one", "nope, drop the proposal",
        "dinnae bother, scrap it", "actually don't, cancel the proposal", "kindly discard this", "not this, throw it away", "leave it, cancel", "제안 취소", "이거 말고 그냥 취소",
    ]),
    (Intent::Cancel, false, &[
        "작업 {J} 꺼 줘유", "{J}번 고마 세아라", "{J}번 멈춰부러", "{J}번 인자 그만 돌려도 되겄슈 꺼줘유", "job {J} stop please it's wasting power", "hey can you um stop job {J}", "k stop it", "stop it", "kill it", "그거 꺼", "그거 멈춰", "stop job {J} for me would ya",
        "please could you cancel job {J}", "job {J} is hogging the gpu, kill it", "{J} 죽여", "{J}번 작업 중단 바랍니다", "cancel {J} pls", "전기세 아까우니까 {J}번 꺼 주세요", "turn job {J} off", "halt {J}",
    ]),
    (Intent::Resume, false, &[
        "{J}번 다시 이어서 돌려유", "{J}번 마저 돌리라", "pick job {J} back up", "carry on with job {J}", "resume {J} please", "job {J} again from where it died", "끊긴 {J}번 이어서 해 주세요", "{J} 재개 부탁", "get job {J} going again", "아까 멈춘 거 계속 돌려",
    ]),
    (Intent::Deploy, false, &[
        "{J}번 배포해 주이소", "{J}번 모델 서비스에 올려 주세요", "deploy job {J}", "serve job {J} please", "put job {J} behind an endpoint", "{J}번 엔드포인트로 내보내", "get job {J} live", "그 모델 배포 부탁드립니다", "deploy it for me",
    ]),
    (Intent::Status, false, &[
        "{J}번 시방 워디까지 갔당가", "{J}번 우째 되고 있노", "{J}번 언제 끝난대유", "{J} 다 됐나", "아직 멀었나", "얼마 남았능교", "gonnae tell us how job {J} is gettin on", "u done w job {J} yet", "u done yet", "is {J} done yet lol", "hows it goin", "how's {J} looking",
        "job {J} where are we", "what's left on {J}", "um how far along is job {J}", "job {J} eta", "{J}번 몇 퍼센트", "진척 어떻습니까", "is it nearly there", "are we there yet", "{J} progress pls", "{J}번 아즉도 도나", "how long more for job {J}",
    ]),
    (Intent::Results, false, &[
        "{J}번 성적 우째 나왔노", "{J}번 결과 워뗘", "{J} 점수", "uh how did job {J} turn out", "how'd {J} do", "job {J} any good?", "what score did {J} get", "{J}번 정확도 얼마 나왔어유", "show us what job {J} got", "{J}번 결과가 어떻게 나왔는지 좀 알려 줄래", "what'd we get on {J}",
    ]),
    (Intent::Explain, false, &[
        "겁나게 느리구만잉 뭣 땜시 이런다냐", "와 이리 느리노", "왜 이렇게 느린 겨", "{J}번 와 죽었노", "{J}번 왜 터졌대유", "{J}번 뭣이 문제여", "how come job {J} fell over", "what killed {J}", "why's it so slow", "it's crawling, what gives", "what went wrong wi job {J}", "why's it still sittin in the queue",
        "job {J} bombed, why", "왜 안 돌아가고 있어요", "대기만 하네 왜 그래", "속도가 왜 이 모양이야", "{J}번 실패 사유 좀 알려 주십시오", "why hasn't it started",
    ]),
    (Intent::Dataset, true, &[
        "사진은 {D} 거기 있다 카더라", "사진은 {D}에 모아놨어요", "자료는 {D}입니다", "데이터 {D}", "{D} 쓰면 돼유", "{D}에 다 넣어놨당께", "the pictures are in {D}", "its in {D}", "they're under {D}", "data lives in {D}", "use {D} for it", "that'd be {D}", "{D} it is", "폴더는 {D}예요", "이미지는 {D} 폴더",
        "dataset is {D}", "{D} 데이터셋으로요", "uh the folder is {D}",
    ]),
    (Intent::Adjust, true, &[
        "에폭 백으로 하이소", "배치는 고마 여덟로", "에폭을 쪼까 늘려 {J}로", "learning rate one e minus three", "make the epochs sixty", "could it go over the pictures sixty times to be safe", "batch of sixteen please", "image size six forty", "이미지 사이즈 식스 포티로", "에폭은 포티로",
        "add goats too", "dogs as well", "클래스에 염소도 넣어", "actually a third of that", "half the batch", "patience {J}도 추가요", "에폭만 {J}으로", "배치 {J}로 낮춰유", "학습률 점 영 영 일로", "gpu로 돌려유",
    ]),
    (Intent::Undo, true, &[
        "아까 거로 되돌려", "배치는 원래대로", "에폭은 다시 아까처럼", "방금 바꾼 거 무르자", "put the batch back how it was", "undo that last bit", "revert the epochs", "원래대로 해놔유", "바꾸기 전으로",
    ]),
    (Intent::Unknown, true, &[
        "너는 이거 지금 돌리는 게 맞다고 보냐?", "do you reckon we should start now", "니 생각은 어떻노", "밥은 묵었나", "수고했데이", "고생 많았슈", "ta very much", "cheers pal", "och whatever", "음 잠시만 생각 좀", "hold yer horses", "not yet", "아직 하지 마라", "내일 돌리자", "let me ask my boss first",
        "시작할지 말지 고민이네", "팀장님 승인 나면 시작하려고요", "start what?", "go on, tell me a joke", "would be nice to start soon", "누가 승인했어", "저번에는 그냥 돌렸었는데",
    ]),
];

/// Every frame as often as it has something to fill in, and once more as somebody else would have typed it.
pub fn all() -> Vec<Example> {
    let mut made = Vec::new();
    for (intent, open, frames) in FRAMES {
        for frame in *frames {
            let times = if frame.contains('{') { FILLED } else { 1 };
            for text in (0..times).map(|time| filled(frame, time)) {
                for text in [noise::typed(&text), text] {
                    made.extend(examples(&[Said { text, intent: *intent }], open.then(complete_proposal)));
                }
            }
        }
    }
    made
}

/// The frame with a name, a number or a place for each of its gaps.
fn filled(frame: &str, time: usize) -> String {
    let mut dice = Dice::of(&format!("{frame}{time}"));
    let gaps: [(&str, &[&str]); 3] = [("{N}", &NAMES), ("{A}", &ALIASES), ("{D}", &DATA)];
    let mut text = frame.to_owned();
    for (gap, words) in gaps {
        text = text.replace(gap, words[dice.below(words.len())]);
    }
    let numbers = [("{V}", 1 + dice.below(9)), ("{J}", 2 + dice.below(60))];
    numbers.iter().fold(text, |text, (gap, number)| text.replace(gap, &number.to_string()))
}
