//! `trainyard certificate`: what a finished training was, signed; and whether such a file holds, without a platform.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::Value;
use trainyard_api::certificate::{Certificate, CertificateKey, Statement, Unsound};
use trainyard_events::chat::Language;

use crate::cli::client::Client;
use crate::cli::print_json;
use crate::language::{language, pick};
use crate::out::line;

/// Prints the certificate of a job, or else the platform's key.
pub(crate) async fn print(client: &Client, job: Option<&str>, json: bool) -> Result<()> {
    let Some(job) = job else {
        let answer = client.get::<CertificateKey>("/v1/certificates/key").await?;
        if json {
            return print_json(&answer.json);
        }
        line(&answer.key);
        return Ok(());
    };
    // A file for programs, whoever reads it.
    print_json(&client.get::<Certificate>(&format!("/v1/jobs/{job}/certificate")).await?.json)
}

/// Says what a file certifies, or why it does not hold.
pub(crate) async fn check(file: &Path, by: Option<&str>, json: bool) -> Result<()> {
    let language = language();
    let (statement, key) = read(file, language).await?;
    if let Some(by) = by.filter(|by| !by.eq_ignore_ascii_case(&key)) {
        bail!(pick(
            language,
            format!("다른 키로 서명한 인증서입니다. 서명한 키는 {key}이고, 지정한 키는 {by}입니다"),
            format!("it is signed with another key: {key}, not {by}"),
        ));
    }
    if json {
        return print_json(&serde_json::json!({ "holds": true, "key": key, "job": statement.job }));
    }
    let Statement { number, job, config, dataset, epochs, weights, attempts, .. } = &statement;
    let model = weights.first().map_or("-", |model| model.sha256.as_str());
    let trainer = attempts.last().and_then(|by| by.trainer.as_deref()).unwrap_or("-");
    let device = attempts.last().map_or("-", |by| by.device.as_str());
    let facts = [
        (pick(language, "작업", "job"), format!("{number} ({job})")),
        (pick(language, "모델", "model"), config.model.clone()),
        (pick(language, "데이터셋", "dataset"), format!("{} ({})", dataset.written, dataset.manifest)),
        (pick(language, "시드", "seed"), config.seed.to_string()),
        (pick(language, "장치", "device"), device.to_owned()),
        (pick(language, "학습기", "trainer"), trainer.to_owned()),
        (pick(language, "에폭", "epochs"), epochs.len().to_string()),
        (pick(language, "가중치", "weights"), model.to_owned()),
        (pick(language, "서명한 키", "signed with"), key),
    ];
    line(pick(language, "인증서가 맞습니다", "the certificate holds"));
    facts.iter().for_each(|(name, value)| line(format!("  {name}: {value}")));
    if by.is_none() {
        line(pick(
            language,
            "이 키가 그 플랫폼의 키인지는 `trainyard certificate --key`로 확인하고 `--by`로 지정하세요",
            "whether that is the platform's key, `trainyard certificate --key` says there; then say --by",
        ));
    }
    Ok(())
}

/// A certificate that holds, and the key that it is signed with.
pub(super) async fn read(file: &Path, language: Language) -> Result<(Statement, String)> {
    let path = file.display();
    let text = tokio::fs::read_to_string(file).await.with_context(|| {
        pick(language, format!("{path} 파일을 읽을 수 없습니다"), format!("{path} cannot be read"))
    })?;
    holds(&text, language).with_context(|| {
        pick(
            language,
            format!("{path}: 맞는 인증서가 아닙니다. `trainyard certificate 작업 > 파일`로 다시 받으세요"),
            format!(
                "{path} is no certificate that holds: take it anew by `trainyard certificate JOB > FILE`"
            ),
        )
    })
}

fn holds(text: &str, language: Language) -> Result<(Statement, String)> {
    let value: Value = serde_json::from_str(text)?;
    // As it is written, so that what this release does not know is signed, too.
    let signed = value["statement"].to_string();
    let Certificate { statement, key, signature } = serde_json::from_value(value)?;
    let (public, signature) = (hex::decode(&key)?, hex::decode(&signature)?);
    UnparsedPublicKey::new(&ED25519, public).verify(signed.as_bytes(), &signature).map_err(|_| {
        anyhow!(pick(
            language,
            "서명이 내용과 맞지 않습니다. 서명한 뒤에 내용이 바뀌었습니다",
            "the signature is not of this content: it was changed after it was signed",
        ))
    })?;
    statement.check().map_err(|unsound| anyhow!(words(&unsound, language)))?;
    Ok((statement, key))
}

fn words(unsound: &Unsound, language: Language) -> String {
    match unsound {
        Unsound::NewerForm { form } => pick(
            language,
            format!("더 새 버전의 인증서입니다(형식 {form}). Trainyard를 업데이트하세요"),
            format!("it is of a newer release (form {form}): upgrade this binary"),
        ),
        Unsound::OtherConfig => pick(
            language,
            "설정이 설정의 해시와 맞지 않습니다".to_owned(),
            "the configuration is not what its hash says".to_owned(),
        ),
        Unsound::BrokenChain { epoch } => pick(
            language,
            format!("{epoch} 에폭에서 측정값의 해시 사슬이 끊깁니다"),
            format!("the chain of measurements breaks at epoch {epoch}"),
        ),
    }
}
