//! `trainyard prices show`, `set` and `remove`.

use anyhow::Result;
use trainyard_api::costs::{NewPrice, Prices};
use trainyard_api::page::Changed;
use trainyard_events::Price;
use trainyard_events::chat::Language;
use trainyard_events::price::MILLIONTHS;
use trainyard_words::money;

use crate::args::PriceAction;
use crate::cli::client::{Answer, Client};
use crate::cli::{print_json, table};
use crate::language::pick;
use crate::out::line;

pub(crate) async fn run(client: &Client, action: PriceAction, json: bool) -> Result<()> {
    let path = "/v1/prices";
    let new = match action {
        PriceAction::Show => None,
        PriceAction::Set { pool, hour, currency, devices } => {
            let priced =
                |(name, hour): (String, f64)| -> Result<(String, u64)> { Ok((name, millionths(hour)?)) };
            let devices = devices.into_iter().map(priced).collect::<Result<_>>()?;
            Some(NewPrice { pool, price: Some(Price { currency, hour: millionths(hour)?, devices }) })
        }
        PriceAction::Remove { pool } => Some(NewPrice { pool, price: None }),
    };
    let answer: Answer<Prices> = match new {
        None => client.get(path).await?,
        Some(new) => {
            let set: Answer<Changed> = client.put(path, &new).await?;
            // Without a sequence it was so already.
            client.get(&format!("{path}?wait_for={}", set.sequence.unwrap_or(0))).await?
        }
    };
    if json {
        return print_json(&answer.json);
    }
    show(&answer, client.language);
    Ok(())
}

fn show(Prices { prices }: &Prices, language: Language) {
    if prices.is_empty() {
        return line(pick(
            language,
            "가격이 없습니다. 이렇게 정하세요: trainyard prices set gpu 3200",
            "there are no prices; set one with: trainyard prices set gpu 3200",
        ));
    }
    let mut rows = Vec::new();
    for (pool, price) in prices {
        rows.push(vec![pool.to_string(), String::new(), money(price.hour, &price.currency)]);
        let of_device = |(name, hour): (&String, &u64)| {
            vec![pool.to_string(), name.clone(), money(*hour, &price.currency)]
        };
        rows.extend(price.devices.iter().map(of_device));
    }
    table::print(&pick(language, ["풀", "장치", "시간당"], ["pool", "device", "an hour"]), &rows);
}

fn millionths(units: f64) -> Result<u64> {
    let fits = units.is_finite() && (0.0..=1e9).contains(&units);
    anyhow::ensure!(fits, "a price is a number from 0 on: {units} is none");
    Ok((units * MILLIONTHS as f64).round() as u64)
}
