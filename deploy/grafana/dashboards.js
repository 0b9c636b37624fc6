// Writes the dashboards beside this file: `make dashboards`. What a panel asks for is a line here; its form is the schema's.
import { writeFileSync } from "node:fs";
import * as common from "@grafana/grafana-foundation-sdk/common";
import * as dashboard from "@grafana/grafana-foundation-sdk/dashboard";
import * as prometheus from "@grafana/grafana-foundation-sdk/prometheus";
import * as stat from "@grafana/grafana-foundation-sdk/stat";
import * as timeseries from "@grafana/grafana-foundation-sdk/timeseries";

const SOURCE = { type: "prometheus", uid: "${source}" };
const [WIDE, HALF, THIRD, QUARTER] = [24, 12, 8, 6];

const rate = (metric, by = "") => `sum${by && ` by (${by})`} (rate(${metric}[$__rate_interval]))`;
const quantile = (part, metric, by = "", of = "") =>
  `histogram_quantile(${part}, sum by (le${by && `, ${by}`}) (rate(${metric}_bucket${of && `{${of}}`}[$__rate_interval])))`;
const waited = (part) =>
  `histogram_quantile(${part}, max by (le) (increase(trainyard_dispatcher_wait_seconds_bucket[1h])))`;
const PREDICT = `route="/inference/{job_id}/predict"`;
const predicting = (status) => `trainyard_http_requests_total{${PREDICT}, status=~"${status}"}`;

