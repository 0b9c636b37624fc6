resource "aws_iam_role" "node" {
  name               = "${var.name}-node"
  assume_role_policy = data.aws_iam_policy_document.assumed["ec2"].json
}

resource "aws_iam_role_policy_attachment" "node" {
  for_each   = toset(["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryPullOnly"])
  role       = aws_iam_role.node.name
  policy_arn = "arn:${data.aws_partition.here.partition}:iam::aws:policy/${each.key}"
}

# Pods cannot ask for what the machine may do: the answer goes one hop.
resource "aws_launch_template" "node" {
  for_each = merge({ platform = 50 }, { for name, group in var.workers : name => group.disk_gb })
  name     = "${var.name}-${each.key}"
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      volume_size           = each.value
      volume_type           = "gp3"
      encrypted             = true
      kms_key_id            = aws_kms_key.this.arn
      delete_on_termination = true
    }
  }
}

resource "aws_eks_node_group" "platform" {
  cluster_name    = aws_eks_cluster.this.name
  node_group_name = "platform"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = var.subnet_ids
  instance_types  = [var.platform_nodes.type]
  version         = var.kubernetes_version
  scaling_config {
    desired_size = var.platform_nodes.count
    min_size     = var.platform_nodes.count
    max_size     = var.platform_nodes.count + 1
  }
  update_config {
    max_unavailable = 1
  }
  launch_template {
    id      = aws_launch_template.node["platform"].id
    version = aws_launch_template.node["platform"].latest_version
  }
  labels     = { "trainyard/platform" = "true" }
  depends_on = [aws_iam_role_policy_attachment.node, aws_eks_addon.network]
}

# The autoscaler of nodes, which is installed apart, brings and takes these: from nothing, where `min` is 0. What they would be like it
# asks EKS (eks:DescribeNodegroup).
resource "aws_eks_node_group" "worker" {
  for_each        = var.workers
  cluster_name    = aws_eks_cluster.this.name
  node_group_name = each.key
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = var.subnet_ids
  instance_types  = each.value.types
  version         = var.kubernetes_version
  ami_type        = each.value.gpu ? "AL2023_x86_64_NVIDIA" : "AL2023_x86_64_STANDARD"
  capacity_type   = each.value.spot ? "SPOT" : "ON_DEMAND"
  scaling_config {
    desired_size = each.value.min
    min_size     = each.value.min
    max_size     = each.value.max
  }
  update_config {
    max_unavailable = 1
  }
  launch_template {
    id      = aws_launch_template.node[each.key].id
    version = aws_launch_template.node[each.key].latest_version
  }
  labels = merge({ "trainyard/workers" = each.key }, each.value.spot ? { "trainyard/spot" = "true" } : {})
  dynamic "taint" {
    for_each = concat(each.value.gpu ? ["nvidia.com/gpu"] : [], each.value.spot ? ["trainyard/spot"] : [])
    content {
      key    = taint.value
      value  = "true"
      effect = "NO_SCHEDULE"
    }
  }
  depends_on = [aws_iam_role_policy_attachment.node, aws_eks_addon.network]
  lifecycle {
    ignore_changes = [scaling_config[0].desired_size]
  }
}
