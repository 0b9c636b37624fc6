# A cluster of a region, whose nodes have no address of the internet.
resource "google_container_cluster" "this" {
  #checkov:skip=CKV_GCP_12:`datapath_provider` keeps network policies; the check looks for what came before it.
  #checkov:skip=CKV_GCP_65:People come to the cluster by the project's own rights; groups are for who has a directory of them.
  #checkov:skip=CKV_GCP_66:Images are pinned by digest in the chart; an attestor is for who has one.
  name                     = var.name
  project                  = var.project
  location                 = var.region
  network                  = var.network.id
  subnetwork               = var.network.subnetwork
  remove_default_node_pool = true
  initial_node_count       = 1
  deletion_protection      = true
  enable_shielded_nodes    = true
  # With it network policies are kept.
  datapath_provider = "ADVANCED_DATAPATH"
  # Not that of the cluster's own first nodes, which are taken away at once.
  node_config {
    service_account = google_service_account.node.email
    shielded_instance_config {
      enable_secure_boot          = true
      enable_integrity_monitoring = true
    }
    workload_metadata_config {
      mode = "GKE_METADATA"
    }
  }
  resource_labels = { app = var.name }
  release_channel {
    channel = "REGULAR"
  }
  ip_allocation_policy {
    cluster_secondary_range_name  = var.network.pods
    services_secondary_range_name = var.network.services
  }
  private_cluster_config {
    enable_private_nodes    = true
    enable_private_endpoint = false
    master_ipv4_cidr_block  = var.control_plane_cidr
  }
  master_authorized_networks_config {
    dynamic "cidr_blocks" {
      for_each = var.operators
      content {
        display_name = cidr_blocks.key
        cidr_block   = cidr_blocks.value
      }
    }
  }
  master_auth {
    client_certificate_config {
      issue_client_certificate = false
    }
  }
  workload_identity_config {
    workload_pool = "${var.project}.svc.id.goog"
  }
  database_encryption {
    state    = "ENCRYPTED"
    key_name = google_kms_crypto_key.this.id
  }
  enable_intranode_visibility = true
  depends_on                  = [google_kms_crypto_key_iam_member.users]
}
