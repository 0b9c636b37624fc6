variable "name" {
  description = "Name of everything that is made: letters, digits and hyphens."
  type        = string
  default     = "trainyard"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}$", var.name))
    error_message = "The name has 2 to 21 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "project" {
  description = "The project that it lies in."
  type        = string
}

variable "region" {
  description = "Such as europe-west4, which has L4 GPUs."
  type        = string
}

variable "network" {
  description = "The VPC, its subnetwork with the two ranges for pods and services, by name; the network has private access to Google's services (servicenetworking)."
  type        = object({ name = string, id = string, subnetwork = string, pods = string, services = string })
}

variable "operators" {
  description = "Networks from which operators reach the API of the cluster, by name."
  type        = map(string)
}

variable "control_plane_cidr" {
  description = "16 addresses of the network that nobody else has, for the control plane."
  type        = string
  default     = "172.20.0.0/28"
}

variable "platform_nodes" {
  description = "Machines for gateways, roles and NATS, so many in each of the region's zones."
  type        = object({ type = string, zone_count = number })
  default     = { type = "e2-standard-2", zone_count = 1 }
}

variable "workers" {
  description = "Groups of machines for workers, by name. Nodes have the label and the taint trainyard/spot where they may go at any time; `gpu` is a kind such as nvidia-l4."
  type = map(object({
    type    = string
    gpu     = optional(string, "")
    spot    = optional(bool, false)
    min     = optional(number, 0)
    max     = number
    disk_gb = optional(number, 300)
  }))
  default = {
    cpu  = { type = "c3-standard-8", min = 1, max = 4 }
    spot = { type = "g2-standard-8", gpu = "nvidia-l4", spot = true, max = 8 }
  }
}

variable "database" {
  description = "Postgres: the kind of machine, gigabytes, and whether a second zone has a copy."
  type        = object({ tier = string, storage_gb = number, multi_zone = bool })
  default     = { tier = "db-custom-1-3840", storage_gb = 50, multi_zone = true }
}
