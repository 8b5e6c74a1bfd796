"""The service-linked roles that AWS services have: the role's name, the policy it carries, whether it takes a suffix.

Each service's own documentation names them ("Using service-linked roles for …"), listed at
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class LinkedService(NamedTuple):
    """A service-linked role: what follows ``AWSServiceRoleFor`` in its name, and the AWS managed policy it carries.

    ``suffix``: an account may have several, each with a suffix of its own.
    """

    role: str
    policy: str
    suffix: bool = False


#: By service principal.
LINKED_SERVICES: Final[Mapping[str, LinkedService]] = {
    "access-analyzer.amazonaws.com": LinkedService("AccessAnalyzer", "AccessAnalyzerServiceRolePolicy"),
    "acm.amazonaws.com": LinkedService("CertificateManager", "CertificateManagerServiceRolePolicy"),
    "apidestinations.events.amazonaws.com": LinkedService(
        "AmazonEventBridgeApiDestinations", "AmazonEventBridgeApiDestinationsServiceRolePolicy"
    ),
    "appmesh.amazonaws.com": LinkedService("AppMesh", "AWSAppMeshServiceRolePolicy"),
    "appsync.amazonaws.com": LinkedService("AppSync", "AWSAppSyncServiceRolePolicy"),
    "auditmanager.amazonaws.com": LinkedService("AuditManager", "AWSAuditManagerServiceRolePolicy"),
    "autoscaling.amazonaws.com": LinkedService("AutoScaling", "AutoScalingServiceRolePolicy", suffix=True),
    "backup.amazonaws.com": LinkedService("Backup", "AWSBackupServiceLinkedRolePolicyForBackup"),
    "batch.amazonaws.com": LinkedService("Batch", "BatchServiceRolePolicy"),
    "cks.kms.amazonaws.com": LinkedService(
        "KeyManagementServiceCustomKeyStores", "AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy"
    ),
    "cloud9.amazonaws.com": LinkedService("AWSCloud9", "AWSCloud9ServiceRolePolicy"),
    "cloudtrail.amazonaws.com": LinkedService("CloudTrail", "CloudTrailServiceRolePolicy"),
    "codestar-notifications.amazonaws.com": LinkedService(
        "CodeStarNotifications", "AWSCodeStarNotificationsServiceRolePolicy"
    ),
    "cognito-idp.amazonaws.com": LinkedService("AmazonCognitoIdp", "AmazonCognitoIdpServiceRolePolicy"),
    "compute-optimizer.amazonaws.com": LinkedService("ComputeOptimizer", "ComputeOptimizerServiceRolePolicy"),
    "config.amazonaws.com": LinkedService("Config", "AWSConfigServiceRolePolicy"),
    "connect.amazonaws.com": LinkedService("AmazonConnect", "AmazonConnectServiceLinkedRolePolicy", suffix=True),
    "custom-resource.application-autoscaling.amazonaws.com": LinkedService(
        "ApplicationAutoScaling_CustomResource", "AWSApplicationAutoScalingCustomResourcePolicy"
    ),
    "dax.amazonaws.com": LinkedService("DAX", "DAXServiceRolePolicy"),
    "delivery.logs.amazonaws.com": LinkedService("LogDelivery", "AWSServiceRoleForLogDeliveryPolicy"),
    "detective.amazonaws.com": LinkedService("AmazonDetective", "AmazonDetectiveServiceLinkedRolePolicy"),
    "dynamodb.application-autoscaling.amazonaws.com": LinkedService(
        "ApplicationAutoScaling_DynamoDBTable", "AWSApplicationAutoscalingDynamoDBTablePolicy"
    ),
    "ec2fleet.amazonaws.com": LinkedService("EC2Fleet", "AWSEC2FleetServiceRolePolicy"),
    "ecs.amazonaws.com": LinkedService("ECS", "AmazonECSServiceRolePolicy"),
    "ecs.application-autoscaling.amazonaws.com": LinkedService(
        "ApplicationAutoScaling_ECSService", "AWSApplicationAutoscalingECSServicePolicy"
    ),
    "eks.amazonaws.com": LinkedService("AmazonEKS", "AmazonEKSServiceRolePolicy"),
    "eks-fargate.amazonaws.com": LinkedService("AmazonEKSForFargate", "AmazonEKSForFargateServiceRolePolicy"),
    "eks-nodegroup.amazonaws.com": LinkedService("AmazonEKSNodegroup", "AWSServiceRoleForAmazonEKSNodegroup"),
    "elasticache.amazonaws.com": LinkedService("ElastiCache", "ElastiCacheServiceRolePolicy"),
    "elasticache.application-autoscaling.amazonaws.com": LinkedService(
        "ApplicationAutoScaling_ElastiCacheRG", "AWSApplicationAutoscalingElastiCacheRGPolicy"
    ),
    "elasticbeanstalk.amazonaws.com": LinkedService("ElasticBeanstalk", "AWSElasticBeanstalkServiceRolePolicy"),
    "elasticfilesystem.amazonaws.com": LinkedService(
        "AmazonElasticFileSystem", "AmazonElasticFileSystemServiceRolePolicy"
    ),
    "elasticloadbalancing.amazonaws.com": LinkedService(
        "ElasticLoadBalancing", "AWSElasticLoadBalancingServiceRolePolicy"
    ),
    "elasticmapreduce.amazonaws.com": LinkedService("EMRCleanup", "AmazonEMRCleanupPolicy"),
    "email.cognito-idp.amazonaws.com": LinkedService(
        "AmazonCognitoIdpEmailService", "AmazonCognitoIdpEmailServiceRolePolicy"
    ),
    "es.amazonaws.com": LinkedService("AmazonElasticsearchService", "AmazonElasticsearchServiceRolePolicy"),
    "events.amazonaws.com": LinkedService("CloudWatchEvents", "CloudWatchEventsServiceRolePolicy"),
    "fms.amazonaws.com": LinkedService("FMS", "FMSServiceRolePolicy"),
    "fsx.amazonaws.com": LinkedService("AmazonFSx", "AmazonFSxServiceRolePolicy"),
    "globalaccelerator.amazonaws.com": LinkedService("GlobalAccelerator", "AWSGlobalAcceleratorSLRPolicy"),
    "guardduty.amazonaws.com": LinkedService("AmazonGuardDuty", "AmazonGuardDutyServiceRolePolicy"),
    "imagebuilder.amazonaws.com": LinkedService("ImageBuilder", "AWSServiceRoleForImageBuilder"),
    "inspector2.amazonaws.com": LinkedService("AmazonInspector2", "AmazonInspector2ServiceRolePolicy"),
    "ipam.amazonaws.com": LinkedService("IPAM", "AWSIPAMServiceRolePolicy"),
    "kafka.amazonaws.com": LinkedService("Kafka", "KafkaServiceRolePolicy"),
    "lambda.application-autoscaling.amazonaws.com": LinkedService(
        "ApplicationAutoScaling_LambdaConcurrency", "AWSApplicationAutoscalingLambdaConcurrencyPolicy"
    ),
    "lexv2.amazonaws.com": LinkedService("LexV2Bots", "AmazonLexV2BotPolicy", suffix=True),
    "logger.cloudfront.amazonaws.com": LinkedService("CloudFrontLogger", "AWSCloudFrontLogger"),
    "macie.amazonaws.com": LinkedService("AmazonMacie", "AmazonMacieServiceRolePolicy"),
    "maintenance.elasticbeanstalk.amazonaws.com": LinkedService(
        "ElasticBeanstalkMaintenance", "AWSElasticBeanstalkMaintenance"
    ),
    "managedupdates.elasticbeanstalk.amazonaws.com": LinkedService(
        "ElasticBeanstalkManagedUpdates", "AWSElasticBeanstalkManagedUpdatesServiceRolePolicy"
    ),
    "member.org.stacksets.cloudformation.amazonaws.com": LinkedService(
        "CloudFormationStackSetsOrgMember", "CloudFormationStackSetsOrgMemberServiceRolePolicy"
    ),
    "memorydb.amazonaws.com": LinkedService("MemoryDB", "MemoryDBServiceRolePolicy"),
    "mq.amazonaws.com": LinkedService("AmazonMQ", "AmazonMQServiceRolePolicy"),
    "mrk.kms.amazonaws.com": LinkedService(
        "KeyManagementServiceMultiRegionKeys", "AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy"
    ),
    "network-firewall.amazonaws.com": LinkedService("NetworkFirewall", "AWSNetworkFirewallServiceRolePolicy"),
    "networkmanager.amazonaws.com": LinkedService("NetworkManager", "AWSNetworkManagerServiceRolePolicy"),
    "opensearchservice.amazonaws.com": LinkedService("AmazonOpenSearchService", "AmazonOpenSearchServiceRolePolicy"),
    "ops.apigateway.amazonaws.com": LinkedService("APIGateway", "APIGatewayServiceRolePolicy"),
    "organizations.amazonaws.com": LinkedService("Organizations", "AWSOrganizationsServiceTrustPolicy"),
    "pullthroughcache.ecr.amazonaws.com": LinkedService(
        "ECRPullThroughCache", "AWSECRPullThroughCache_ServiceRolePolicy"
    ),
    "ram.amazonaws.com": LinkedService("ResourceAccessManager", "AWSResourceAccessManagerServiceRolePolicy"),
    "rds.amazonaws.com": LinkedService("RDS", "AmazonRDSServiceRolePolicy"),
    "rds.application-autoscaling.amazonaws.com": LinkedService(
        "ApplicationAutoScaling_RDSCluster", "AWSApplicationAutoscalingRDSClusterPolicy"
    ),
    "redshift.amazonaws.com": LinkedService("Redshift", "AmazonRedshiftServiceLinkedRolePolicy"),
    "replication.dynamodb.amazonaws.com": LinkedService("DynamoDBReplication", "DynamoDBReplicationServiceRolePolicy"),
    "replication.ecr.amazonaws.com": LinkedService("ECRReplication", "ECRReplicationServiceRolePolicy"),
    "replicator.lambda.amazonaws.com": LinkedService("LambdaReplicator", "AWSLambdaReplicator"),
    "route53resolver.amazonaws.com": LinkedService("Route53Resolver", "Route53ResolverServiceRolePolicy"),
    "sagemaker.application-autoscaling.amazonaws.com": LinkedService(
        "ApplicationAutoScaling_SageMakerEndpoint", "AWSApplicationAutoscalingSageMakerEndpointPolicy"
    ),
    "securityhub.amazonaws.com": LinkedService("SecurityHub", "AWSSecurityHubServiceRolePolicy"),
    "servicequotas.amazonaws.com": LinkedService("ServiceQuotas", "ServiceQuotasServiceRolePolicy"),
    "shield.amazonaws.com": LinkedService("AWSShield", "AWSShieldServiceRolePolicy"),
    "spot.amazonaws.com": LinkedService("EC2Spot", "AWSEC2SpotServiceRolePolicy"),
    "spotfleet.amazonaws.com": LinkedService("EC2SpotFleet", "AWSEC2SpotFleetServiceRolePolicy"),
    "ssm.amazonaws.com": LinkedService("AmazonSSM", "AmazonSSMServiceRolePolicy"),
    "sso.amazonaws.com": LinkedService("SSO", "AWSSSOServiceRolePolicy"),
    "stacksets.cloudformation.amazonaws.com": LinkedService(
        "CloudFormationStackSetsOrgAdmin", "CloudFormationStackSetsOrgAdminServiceRolePolicy"
    ),
    "storage-lens.s3.amazonaws.com": LinkedService("S3StorageLens", "S3StorageLensServiceRolePolicy"),
    "support.amazonaws.com": LinkedService("Support", "AWSSupportServiceRolePolicy"),
    "transitgateway.amazonaws.com": LinkedService("VPCTransitGateway", "AWSVPCTransitGatewayServiceRolePolicy"),
    "trustedadvisor.amazonaws.com": LinkedService("TrustedAdvisor", "AWSTrustedAdvisorServiceRolePolicy"),
    "wafv2.amazonaws.com": LinkedService("WAFV2Logging", "WAFV2LoggingServiceRolePolicy"),
}
