# The views, which can be made anew from the log. The user is made by hand, so that no password stands in the state.
resource "google_sql_database_instance" "views" {
  #checkov:skip=CKV_GCP_6:`ssl_mode` refuses what is not encrypted; the check looks for the field that came before it.
  project             = var.project
  name                = var.name
  region              = var.region
  database_version    = "POSTGRES_18"
  encryption_key_name = google_kms_crypto_key.this.id
  deletion_protection = true
  settings {
    tier              = var.database.tier
    edition           = "ENTERPRISE"
    disk_size         = var.database.storage_gb
    disk_autoresize   = true
    availability_type = var.database.multi_zone ? "REGIONAL" : "ZONAL"
    ip_configuration {
      ipv4_enabled    = false
      private_network = var.network.id
      ssl_mode        = "ENCRYPTED_ONLY"
    }
    backup_configuration {
      enabled                        = true
      point_in_time_recovery_enabled = true
    }
    database_flags {
      name  = "max_connections"
      value = "200"
    }
    database_flags {
      name  = "log_checkpoints"
      value = "on"
    }
    database_flags {
      name  = "log_connections"
      value = "on"
    }
    database_flags {
      name  = "log_disconnections"
      value = "on"
    }
    database_flags {
      name  = "log_duration"
      value = "on"
    }
    database_flags {
      name  = "log_hostname"
      value = "on"
    }
    database_flags {
      name  = "log_lock_waits"
      value = "on"
    }
    database_flags {
      name  = "log_min_duration_statement"
      value = "-1"
    }
    database_flags {
      name  = "log_min_error_statement"
      value = "error"
    }
    database_flags {
      name  = "log_min_messages"
      value = "error"
    }
    database_flags {
      name  = "log_statement"
      value = "ddl"
    }
    database_flags {
      name  = "cloudsql.enable_pgaudit"
      value = "on"
    }
  }
  depends_on = [google_kms_crypto_key_iam_member.users]
}

resource "google_sql_database" "views" {
  project  = var.project
  name     = "trainyard"
  instance = google_sql_database_instance.views.name
}
