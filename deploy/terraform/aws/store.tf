# Artifacts and datasets. What the platform has no use of any more the collector takes away, not a rule of the bucket's.
resource "aws_s3_bucket" "store" {
  #checkov:skip=CKV_AWS_144:Objects are weights and images that can be had again; a second region is for who needs it.
  #checkov:skip=CKV2_AWS_62:The platform knows what it writes; nobody waits for notifications.
  #checkov:skip=CKV_AWS_18:Who did what stands in the platform's log of events; access logs would cost a write for each read.
  bucket_prefix = "${var.name}-"
}

resource "aws_s3_bucket_public_access_block" "store" {
  bucket                  = aws_s3_bucket.store.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "store" {
  bucket = aws_s3_bucket.store.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.this.arn
    }
  }
}

resource "aws_s3_bucket_versioning" "store" {
  bucket = aws_s3_bucket.store.id
  versioning_configuration {
    status = "Enabled"
  }
}

# What was deleted can be had back for a week.
resource "aws_s3_bucket_lifecycle_configuration" "store" {
  bucket     = aws_s3_bucket.store.id
  depends_on = [aws_s3_bucket_versioning.store]
  rule {
    id     = "deleted"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days = 7
    }
    expiration {
      expired_object_delete_marker = true
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

# The platform signs with keys. They are made by hand and given to deploy/tools/secrets, so that none stands in the state.
resource "aws_iam_user" "store" {
  #checkov:skip=CKV_AWS_273:It is for a program that signs with keys, and no person's.
  name = "${var.name}-store"
}

resource "aws_iam_group" "store" {
  name = "${var.name}-store"
}

resource "aws_iam_user_group_membership" "store" {
  user   = aws_iam_user.store.name
  groups = [aws_iam_group.store.name]
}

resource "aws_iam_group_policy" "store" {
  name   = "store"
  group  = aws_iam_group.store.name
  policy = data.aws_iam_policy_document.store.json
}

data "aws_iam_policy_document" "store" {
  statement {
    actions   = ["s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [aws_s3_bucket.store.arn]
  }
  statement {
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
    resources = ["${aws_s3_bucket.store.arn}/*"]
  }
  statement {
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.this.arn]
  }
}
