# A platform for a team, with two CPU workers and up to four GPUs that cost nothing while nobody trains.
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

variable "vpc_id" {
  description = "A network of yours."
  type        = string
}

variable "subnet_ids" {
  description = "Its private subnets, of two zones or more."
  type        = list(string)
}

module "trainyard" {
  source     = "../../aws"
  vpc_id     = var.vpc_id
  subnet_ids = var.subnet_ids
  workers = {
    cpu  = { types = ["c7i.2xlarge"], min = 2, max = 4 }
    spot = { types = ["g6.2xlarge", "g5.2xlarge"], gpu = true, spot = true, max = 4 }
  }
}

output "trainyard" {
  description = "What the chart and deploy/tools/secrets are told."
  value       = module.trainyard
}
