output "cluster" {
  description = "Name of the cluster: `gcloud container clusters get-credentials` wants it."
  value       = google_container_cluster.this.name
}

output "database" {
  description = "Address of Postgres; the database is called trainyard."
  value       = google_sql_database_instance.views.private_ip_address
}

output "store" {
  description = "What the chart's servers.store is told."
  value       = { endpoint = "https://storage.googleapis.com", region = var.region, bucket = google_storage_bucket.store.name }
}

output "store_account" {
  description = "Whose key is to be made."
  value       = google_service_account.store.email
}
