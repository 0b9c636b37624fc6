# What a machine may do: tell what happens on it, and fetch images.
resource "google_service_account" "node" {
  project      = var.project
  account_id   = "${var.name}-node"
  display_name = "Nodes of ${var.name}"
}

resource "google_project_iam_member" "node" {
  for_each = toset(["roles/container.defaultNodeServiceAccount", "roles/artifactregistry.reader"])
  project  = var.project
  role     = each.key
  member   = google_service_account.node.member
}

locals {
  platform = { type = var.platform_nodes.type, gpu = "", spot = false, disk_gb = 50,
  min = var.platform_nodes.zone_count, max = var.platform_nodes.zone_count + 1, place = "BALANCED" }
  pools = merge({ platform = local.platform }, { for name, group in var.workers : name => merge(group, { place = "ANY" }) })
}

# Numbers are for the whole region, but for those of the platform, of which each zone has some.
resource "google_container_node_pool" "this" {
  for_each = local.pools
  name     = each.key
  project  = var.project
  location = var.region
  cluster  = google_container_cluster.this.name
  autoscaling {
    min_node_count       = each.key == "platform" ? each.value.min : null
    max_node_count       = each.key == "platform" ? each.value.max : null
    total_min_node_count = each.key == "platform" ? null : each.value.min
    total_max_node_count = each.key == "platform" ? null : each.value.max
    location_policy      = each.value.place
  }
  management {
    auto_repair  = true
    auto_upgrade = true
  }
  node_config {
    machine_type      = each.value.type
    image_type        = "COS_CONTAINERD"
    spot              = each.value.spot
    disk_size_gb      = each.value.disk_gb
    disk_type         = "pd-balanced"
    boot_disk_kms_key = google_kms_crypto_key.this.id
    service_account   = google_service_account.node.email
    oauth_scopes      = ["https://www.googleapis.com/auth/cloud-platform"]
    labels = merge({ "trainyard/workers" = each.key }, each.key == "platform" ? { "trainyard/platform" = "true" } : {},
    each.value.spot ? { "trainyard/spot" = "true" } : {})
    dynamic "guest_accelerator" {
      for_each = each.value.gpu == "" ? [] : [each.value.gpu]
      content {
        type  = guest_accelerator.value
        count = 1
        gpu_driver_installation_config {
          gpu_driver_version = "LATEST"
        }
      }
    }
    # GKE itself puts the taint nvidia.com/gpu on machines with one.
    dynamic "taint" {
      for_each = each.value.spot ? ["trainyard/spot"] : []
      content {
        key    = taint.value
        value  = "true"
        effect = "NO_SCHEDULE"
      }
    }
    shielded_instance_config {
      enable_secure_boot          = true
      enable_integrity_monitoring = true
    }
    workload_metadata_config {
      mode = "GKE_METADATA"
    }
    metadata = { disable-legacy-endpoints = "true" }
  }
}
