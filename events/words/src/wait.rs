//! Why a job is where it is.

use trainyard_events::reason::Wait;

use crate::particle::subject;
use crate::{Both, Words, both};

impl Words for Wait {
    fn words(&self) -> Both {
        match self {
            Wait::PoolChosen { pool, workers: 0 } => both(
                format!("no device was asked for, so the {pool} pool"),
                format!("장치를 정하지 않아 {pool} 풀로 보냈습니다"),
            ),
            Wait::PoolChosen { pool, workers } => both(
                format!("no device was asked for, so the {pool} pool with {}", counted(*workers, "worker")),
                format!("장치를 정하지 않아 {pool} 풀(작업자 {workers}대)로 보냈습니다"),
            ),
            Wait::PoolAsAsked { pool, workers: 0 } => {
                both(format!("the {pool} pool, as asked"), format!("말씀하신 대로 {pool} 풀로 보냈습니다"))
            }
            Wait::PoolAsAsked { pool, workers } => both(
                format!("the {pool} pool, as asked with {}", counted(*workers, "worker")),
                format!("말씀하신 대로 {pool} 풀(작업자 {workers}대)로 보냈습니다"),
            ),
            Wait::NoWorkerInPool { pool } => both(
                format!("no {pool} worker is up, it starts when one joins"),
                format!("지금 {pool} 작업자가 없어, 하나가 들어오면 시작합니다"),
            ),
            Wait::NoWorkerHasRunner { pool, runner } => both(
                format!(
                    "no {pool} worker has the {runner} runner: `trainyard runners install {runner}` on one"
                ),
                format!(
                    "{pool} 작업자 중에 {runner} 러너를 가진 곳이 없습니다. 작업자에서 `trainyard runners install {runner}`을 실행하세요"
                ),
            ),
            Wait::ForWorker { worker } => both(
                format!("to {worker}, which has what it needs"),
                format!("필요한 것을 갖춘 작업자 {worker}에 보냈습니다"),
            ),
            Wait::OfPriority { class } => {
                both(format!("{class} priority"), format!("우선순위 {}", class.words().korean))
            }
            Wait::NextAttempt { attempt } => {
                both(format!("attempt {attempt}"), format!("{attempt}번째 시도"))
            }
            Wait::OfferedAgain { pool } => both(
                format!("the {pool} pool again, where nobody took it in time"),
                format!("제때 맡은 작업자가 없어 {pool} 풀에 다시 보냈습니다"),
            ),
            Wait::PoolGone { pool } => both(
                format!("no {pool} worker is up any more, so another pool may have it"),
                format!("{pool} 작업자가 모두 사라져 다른 풀을 기다립니다"),
            ),
            Wait::WorkerGone { worker } => both(
                format!("{worker}, to which it was sent, takes no work any more"),
                format!("작업을 맡기려던 {} 더는 작업을 받지 않습니다", subject(worker)),
            ),
            Wait::SlotGivenBack => both(
                "it could not begin in time, so another job may have its slot of the quota",
                "제때 시작하지 못해 할당량의 자리를 다른 작업에 넘깁니다",
            ),
            Wait::NobodyLooks => both(
                "no worker is up that could look at its dataset",
                "데이터셋을 살펴볼 수 있는 작업자가 없습니다",
            ),
            Wait::QuotaSlots { slots } => both(
                format!("all slots of the quota are taken ({slots}): the job waits for one"),
                format!("할당량의 자리 {slots}개가 모두 차 있어 기다립니다"),
            ),
            Wait::QuotaHours { hours } => both(
                format!(
                    "the {hours} GPU hours of the quota are used up: ask an admin of your tenant for more"
                ),
                format!("할당량의 GPU {hours}시간을 다 썼습니다. 관리자에게 더 요청하세요"),
            ),
            Wait::BudgetSpent { budget, currency, month } => both(
                format!(
                    "the {budget} {currency} of the budget for {month} are spent: it goes on next month, or with a higher budget"
                ),
                format!(
                    "{month}의 예산({budget} {currency})을 다 썼습니다. 다음 달이 되거나 관리자가 예산을 늘리면 이어집니다"
                ),
            ),
            Wait::NoDispatcher => both(
                "no dispatcher is up, and nothing starts without one",
                "작업을 나눠 주는 디스패처가 없어 아무것도 시작되지 않습니다",
            ),
            Wait::DatasetPending => {
                both("its dataset is still being looked at", "데이터셋을 아직 살펴보고 있습니다")
            }
            Wait::NoWorkerFits => {
                both("no worker is up that could take it", "맡을 수 있는 작업자가 없습니다")
            }
            Wait::NoWorkerHasGpu { gpu, nearest: None } => both(
                format!("no worker has a GPU of the kind {gpu}, or any other"),
                format!("{gpu} GPU를 가진 작업자가 없습니다. 다른 GPU도 없습니다"),
            ),
            Wait::NoWorkerHasGpu { gpu, nearest: Some(nearest) } => both(
                format!("no worker has a GPU of the kind {gpu}: what comes nearest is {nearest}"),
                format!("{gpu} GPU를 가진 작업자가 없습니다. 가장 가까운 것은 {nearest}입니다"),
            ),
            Wait::NoWorkerHasGpuMemory { gb, most_gb: 0 } => both(
                format!("no worker has a GPU with {gb} GB of memory"),
                format!("메모리가 {gb}GB인 GPU를 가진 작업자가 없습니다"),
            ),
            Wait::NoWorkerHasGpuMemory { gb, most_gb } => both(
                format!("no GPU that it could have has {gb} GB of memory: the largest has {most_gb}"),
                format!("메모리가 {gb}GB 이상인 GPU가 없습니다. 가장 큰 것이 {most_gb}GB입니다"),
            ),
            Wait::NoWorkerHasGpus { gpus, most } => both(
                format!("no worker has {gpus} such GPUs: the most that one has is {most}"),
                format!("그런 GPU {gpus}장을 가진 작업자가 없습니다. 한 작업자에 가장 많아야 {most}장입니다"),
            ),
            Wait::NoWorkerHasLabels { labels } => both(
                format!("no worker that could take it has the labels {labels}"),
                format!("라벨 {labels}에 맞으면서 작업을 맡을 수 있는 작업자가 없습니다"),
            ),
            Wait::GpusTaken { gpus: 1, .. } => {
                both("every GPU that it could have is taken", "쓸 수 있는 GPU가 모두 차 있습니다")
            }
            Wait::GpusTaken { gpus, most } => both(
                format!("it needs {gpus} GPUs of one worker, of which at most {most} are free now"),
                format!("한 작업자에 GPU {gpus}장이 비어야 하는데, 지금은 많아야 {most}장 비어 있습니다"),
            ),
            Wait::WorkersLeave => both(
                "every worker that could take it is being stopped",
                "맡을 수 있는 작업자가 모두 멈추는 중입니다",
            ),
            Wait::WorkersDrained => both(
                "the only workers that fit are drained for maintenance",
                "맡을 수 있는 작업자가 모두 점검 중입니다",
            ),
            Wait::QueuePaused { who } => both(
                format!("{who} has paused the queue; it goes on when an operator resumes it"),
                format!("{who}님이 대기열을 멈췄습니다. 운영자가 다시 시작하면 이어집니다"),
            ),
            Wait::SlotsTaken { pool, slots: 1 } => both(
                format!("the one slot of the {pool} pool is taken"),
                format!("{pool} 풀의 하나뿐인 자리가 차 있습니다"),
            ),
            Wait::SlotsTaken { pool, slots } => both(
                format!("all {slots} slots of the {pool} pool are taken"),
                format!("{pool} 풀의 자리 {slots}개가 모두 차 있습니다"),
            ),
            Wait::SlotsFree { pool, slots, free } => both(
                format!("of {slots} slots in the {pool} pool {free} are free"),
                format!("{pool} 풀의 자리 {slots}개 가운데 {free}개가 비어 있습니다"),
            ),
            Wait::NotHeldBackSoon => both(
                "it gets one in a moment, unless earlier jobs or its tenant's quota hold it back",
                "먼저 요청한 작업이나 할당량에 걸리지 않으면 곧 자리를 받습니다",
            ),
            Wait::NextOfTenant => both("it is the next of its tenant", "다음 차례입니다"),
            Wait::Behind { jobs: 1 } => {
                both("1 job was asked for earlier and waits too", "먼저 요청한 작업 1개도 기다립니다")
            }
            Wait::Behind { jobs } => both(
                format!("{jobs} jobs were asked for earlier and wait too"),
                format!("먼저 요청한 작업 {jobs}개도 기다립니다"),
            ),
            Wait::BehindAtLeast { jobs } => both(
                format!("{jobs} jobs or more were asked for earlier and wait too"),
                format!("먼저 요청한 작업 {jobs}개 이상도 기다립니다"),
            ),
            Wait::AttemptPreempted { attempt } => both(
                format!("attempt {attempt} was preempted"),
                format!("{attempt}번째 시도가 중단되었습니다"),
            ),
            Wait::AttemptFailed { attempt } => {
                both(format!("attempt {attempt} failed"), format!("{attempt}번째 시도가 실패했습니다"))
            }
            Wait::AttemptLost { attempt, worker } => both(
                format!("attempt {attempt} was lost: {worker} fell silent"),
                format!("{attempt}번째 시도를 잃었습니다({} 응답하지 않습니다)", subject(worker)),
            ),
        }
    }
}

/// `1 worker`, `3 workers`.
fn counted(count: u32, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
