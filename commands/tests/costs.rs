//! Time costs what was in force when it was dispatched, caps stop a training, and a budget holds for its month.

mod given;

use std::time::Duration;

use given::log::{Log, acme, machine, worker};
use given::{report_epoch, training_started};
use time::macros::datetime;
use trainyard_commands::job::Status;
use trainyard_commands::tenant::TenantCommand;
use trainyard_commands::{Command, Rejection};
use trainyard_events::config::{Device, Priority};
use trainyard_events::fleet::Pool;
use trainyard_events::job::JobEvent;
use trainyard_events::price::{MILLIONTHS, Taken};
use trainyard_events::reason::{Ending, Reason};
use trainyard_events::{Aggregate, Event, Month, Price, Resources, TenantEvent, TrainingConfig};

const HOUR: Duration = Duration::from_secs(3_600);

fn price(hour: u64, currency: &str) -> Price {
    let devices = [("H200".to_owned(), 9_000 * MILLIONTHS)].into();
    Price { currency: currency.to_owned(), hour: hour * MILLIONTHS, devices }
}

/// Under an id of its own.
fn ask(log: &mut Log, command: TenantCommand) -> Result<(), Rejection> {
    let id = log.events.len() as u128;
    log.tell(id, Aggregate::Tenant(acme()), Command::Tenant(command))
}

fn set_price(log: &mut Log, hour: u64) {
    let price = Some(price(hour, "KRW"));
    ask(log, TenantCommand::SetPrice { pool: Pool::Cpu, price }).expect("a price may be set");
}

fn set_budget(log: &mut Log, month_budget: Option<u64>) {
    let quota =
        TenantCommand::SetQuota { concurrent_jobs: None, gpu_hours: None, dataset_bytes: None, month_budget };
    ask(log, quota).expect("a budget may be set");
}

/// A tenant whose CPUs cost 3,600 an hour, which is one a second.
fn priced() -> Log {
    let mut log = Log::default();
    log.good_dataset();
    ask(&mut log, TenantCommand::Create).expect("a tenant may be");
    set_price(&mut log, 3_600);
    log
}

fn capped(log: &mut Log, id: u128, max_cost: Option<f64>, max_hours: Option<f64>) {
    log.request_for(id, TrainingConfig { device: Device::Cpu, max_cost, max_hours, ..given::config() });
}

fn reasons(log: &Log) -> Vec<Reason> {
    let wish = |event: &Event| match event {
        Event::Job(JobEvent::CancelRequested { because, .. }) => Some(because.clone()),
        _ => None,
    };
    log.events.iter().filter_map(|recorded| wish(&recorded.envelope.event)).flatten().collect()
}

fn spent(log: &mut Log, id: u128) -> Taken {
    let key = (acme(), uuid::Uuid::from_u128(id));
    let open = &log.world().jobs[&key];
    open.spending.until(open.newest_at)
}

#[test]
fn an_attempt_costs_what_was_in_force_when_it_was_dispatched() {
    let mut log = priced();
    let fleet = [worker(Pool::Cpu, 1)];
    log.request(1, Priority::Normal, Device::Cpu);
    log.wait(Duration::ZERO, &fleet);
    let token = log.start(1, "w").unwrap();
    log.sleep(Duration::from_secs(10));
    set_price(&mut log, 7_200);
    log.sleep(Duration::from_secs(10));
    log.job(1, JobEvent::AttemptLost { token });
    assert_eq!(spent(&mut log, 1), Taken { held_ms: 20_000, cost: 20 * MILLIONTHS });
    log.wait(Duration::from_secs(60), &fleet);
    let token = log.start(1, "w").unwrap();
    log.sleep(Duration::from_secs(5));
    // One whose token is not current holds no lease, and ends none.
    log.job(1, JobEvent::AttemptLost { token: token - 1 });
    log.job(1, training_started(token));
    assert_eq!(spent(&mut log, 1), Taken { held_ms: 25_000, cost: 30 * MILLIONTHS });
    let mut on_gpu = training_started(token);
    if let JobEvent::TrainingStarted { device, .. } = &mut on_gpu {
        *device = "cuda:0 (NVIDIA H200)".to_owned();
    }
    log.job(1, on_gpu);
    assert_eq!(spent(&mut log, 1).cost, 20 * MILLIONTHS + 9_000 * MILLIONTHS * 5 / 3_600);
}

