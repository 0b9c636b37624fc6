//! For every refusal, whoever words its next step: no route of HTTP reaches a terminal.

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error;
use trainyard_api::error::{Crowd, Excess, What};
use trainyard_api::{Code, Problem};
use trainyard_events::chat::Language;
use trainyard_events::job::Status;
use trainyard_events::reason::Rejection;
use trainyard_events::tenant::Role;

use super::way_on;

const URL: &str = "http://here:7700";
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

fn read(name: &str) -> Result<Code, Error> {
    Code::deserialize(name.into_deserializer())
}

/// All that there are, as whoever asks for one that is not there is told them.
fn codes() -> Vec<Code> {
    let refused = read("?").expect_err("no code has this name").to_string();
    let names = refused.split('`').skip(3).step_by(2);
    names.map(|name| read(name).expect("one of those that are expected")).collect()
}

/// What is told for `code`: our words, or the gateway's for each problem that has it.
fn told(code: Code, language: Language) -> Vec<String> {
    match way_on(code, URL, language) {
        Some(ours) => vec![ours],
        None => left_to_the_gateway(code).iter().map(|problem| problem.said(language).next_step).collect(),
    }
}

#[test]
fn every_code_has_a_next_step_and_none_of_them_names_a_route() {
    let codes = codes();
    assert!(codes.len() > 50, "{codes:?}");
    for code in codes {
        for language in [Language::English, Language::Korean] {
            let told = told(code, language);
            assert!(!told.is_empty(), "{code:?}: nothing is said");
            for said in told {
                let route = METHODS.iter().find(|method| said.contains(&format!("{method} /")));
                assert!(!said.is_empty() && route.is_none(), "{code:?}: {said}");
                assert!(!said.contains("openapi.json"), "{code:?}: {said}");
            }
        }
    }
}

#[test]
fn problems_are_listed_under_their_own_codes() {
    for code in codes() {
        for problem in left_to_the_gateway(code) {
            assert_eq!(problem.code(), code, "{problem:?}");
        }
    }
}

#[test]
fn what_is_away_is_named_where_it_can_be_looked_at() {
    for language in [Language::English, Language::Korean] {
        assert!(way_on(Code::Unavailable, URL, language).unwrap().contains("http://here:7700/readyz"));
    }
}

/// The problems with `code`, where their next steps are right on a terminal as the gateway says them.
fn left_to_the_gateway(code: Code) -> Vec<Problem> {
    let text = || "x".to_owned();
    let by_rule = |rejection| vec![Problem::Refused { rejection }];
    match code {
        Code::TokenExpired => vec![Problem::TokenExpired],
        Code::Forbidden => vec![Problem::NeedsRole { role: Role::Admin }],
        Code::LoginRefused => by_rule(Rejection::MemberRemoved),
        Code::NoGroup => vec![Problem::NoGroup { name: text() }],
        Code::OtherOrigin => vec![Problem::OtherOrigin],
        Code::TooManyRequests => {
            vec![Problem::TooMany { excess: Excess::Token, wait_ms: 1, per_second: 1 }]
        }
        Code::TooManyConnections => vec![Problem::TooManyConnections { most: 1 }],
        Code::TooManySockets => vec![Problem::TooManySockets { crowd: Crowd::Token, most: 1 }],
        Code::NotFound => {
            let all = [What::Chat, What::Job, What::Dataset, What::Artifact, What::Model, What::Token];
            let mut problems = all.map(|what| Problem::NotFound { what }).to_vec();
            problems.extend([What::NamedModel, What::Tenant].map(|what| Problem::NotFound { what }));
            problems.push(Problem::NotQuarantined);
            problems.push(Problem::NoSuchReference { reference: text() });
            problems.extend(by_rule(Rejection::NoSuchTag { tag: text() }));
            problems
        }
        Code::ArtifactGone => vec![Problem::ArtifactGone { key: text() }],
        Code::TooLarge => vec![
            Problem::BodyTooLarge { bytes_max: 1 },
            Problem::ImageTooLarge { bytes_max: 1 },
            Problem::Refused { rejection: Rejection::TooLarge { bytes: 2, limit: 1 } },
        ],
        Code::TooSlow => vec![Problem::TooSlow { bytes_per_second: 1024 }],
        Code::PromptEmpty => by_rule(Rejection::PromptEmpty),
        Code::PromptTooLong => by_rule(Rejection::PromptTooLong { characters: 9 }),
        Code::PromptUnreadable => by_rule(Rejection::PromptUnreadable { character: 7 }),
        Code::ProposalIncomplete => by_rule(Rejection::ProposalIncomplete { missing: vec![text()] }),
        Code::BadPath => by_rule(Rejection::BadPath),
        Code::BadModelName => [Rejection::BadModelName, Rejection::BadAlias].map(by_rule).concat(),
        Code::BadTag => by_rule(Rejection::BadTag),
        Code::BadAnnotation => by_rule(Rejection::BadTitle),
        Code::DatasetInUse => vec![Problem::DatasetInUse { jobs: vec![1] }],
        Code::DatasetBytesUsedUp => vec![Problem::DatasetBytes { used: 1, asked: None, limit: 1 }],
        Code::BadHook => by_rule(Rejection::BadHookAddress),
        Code::BadTokenName => by_rule(Rejection::BadTokenName),
        Code::TokenNameTaken => by_rule(Rejection::TokenNameTaken),
        Code::IdempotencyKeyReused => vec![Problem::KeyTaken],
        Code::Refused => by_rule(Rejection::MovedOn),
        Code::NoOpenProposal => by_rule(Rejection::NoOpenProposal),
        Code::ProposalOvertaken => by_rule(Rejection::ProposalOvertaken),
        Code::AlreadyApproved => vec![Problem::AlreadyApproved],
        Code::AlreadySo => vec![Problem::AlreadySo],
        Code::JobAlreadyEnded => by_rule(Rejection::JobAlreadyEnded { status: Status::Failed }),
        Code::Quarantined => vec![Problem::Quarantined { sequence: 1, reason: text() }],
        Code::TimedOut => vec![Problem::TimedOut { seconds: 1 }],
        Code::NoWorker => vec![Problem::NoWorker],
        Code::NoPredictor => vec![Problem::NoPredictor],
        Code::PredictorBusy => vec![Problem::PredictorBusy { detail: text() }],
        Code::PredictorTimedOut => vec![Problem::PredictorTimedOut],
        Code::BadModel => vec![Problem::BadModel { detail: text() }],
        Code::Internal => vec![Problem::NewerViews, Problem::Internal { detail: text() }],
        Code::FrameTooLarge => vec![Problem::FrameTooLarge { bytes_max: 1 }],
        Code::TooManyTopics => vec![Problem::TooManyTopics { most: 1 }],
        // Ours.
        Code::Unauthorized
        | Code::NoSuchRoute
        | Code::NoSuchMethod
        | Code::NoSuchModelVersion
        | Code::EndpointInUse
        | Code::CheckpointGone
        | Code::BadRequest
        | Code::NoImage
        | Code::BadImage
        | Code::BadConfig
        | Code::ExpiresInThePast
        | Code::ModelNotTrainable
        | Code::ProposalChanged
        | Code::AlreadyIssued
        | Code::JobStillRuns
        | Code::JobFinished
        | Code::JobNotFinished
        | Code::NoCheckpoint
        | Code::NotDeployed
        | Code::DatasetArchived
        | Code::DatasetPending
        | Code::Unavailable
        | Code::ViewsBehind
        | Code::BadFrame
        | Code::UnknownTopic => Vec::new(),
    }
}
