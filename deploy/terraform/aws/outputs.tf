output "cluster" {
  description = "Name of the cluster: `aws eks update-kubeconfig --name` wants it."
  value       = aws_eks_cluster.this.name
}

output "database" {
  description = "Host and port of Postgres; the database and its user are called trainyard."
  value       = aws_db_instance.views.endpoint
}

output "database_secret" {
  description = "ARN of the secret with the password."
  value       = aws_db_instance.views.master_user_secret[0].secret_arn
}

output "store" {
  description = "What the chart's servers.store is told."
  value = {
    endpoint = "https://s3.${data.aws_region.here.region}.amazonaws.com"
    region   = data.aws_region.here.region
    bucket   = aws_s3_bucket.store.bucket
  }
}

output "store_user" {
  description = "Whose access key is to be made."
  value       = aws_iam_user.store.name
}