#[test]
fn each_gpu_costs() {
    let one = price(100, "KRW");
    let all = one.of_gpus(4);
    assert_eq!((all.of(None), all.of(Some("NVIDIA H200"))), (400 * MILLIONTHS, 36_000 * MILLIONTHS));
    assert_eq!((one.of_gpus(0), one.of_gpus(1)), (one.clone(), one));
    let mut log = priced();
    let per_gpu = Some(price(100, "KRW"));
    ask(&mut log, TenantCommand::SetPrice { pool: Pool::Gpu, price: per_gpu }).expect("a price may be set");
    let resources = Some(Box::new(Resources { gpus: Some(4), ..Resources::default() }));
    log.request_for(1, TrainingConfig { resources, ..given::config() });
    log.wait(Duration::ZERO, &[machine("g", "H100", 4)]);
    let token = log.start(1, "g").unwrap();
    log.sleep(HOUR);
    log.job(1, JobEvent::AttemptLost { token });
    assert_eq!(spent(&mut log, 1).cost, 400 * MILLIONTHS);
}

#[test]
fn a_cap_stops_a_training_by_its_facts_and_the_time_since() {
    for (max_cost, max_hours) in [(Some(7_200.0), None), (None, Some(2.0)), (Some(7_200.0), Some(5.0))] {
        let mut log = priced();
        let fleet = [worker(Pool::Cpu, 2)];
        capped(&mut log, 1, max_cost, max_hours);
        capped(&mut log, 2, None, None);
        log.wait(Duration::ZERO, &fleet);
        let tokens = [1, 2].map(|id| log.start(id, "w").unwrap());
        log.job(1, training_started(tokens[0]));
        log.job(2, training_started(tokens[1]));
        log.wait(HOUR, &fleet);
        log.job(1, report_epoch(tokens[0], 1));
        log.wait(HOUR - Duration::from_secs(1), &fleet);
        assert_eq!(reasons(&log), [], "it may take a second more");
        // A dispatcher that knows nothing but the log still counts the first hour, whatever it slept.
        log.outage();
        log.wait(HOUR, &fleet);
        let ending = match max_hours.filter(|_| max_cost.is_none()) {
            Some(max_hours) => Ending::HoursCapReached { max_hours },
            None => Ending::CostCapReached { max_cost: 7_200.0, currency: "KRW".to_owned() },
        };
        assert_eq!(reasons(&log), [ending.into()]);
        log.job(1, JobEvent::Cancelled { token: Some(tokens[0]), console: None });
        log.wait(HOUR, &fleet);
        assert_eq!((log.state_of(1).status, log.state_of(2).status), (Status::Cancelled, Status::Training));
    }
}

#[test]
fn one_that_has_taken_all_it_may_does_not_begin_again() {
    let mut log = priced();
    let fleet = [worker(Pool::Cpu, 1)];
    capped(&mut log, 1, None, Some(1.0));
    log.wait(Duration::ZERO, &fleet);
    let token = log.start(1, "w").unwrap();
    log.sleep(HOUR);
    log.job(1, JobEvent::AttemptLost { token });
    log.wait(HOUR, &fleet);
    assert_eq!(reasons(&log), [Ending::HoursCapReached { max_hours: 1.0 }.into()]);
    assert_eq!(log.state_of(1).status, Status::Cancelled);
    assert_eq!(log.state_of(1).attempts, 1);
}

