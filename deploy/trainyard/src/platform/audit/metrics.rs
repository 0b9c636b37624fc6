//! What an auditor shows of itself. Whose history is broken is for the platform's own eyes: no name of a tenant stands here.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use trainyard_audit::Rule;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRule {
    rule: &'static str,
}

#[derive(Clone, Default)]
pub(crate) struct AuditMetrics {
    findings: Family<OfRule, Counter>,
    pub(crate) position: Gauge<u64, AtomicU64>,
    pub(crate) open: Gauge,
    pub(crate) files: Gauge,
    pub(crate) files_waiting: Gauge,
    pub(crate) looked: Counter,
    pub(crate) unanswered: Counter,
}

impl AuditMetrics {
    pub(crate) fn register(&self, registry: &mut Registry) {
        // From the beginning, so that the first finding is an increase.
        Rule::ALL.iter().for_each(|rule| drop(self.findings.get_or_create(&OfRule { rule: rule.name() })));
        let own = self.clone();
        let findings =
            "Things that do not hold of the log or of what it names, since this process started, by rule";
        registry.register("audit_findings", findings, own.findings);
        registry.register("audit_position", "Newest event that was checked", own.position);
        registry.register(
            "audit_open_jobs",
            "Jobs that have not ended, as the auditor counts them",
            own.open,
        );
        registry.register("audit_files", "Files that must be in the store", own.files);
        registry.register(
            "audit_files_waiting",
            "Of those, files that nobody has looked at",
            own.files_waiting,
        );
        registry.register("audit_files_checked", "Files that were read and compared", own.looked);
        registry.register("audit_store_away", "Files that could not be asked for", own.unanswered);
    }

    pub(crate) fn found(&self, rule: Rule) {
        self.findings.get_or_create(&OfRule { rule: rule.name() }).inc();
    }
}
