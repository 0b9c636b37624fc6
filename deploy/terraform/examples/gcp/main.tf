# A platform for a team, with two CPU workers and up to four GPUs that cost nothing while nobody trains.
terraform {
  required_version = ">= 1.9"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.0"
    }
  }
}

variable "project" {
  description = "A project of yours."
  type        = string
}

variable "network" {
  description = "Its network: see the module."
  type        = object({ name = string, id = string, subnetwork = string, pods = string, services = string })
}

variable "office" {
  description = "The network that operators sit in."
  type        = string
}

module "trainyard" {
  source    = "../../gcp"
  project   = var.project
  region    = "europe-west4"
  network   = var.network
  operators = { office = var.office }
  workers = {
    cpu  = { type = "c3-standard-8", min = 2, max = 4 }
    spot = { type = "g2-standard-8", gpu = "nvidia-l4", spot = true, max = 4 }
  }
}

output "trainyard" {
  description = "What the chart and deploy/tools/secrets are told."
  value       = module.trainyard
}
