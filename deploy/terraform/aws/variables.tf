variable "name" {
  description = "Name of everything that is made: letters, digits and hyphens."
  type        = string
  default     = "trainyard"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.name))
    error_message = "The name has 2 to 31 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "vpc_id" {
  description = "The network that it lies in."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets of at least two zones, with a way out by NAT."
  type        = list(string)
  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "A cluster and its database need subnets of two zones."
  }
}

variable "endpoint_cidrs" {
  description = "Networks from which operators reach the API of the cluster; none: only from inside the network."
  type        = list(string)
  default     = []
}

variable "kubernetes_version" {
  description = "Of the control plane and the nodes."
  type        = string
  default     = "1.37"
}

variable "platform_nodes" {
  description = "Machines for gateways, roles and NATS, three of them for three members."
  type        = object({ type = string, count = number })
  default     = { type = "m7i.large", count = 3 }
}

variable "workers" {
  description = "Groups of machines for workers, by name. Nodes have the label and the taint trainyard/spot where they may go at any time, and nvidia.com/gpu where they have one."
  type = map(object({
    types   = list(string)
    gpu     = optional(bool, false)
    spot    = optional(bool, false)
    min     = optional(number, 0)
    max     = number
    disk_gb = optional(number, 300)
  }))
  default = {
    cpu  = { types = ["c7i.2xlarge"], min = 1, max = 4 }
    spot = { types = ["g6.2xlarge", "g5.2xlarge"], gpu = true, spot = true, max = 8 }
  }
}

variable "database" {
  description = "Postgres: the class of machine, gigabytes, and whether a second zone has a copy."
  type        = object({ class = string, storage_gb = number, multi_az = bool })
  default     = { class = "db.t4g.medium", storage_gb = 50, multi_az = true }
}
