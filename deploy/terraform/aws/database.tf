# The views, which can be made anew from the log: no more backups than it takes to spare that.
resource "aws_db_subnet_group" "views" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "views" {
  name        = "${var.name}-views"
  description = "Postgres of ${var.name}, for its nodes"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "views" {
  security_group_id            = aws_security_group.views.id
  description                  = "Nodes of the cluster"
  referenced_security_group_id = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
  from_port                    = 5432
  to_port                      = 5432
  ip_protocol                  = "tcp"
}

resource "aws_db_parameter_group" "views" {
  name   = var.name
  family = "postgres18"
  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
  parameter {
    name  = "log_statement"
    value = "ddl"
  }
  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }
}

resource "aws_iam_role" "monitoring" {
  name = "${var.name}-views-monitoring"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "monitoring.rds.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:${data.aws_partition.here.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

# Its password is made and kept by the database's service, in a secret that `database_secret` names.
resource "aws_db_instance" "views" {
  #checkov:skip=CKV_AWS_157:Whether a second zone has a copy is said in `database`, and it has unless somebody says no.
  identifier                          = var.name
  engine                              = "postgres"
  engine_version                      = "18"
  instance_class                      = var.database.class
  allocated_storage                   = var.database.storage_gb
  max_allocated_storage               = var.database.storage_gb * 4
  storage_type                        = "gp3"
  db_name                             = "trainyard"
  username                            = "trainyard"
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = aws_kms_key.this.key_id
  multi_az                            = var.database.multi_az
  db_subnet_group_name                = aws_db_subnet_group.views.name
  parameter_group_name                = aws_db_parameter_group.views.name
  vpc_security_group_ids              = [aws_security_group.views.id]
  publicly_accessible                 = false
  storage_encrypted                   = true
  kms_key_id                          = aws_kms_key.this.arn
  iam_database_authentication_enabled = true
  backup_retention_period             = 7
  copy_tags_to_snapshot               = true
  deletion_protection                 = true
  skip_final_snapshot                 = false
  final_snapshot_identifier           = "${var.name}-final"
  auto_minor_version_upgrade          = true
  monitoring_interval                 = 60
  monitoring_role_arn                 = aws_iam_role.monitoring.arn
  performance_insights_enabled        = true
  performance_insights_kms_key_id     = aws_kms_key.this.arn
  enabled_cloudwatch_logs_exports     = ["postgresql", "upgrade"]
}
