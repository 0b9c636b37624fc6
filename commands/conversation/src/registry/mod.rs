//! Answers about models that people have named: a job's model becomes a version, an alias goes to one or back, and which one
//! answers. Nothing is done to what was not named or is not the only one that can be meant.

mod meant;
mod told;

use trainyard_assistant::{Intent, Interpretation};
use trainyard_events::chat::{Choice, Language};
use trainyard_events::dataset::is_name;
use trainyard_events::model::is_alias;
use trainyard_views::{JobRow, JobStatus, ModelRow, ModelVersion, Named};
use trainyard_words::particle::Particle::{Direction, Object, Subject, Topic};
use trainyard_words::particle::with_particle;

pub(crate) use meant::named;
pub(crate) use told::{compare, show};

use crate::answer::{Act, Answer, Question, told as said};
use crate::choices;
use crate::known::{Known, Need};
use crate::thread::Thread;
use crate::which::{resolved, which};
use crate::words::{self, pick};

/// Names to choose from.
const NAMES: usize = 3;

/// Makes the model of a finished job a version of the model of that name.
pub(crate) fn register(thread: &Thread, turn: &Interpretation, known: &Known) -> Result<Answer, Need> {
    let language = turn.language;
    let job = match which(thread, turn, known)? {
        Ok(job) => job,
        Err(question) => return Ok(question.asked(turn.intent)),
    };
    let say = |text: String| said(text, turn.intent).about(job.id);
    if job.status != JobStatus::Finished {
        let not_yet =
            pick(language, "끝난 작업만 등록할 수 있습니다. ", "Only a finished job can be registered. ");
        return Ok(say(not_yet + &words::status(job, language)));
    }
    let models = known.models()?;
    let Some(name) = &turn.slots.name else {
        return Ok(ask_name(job, models, language).asked(turn.intent).about(job.id));
    };
    if !is_name(name) {
        let bad = pick(
            language,
            format!("{name}: 모델 이름에는 글자, 숫자, -, _, .만 쓸 수 있습니다."),
            format!("{name}: the name of a model has letters, digits, -, _ and . only."),
        );
        return Ok(say(bad));
    }
    let model = models.iter().find(|model| model.name.to_lowercase() == name.to_lowercase());
    let name = model.map_or(name, |model| &model.name);
    let number = job.number;
    let is_of_job = |version: &&ModelVersion| version.card.job == job.id;
    if let Some(version) = model.and_then(|model| model.versions.iter().find(is_of_job)) {
        let number_of = version.number;
        let there = pick(
            language,
            format!(
                "작업 {number}의 모델은 이미 {} 등록되어 있습니다.",
                with_particle(&format!("{name} v{number_of}"), Direction)
            ),
            format!("The model of job {number} is {name} v{number_of}."),
        );
        return Ok(say(there));
    }
    let version = model.and_then(|model| model.versions.last()).map_or(1, |newest| newest.number + 1);
    let first = turn.which.map(|which| resolved(which, job, language)).unwrap_or_default();
    let written = format!("{name} v{version}");
    let text = pick(
        language,
        format!(
            "{first}작업 {number}의 모델({})을 {} 등록했습니다.",
            job.config.model,
            with_particle(&written, Direction)
        ),
        format!("{first}The model of job {number} ({}) is registered as {written}.", job.config.model),
    );
    let next = Choice {
        say: told::sentence(Intent::Promote, name, &[version], "production", language),
        what: pick(language, "운영에서 이 버전이 답합니다", "this version answers in production"),
    };
    let act = Act::Register { job: Box::new(job.clone()), name: name.clone(), version };
    let choices = vec![next];
    Ok(Answer { acts: vec![act], ..say(choices::listed(text, &choices)).offering(choices) })
}

