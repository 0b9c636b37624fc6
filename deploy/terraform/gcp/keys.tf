# One key encrypts disks, objects, the database and the cluster's secrets.
resource "google_kms_key_ring" "this" {
  name     = var.name
  location = var.region
}

resource "google_kms_crypto_key" "this" {
  name            = var.name
  key_ring        = google_kms_key_ring.this.id
  rotation_period = "7776000s" # 90 days.
  lifecycle {
    prevent_destroy = true
  }
}

data "google_project" "this" {
  project_id = var.project
}

resource "google_project_service_identity" "database" {
  project = var.project
  service = "sqladmin.googleapis.com"
}

# Google's own accounts that read and write for us.
resource "google_kms_crypto_key_iam_member" "users" {
  for_each = {
    cluster  = "service-${data.google_project.this.number}@container-engine-robot.iam.gserviceaccount.com"
    disks    = "service-${data.google_project.this.number}@compute-system.iam.gserviceaccount.com"
    store    = "service-${data.google_project.this.number}@gs-project-accounts.iam.gserviceaccount.com"
    database = google_project_service_identity.database.email
  }
  crypto_key_id = google_kms_crypto_key.this.id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:${each.value}"
}