// [title, what it says, unit, width, { legend: query, ... }]; `now` instead of a unit's chart is one number.
const BOARDS = {
  platform: ["Platform", [
    ["Answers", "Of every role that is scraped", "now", QUARTER, { "": `sum(up{job="trainyard"})` }],
    ["Open jobs", "Jobs that have not ended", "now", QUARTER, { "": "max(trainyard_dispatcher_open_jobs)" }],
    ["Views behind", "Events that people do not see yet", "now", QUARTER, { "": "max(trainyard_projector_lag_events)" }],
    ["Dead letters", "Messages that nobody could read or finish", "now", QUARTER, { "": "max(trainyard_dead_letters)" }],
    ["Requests", "Answered, by status", "reqps", HALF, { "{{status}}": rate("trainyard_http_requests_total", "status") }],
    ["Slowest routes, p99", "The five slowest", "s", HALF, { "{{route}}": `topk(5, ${quantile(0.99, "trainyard_http_latency_seconds", "route")})` }],
    ["Failed requests", "Of all, those with 5xx", "percentunit", HALF, {
      failed: `(${rate(`trainyard_http_requests_total{status=~"5.."}`)} or vector(0)) / ${rate("trainyard_http_requests_total")}`,
    }],
    ["Connections", "Clients now, and websockets among them", "short", HALF, {
      connections: "sum(trainyard_connections_open)", sockets: "sum(trainyard_sockets_open)",
    }],
    ["Events in the log", "By kind, the ten most frequent", "cps", HALF, {
      "{{kind}}": "topk(10, max by (kind) (rate(trainyard_dispatcher_events_total[$__rate_interval])))",
    }],
    ["From log to page", "Where the log ends, and how far views and gateway are", "short", HALF, {
      log: "max(trainyard_log_sequence)", views: "max(trainyard_views_sequence)", feed: "max(trainyard_log_sequence) - min(trainyard_feed_behind)",
    }],
    ["In quarantine", "Histories with an event that a role cannot read", "short", HALF, {
      projector: "max(trainyard_projector_quarantined)", dispatcher: "max(trainyard_dispatcher_quarantined)",
    }],
    ["Frames to pages", "Sent over websockets", "cps", HALF, { frames: rate("trainyard_socket_frames_total") }],
  ]],
  fleet: ["Fleet", [
    ["Workers", "Scraped now", "now", THIRD, { "": "count(trainyard_worker_jobs_running)" }],
    ["Attempts running", "On all of them", "now", THIRD, { "": "sum(trainyard_worker_jobs_running)" }],
    ["Oldest heartbeat", "Seconds since the fleet heard of the worker that it has heard of least", "now", THIRD, { "": "max(trainyard_worker_heartbeat_age_seconds)" }],
    ["Attempts", "Running, by worker", "short", HALF, { "{{instance}}": "trainyard_worker_jobs_running" }],
    ["Ends of attempts", "By outcome, in the last hour", "short", HALF, { "{{outcome}}": "sum by (outcome) (increase(trainyard_worker_attempts_total[1h]))" }],
    ["Processors", "Busy, of all that the machine has", "percentunit", HALF, {
      "{{instance}}": "rate(trainyard_worker_host_busy_seconds_total[$__rate_interval]) / trainyard_worker_host_processors",
    }],
    ["Memory", "Used, of all that the machine has", "percentunit", HALF, {
      "{{instance}}": "1 - trainyard_worker_host_memory_available_bytes / trainyard_worker_host_memory_bytes",
    }],
    ["Disk", "Used, of the one that attempts work on", "percentunit", HALF, {
      "{{instance}}": "1 - trainyard_worker_disk_available_bytes / trainyard_worker_disk_bytes",
    }],
    ["Uploads", "Into the artifact store", "Bps", HALF, { "{{instance}}": rate("trainyard_worker_uploaded_bytes_total", "instance") }],
    ["Failed uploads", "Tries, in the last hour", "short", HALF, { "{{instance}}": "sum by (instance) (increase(trainyard_worker_failed_uploads_total[1h]))" }],
    ["Trainers", "Started, and taken over from an earlier life of the worker, in the last hour", "short", HALF, {
      started: "sum(increase(trainyard_worker_trainers_started_total[1h]))",
      "taken over": "sum(increase(trainyard_worker_trainers_adopted_total[1h]))",
    }],
  ]],
  gpus: ["GPUs", [
    ["GPUs", "That drivers tell of", "now", THIRD, { "": "sum(trainyard_worker_gpus)" }],
    ["Warmest", "Degrees", "now", THIRD, { "": "max(trainyard_worker_gpu_temperature_celsius)" }],
    ["Power", "Watts, of all of them", "now", THIRD, { "": "sum(trainyard_worker_gpu_power_watts)" }],
    ["Use", "Of the last moment, the share that it computed", "percentunit", HALF, { "{{instance}} {{device}}": "trainyard_worker_gpu_use_ratio" }],
    ["Memory", "Used, of all that it has", "percentunit", HALF, {
      "{{instance}} {{device}}": "trainyard_worker_gpu_memory_used_bytes / trainyard_worker_gpu_memory_bytes",
    }],
    ["Temperature", "Of each", "celsius", HALF, { "{{instance}} {{device}}": "trainyard_worker_gpu_temperature_celsius" }],
    ["Draws", "Each of them", "watt", HALF, { "{{instance}} {{device}}": "trainyard_worker_gpu_power_watts" }],
  ]],
  jobs: ["Jobs", [
    ["Waiting", "For room, by class", "short", HALF, { "{{class}}": "max by (class) (trainyard_dispatcher_waiting_jobs)" }],
    ["Wait for a worker", "From a request to its first dispatch, in the last hour", "s", HALF, {
      median: waited(0.5), p95: waited(0.95),
    }],
    ["Requested and ended", "In the last hour", "short", HALF, {
      "{{kind}}": `max by (kind) (increase(trainyard_dispatcher_events_total{kind=~"job.(requested|finished|failed|cancelled)"}[1h]))`,
    }],
    ["Dispatches", "Put on the work queue, by pool, in the last hour", "short", HALF, {
      "{{pool}}": "max by (pool) (increase(trainyard_dispatcher_dispatches_total[1h]))",
    }],
    ["Epochs", "Logged, of all jobs", "cps", HALF, {
      epochs: `max(rate(trainyard_dispatcher_events_total{kind="job.epoch_logged"}[$__rate_interval]))`,
    }],
    ["Taken out of work", "By operators: the queue (1), workers", "short", HALF, {
      "queue paused": "max(trainyard_dispatcher_queue_paused)", "workers drained": "max(trainyard_dispatcher_workers_drained)",
    }],
    ["Attempts lost", "Their worker was not heard of any more, in the last hour", "short", HALF, {
      lost: "max(increase(trainyard_dispatcher_leases_lost_total[1h]))",
    }],
    ["Actions that failed", "Due, and tried again, in the last hour", "short", HALF, {
      failed: "max(increase(trainyard_dispatcher_failed_actions_total[1h]))",
    }],
    ["Artifact store", "Objects that are kept, and what left in the last day", "short", HALF, {
      kept: "max(trainyard_collector_kept_objects)", left: "max(increase(trainyard_collector_objects_total[1d]))",
    }],
  ]],
  endpoints: ["Endpoints", [
    ["Requests", "To deployed models, by status", "reqps", HALF, { "{{status}}": rate(predicting(".*"), "status") }],
    ["Latency", "Of a request, its upload and the wait for a model that is loaded included", "s", HALF, {
      median: quantile(0.5, "trainyard_http_latency_seconds", "", PREDICT), p99: quantile(0.99, "trainyard_http_latency_seconds", "", PREDICT),
    }],
    ["Refused", "Of all requests to models: what was asked badly, and what we could not answer", "percentunit", WIDE, {
      badly: `(${rate(predicting("4.."))} or vector(0)) / ${rate(predicting(".*"))}`,
      "not answered": `(${rate(predicting("5.."))} or vector(0)) / ${rate(predicting(".*"))}`,
    }],
  ]],
  nats: ["NATS", [
    ["Messages", "In each stream", "short", HALF, { "{{stream}}": "max by (stream) (trainyard_nats_stream_messages)" }],
    ["Disk", "Of each stream", "bytes", HALF, { "{{stream}}": "max by (stream) (trainyard_nats_stream_bytes)" }],
    ["Written", "Messages, by stream", "cps", HALF, { "{{stream}}": "max by (stream) (rate(trainyard_nats_stream_last_sequence[$__rate_interval]))" }],
    ["Consumers", "Of each stream", "short", HALF, { "{{stream}}": "max by (stream) (trainyard_nats_stream_consumers)" }],
    ["Copies behind", "Members without a stream's newest messages", "short", HALF, { "{{stream}}": "max by (stream) (trainyard_nats_stream_replicas_behind)" }],
    ["Feed behind", "Events yet to be copied for readers", "short", HALF, { behind: "min(trainyard_feed_behind)" }],
  ]],
  postgres: ["Postgres", [
    ["Size", "Of the database of the views", "bytes", HALF, { size: "max(trainyard_postgres_size_bytes)" }],
    ["Connections", "And how many it takes", "short", HALF, {
      connections: "max(trainyard_postgres_connections)", most: "max(trainyard_postgres_connections_max)",
    }],
    ["Transactions", "By how they ended", "cps", HALF, { "{{outcome}}": "max by (outcome) (rate(trainyard_postgres_transactions_total[$__rate_interval]))" }],
    ["Read from memory", "Of all blocks", "percentunit", HALF, {
      memory: `${rate(`trainyard_postgres_blocks_read_total{from="memory"}`)} / ${rate("trainyard_postgres_blocks_read_total")}`,
    }],
    ["Oldest transaction", "That is open now", "s", HALF, { oldest: "max(trainyard_postgres_longest_transaction_seconds)" }],
    ["Deadlocks", "In the last day", "short", HALF, { deadlocks: "max(increase(trainyard_postgres_deadlocks_total[1d]))" }],
  ]],
};