/// What it is to be called: as a model that is there, or after its data.
fn ask_name(job: &JobRow, models: &[ModelRow], language: Language) -> Question {
    let data = job.config.dataset.as_deref().unwrap_or_default();
    let data = data.split('@').next().unwrap_or_default().trim_end_matches('/').rsplit('/').next();
    let fresh = data.unwrap_or_default().to_owned();
    let fresh = Some(fresh).filter(|name| is_name(name) && models.iter().all(|model| model.name != *name));
    let there = models.iter().take(NAMES).map(|model| (model.name.clone(), model.versions.len()));
    let number = job.number;
    let choices: Vec<Choice> = fresh
        .map(|name| (name, 0))
        .into_iter()
        .chain(there)
        .map(|(name, versions)| Choice {
            say: pick(
                language,
                format!(
                    "작업 {} {} 등록해줘",
                    with_particle(&number.to_string(), Object),
                    with_particle(&name, Direction)
                ),
                format!("register job {number} as {name}"),
            ),
            what: match versions {
                0 => pick(language, "새 모델", "a new model"),
                _ => {
                    pick(language, format!("{}번째 버전", versions + 1), format!("version {}", versions + 1))
                }
            },
        })
        .collect();
    let head = pick(
        language,
        format!("작업 {number}의 모델을 어떤 이름으로 등록할까요?"),
        format!("What shall the model of job {number} be called?"),
    );
    Question { text: choices::listed(head, &choices), choices }
}

/// Has an alias name a version.
pub(crate) fn promote(thread: &Thread, turn: &Interpretation, known: &Known) -> Result<Answer, Need> {
    let model = match meant::model(thread, turn, known)? {
        Ok(model) => model,
        Err(question) => return Ok(question.asked(turn.intent)),
    };
    let version = match meant::version(thread, turn, model, known)? {
        Ok(version) => version,
        Err(question) => return Ok(question.asked(turn.intent)),
    };
    let alias: &str = match (&turn.slots.alias, model.aliases.len()) {
        (Some(said), _) => meant::alias(model, said).unwrap_or(said),
        (None, 0) => "production",
        (None, 1) => model.aliases.keys().next().map_or("production", String::as_str),
        (None, _) => return Ok(which_alias(model, version, turn).asked(turn.intent)),
    };
    moved(model, version, alias, turn, known)
}

/// The alias goes to the version, and what it named before is said.
fn moved(
    model: &ModelRow,
    version: &ModelVersion,
    alias: &str,
    turn: &Interpretation,
    known: &Known,
) -> Result<Answer, Need> {
    let (language, name, number) = (turn.language, &model.name, version.number);
    let made = told::made_of(version, known, language)?;
    let say = |text: String| said(text, turn.intent).about(version.card.job);
    let refused = if version.archived {
        Some((
            format!(
                "{} 보관된 버전이라 별칭을 붙일 수 없습니다.",
                with_particle(&format!("{name} v{number}"), Topic)
            ),
            format!("{name} v{number} is archived, so no alias can name it."),
        ))
    } else if !is_alias(alias) {
        Some((
            format!("{} 별칭이 될 수 없습니다.", with_particle(alias, Topic)),
            format!("{alias} cannot be an alias."),
        ))
    } else {
        None
    };
    if let Some((korean, english)) = refused {
        return Ok(say(pick(language, korean, english)));
    }
    let before = model.aliases.get(alias).map(|named| named.version);
    if before == Some(number) {
        let same = pick(
            language,
            format!("{name}의 {} 이미 v{number}입니다({made}).", with_particle(alias, Topic)),
            format!("{alias} of {name} is v{number} already ({made})."),
        );
        return Ok(say(same));
    }
    let (was_korean, was_english) = match before {
        Some(before) => (format!(" 이전 버전은 v{before}입니다."), format!(" Before it was v{before}.")),
        None => (String::new(), String::new()),
    };
    let text = pick(
        language,
        format!("이제 {name}의 {} v{number}입니다({made}).{was_korean}", with_particle(alias, Topic)),
        format!("{alias} of {name} is now v{number} ({made}).{was_english}"),
    );
    let act = Act::Promote { name: name.clone(), alias: alias.to_owned(), version: number };
    let choices: Vec<Choice> = before.map(|before| back(name, alias, before, language)).into_iter().collect();
    Ok(Answer { acts: vec![act], ..say(choices::listed(text, &choices)).offering(choices) })
}

/// How to have the alias go back to where it was.
fn back(name: &str, alias: &str, before: u32, language: Language) -> Choice {
    Choice {
        say: told::sentence(Intent::RollBack, name, &[], alias, language),
        what: pick(
            language,
            format!("다시 {} 답합니다", with_particle(&format!("v{before}"), Subject)),
            format!("v{before} answers again"),
        ),
    }
}

