# Artifacts and datasets, by the S3 interface of Cloud Storage. What is of no more use the collector takes away.
resource "google_storage_bucket" "store" {
  #checkov:skip=CKV_GCP_62:Who did what stands in the platform's log of events.
  project                     = var.project
  name                        = "${var.project}-${var.name}"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  versioning {
    enabled = true
  }
  encryption {
    default_kms_key_name = google_kms_crypto_key.this.id
  }
  # What was deleted can be had back for a week.
  lifecycle_rule {
    condition {
      days_since_noncurrent_time = 7
    }
    action {
      type = "Delete"
    }
  }
  lifecycle_rule {
    condition {
      age = 7
    }
    action {
      type = "AbortIncompleteMultipartUpload"
    }
  }
  depends_on = [google_kms_crypto_key_iam_member.users]
}

# The platform signs with the keys of this account (`gcloud storage hmac create`). They are made by hand and given to
# deploy/tools/secrets, so that none stands in the state.
resource "google_service_account" "store" {
  project      = var.project
  account_id   = "${var.name}-store"
  display_name = "The artifact store of ${var.name}"
}

resource "google_storage_bucket_iam_member" "store" {
  for_each = toset(["roles/storage.objectUser", "roles/storage.legacyBucketReader"])
  bucket   = google_storage_bucket.store.name
  role     = each.key
  member   = google_service_account.store.member
}