function chart(unit) {
  const legend = new common.VizLegendOptionsBuilder().showLegend(true).displayMode("list").placement("bottom");
  const tooltip = new common.VizTooltipOptionsBuilder().mode("multi").sort("desc");
  return new timeseries.PanelBuilder().unit(unit).min(0).legend(legend).tooltip(tooltip);
}

function panel([title, says, unit, width, queries]) {
  const builder = unit === "now" ? new stat.PanelBuilder() : chart(unit);
  builder.title(title).description(says).span(width).height(unit === "now" ? 4 : 8).datasource(SOURCE);
  for (const [legend, query] of Object.entries(queries)) {
    builder.withTarget(new prometheus.DataqueryBuilder().expr(query).legendFormat(legend));
  }
  return builder;
}

for (const [name, [title, panels]] of Object.entries(BOARDS)) {
  const board = new dashboard.DashboardBuilder(`Trainyard: ${title}`)
    .uid(`trainyard-${name}`)
    .tags(["trainyard"])
    .refresh("30s")
    .time({ from: "now-6h", to: "now" })
    .withVariable(new dashboard.DatasourceVariableBuilder("source").label("Prometheus").type("prometheus"));
  for (const each of panels) board.withPanel(panel(each));
  writeFileSync(new URL(`${name}.json`, import.meta.url), `${JSON.stringify(board.build(), null, 2)}\n`);
}