fn which_alias(model: &ModelRow, version: &ModelVersion, turn: &Interpretation) -> Question {
    let language = turn.language;
    let choice = |(alias, named): (&String, &Named)| Choice {
        say: told::sentence(Intent::Promote, &model.name, &[version.number], alias, language),
        what: pick(language, format!("지금은 v{}", named.version), format!("now v{}", named.version)),
    };
    let choices: Vec<Choice> = model.aliases.iter().map(choice).collect();
    let head = pick(language, "어느 별칭으로 할까요?", "Which alias shall name it?");
    Question { text: choices::listed(head, &choices), choices }
}

/// Has an alias name the version that it named before, or the one that is said.
pub(crate) fn roll_back(thread: &Thread, turn: &Interpretation, known: &Known) -> Result<Answer, Need> {
    let language = turn.language;
    let model = match meant::model(thread, turn, known)? {
        Ok(model) => model,
        Err(question) => return Ok(question.asked(turn.intent)),
    };
    let name = &model.name;
    let moved_once = || model.aliases.iter().filter(|(_, named)| named.former.is_some());
    let alias: &str = match &turn.slots.alias {
        Some(said) => match meant::alias(model, said) {
            Some(alias) => alias,
            None => return Ok(said_of(meant::no_such_alias(model, said, language), turn)),
        },
        None => match moved_once().map(|(alias, _)| alias).collect::<Vec<_>>()[..] {
            [only] => only,
            [] => {
                let none = pick(
                    language,
                    format!("{name}에는 되돌릴 별칭이 없습니다."),
                    format!("No alias of {name} has been moved, so there is nothing to roll back."),
                );
                return Ok(said_of(none, turn));
            }
            _ => {
                let choices: Vec<Choice> = moved_once()
                    .map(|(alias, named)| back(name, alias, named.former.unwrap_or_default(), language))
                    .collect();
                let head = pick(language, "어느 별칭을 되돌릴까요?", "Which alias shall go back?");
                return Ok(Question { text: choices::listed(head, &choices), choices }.asked(turn.intent));
            }
        },
    };
    if !turn.slots.versions.is_empty() {
        // Back to one that is named is there as any other; of several, which is asked.
        return match meant::version(thread, turn, model, known)? {
            Ok(version) => moved(model, version, alias, turn, known),
            Err(question) => Ok(question.asked(turn.intent)),
        };
    }
    let now = &model.aliases[alias];
    let Some(version) = now.former.and_then(|former| model.version(former)) else {
        let none = pick(
            language,
            format!(
                "{name}의 {} v{}에서 시작해서 되돌릴 이전 버전이 없습니다.",
                with_particle(alias, Topic),
                now.version
            ),
            format!("{alias} of {name} has named no version before v{}.", now.version),
        );
        return Ok(said_of(none, turn));
    };
    let (former, current, made) = (version.number, now.version, told::made_of(version, known, language)?);
    let text = pick(
        language,
        format!(
            "{name}의 {} v{current}에서 {} 되돌렸습니다({made}).",
            with_particle(alias, Object),
            with_particle(&format!("v{former}"), Direction)
        ),
        format!("{alias} of {name} went back from v{current} to v{former} ({made})."),
    );
    let act = Act::RollBack { name: name.clone(), alias: alias.to_owned() };
    Ok(Answer { acts: vec![act], ..said_of(text, turn).about(version.card.job) })
}

fn said_of(text: String, turn: &Interpretation) -> Answer {
    said(text, turn.intent)
}

/// "Deploy trees", where trees is no job but a model that people have named: which version, as a choice.
pub(crate) fn meant_for_deploy(turn: &Interpretation, known: &Known) -> Result<Option<Answer>, Need> {
    let Some(named) = turn.slots.job.as_ref().filter(|job| job.parse::<u64>().is_err()) else {
        return Ok(None);
    };
    if known.job(named)?.is_some() {
        return Ok(None);
    }
    let is_called = |model: &&ModelRow| model.name.to_lowercase() == named.to_lowercase();
    let Some(model) = known.models()?.iter().find(is_called) else { return Ok(None) };
    let turn = Interpretation { intent: Intent::Promote, ..turn.clone() };
    let head = pick(
        turn.language,
        format!("{} 등록된 모델입니다. 이 버전을 운영에 올릴까요?", with_particle(named, Topic)),
        format!("{named} is a registered model. Shall this version answer in production?"),
    );
    let question = meant::question(head, &turn, std::slice::from_ref(model));
    Ok(Some(question.asked(Intent::Deploy)))
}