#[test]
fn a_budget_holds_jobs_back_until_its_month_is_over_and_is_told_once() {
    let mut log = priced();
    log.at = datetime!(2026-11-30 14:30 UTC);
    log.turn();
    let fleet = [worker(Pool::Cpu, 8)];
    set_budget(&mut log, Some(1_000));
    let neared = |log: &Log| {
        let told = |event: &Event| match event {
            Event::Tenant(TenantEvent::BudgetNeared { month, spent, .. }) => {
                Some((month.to_string(), *spent))
            }
            _ => None,
        };
        log.events.iter().filter_map(|recorded| told(&recorded.envelope.event)).collect::<Vec<_>>()
    };
    log.request(1, Priority::Normal, Device::Cpu);
    log.wait(Duration::ZERO, &fleet);
    let token = log.start(1, "w").unwrap();
    log.sleep(Duration::from_secs(799));
    log.job(1, training_started(token));
    log.wait(Duration::ZERO, &fleet);
    assert_eq!(neared(&log), []);
    log.sleep(Duration::from_secs(1));
    log.job(1, report_epoch(token, 1));
    log.wait(Duration::ZERO, &fleet);
    assert_eq!(neared(&log), [("2026-11".to_owned(), 800 * MILLIONTHS)]);
    log.request(2, Priority::Normal, Device::Cpu);
    log.wait(Duration::ZERO, &fleet);
    assert_eq!(log.state_of(2).status, Status::Queued, "there is some left");
    log.sleep(Duration::from_secs(200));
    log.job(1, given::finished(token));
    log.request(3, Priority::Normal, Device::Cpu);
    log.wait(Duration::ZERO, &fleet);
    assert_eq!(log.state_of(3).status, Status::Requested);
    // In Seoul the next month begins 800 s later.
    log.sleep(Duration::from_secs(799));
    log.turn();
    log.wait(Duration::ZERO, &fleet);
    assert_eq!(log.state_of(3).status, Status::Requested);
    log.sleep(Duration::from_secs(1));
    log.turn();
    log.wait(Duration::ZERO, &fleet);
    assert_eq!(log.state_of(3).status, Status::Queued);
    assert_eq!(neared(&log).len(), 1);
}

#[test]
fn a_larger_budget_lets_the_next_begin() {
    let mut log = priced();
    log.turn();
    let fleet = [worker(Pool::Cpu, 8)];
    set_budget(&mut log, Some(0));
    log.request(1, Priority::Normal, Device::Cpu);
    log.wait(Duration::ZERO, &fleet);
    assert_eq!(log.state_of(1).status, Status::Requested);
    set_budget(&mut log, None);
    log.wait(Duration::ZERO, &fleet);
    assert_eq!(log.state_of(1).status, Status::Queued);
}

#[test]
fn prices_of_a_tenant_are_in_one_currency_and_sound() {
    let mut log = priced();
    let set =
        |log: &mut Log, price| ask(log, TenantCommand::SetPrice { pool: Pool::Gpu, price: Some(price) });
    assert_eq!(set(&mut log, price(1, "USD")), Err(Rejection::OtherCurrency { currency: "KRW".to_owned() }));
    assert_eq!(set(&mut log, price(1, "won")), Err(Rejection::BadPrice));
    assert_eq!(set(&mut log, price(1_000_001, "KRW")), Err(Rejection::BadPrice));
    ask(&mut log, TenantCommand::SetPrice { pool: Pool::Cpu, price: None }).unwrap();
    assert!(log.tenant().prices.is_empty());
    assert_eq!(set(&mut log, price(1, "USD")), Err(Rejection::OtherCurrency { currency: "KRW".to_owned() }));
    let month_budget = Some(u64::MAX);
    let quota =
        TenantCommand::SetQuota { concurrent_jobs: None, gpu_hours: None, dataset_bytes: None, month_budget };
    assert_eq!(ask(&mut log, quota), Err(Rejection::BadBudget));
    assert_eq!("2026-01".parse::<Month>().unwrap(), Month::of(log.at));
}
