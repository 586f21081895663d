metadata description = 'The license assignment API on Azure Functions Flex Consumption, and everything it needs.'

targetScope = 'subscription'

@description('Name of the azd environment. It is part of the resource group\'s name, and makes the other names unique.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Region of all resources.')
@minLength(1)
param location string

@description('Maximum number of instances.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int

@description('Instances that are always ready for HTTP requests; 0 scales to zero.')
@minValue(0)
param alwaysReadyInstances int

@description('Memory of an instance in MB; its CPU share is proportional.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int

@description('Whether instances and storage are spread over availability zones. The region must support them.')
param zoneRedundant bool

@description('How a deployment replaces running instances: all at once (Recreate) or in batches (RollingUpdate).')
@allowed(['Recreate', 'RollingUpdate'])
param siteUpdateStrategy string

@description('Whether the storage account with the assignments has a lock against deletion.')
param lockAssignments bool

@description('Days for which backups cannot be changed or deleted; 0 creates no container for backups.')
@minValue(0)
@maxValue(365)
param keepBackupsForDays int

@description('Maximum logs per day in GB; further logs are dropped.')
@minValue(1)
param dailyCapGB int

@description('Whether the app connects to storage through private endpoints instead of a service endpoint of its subnet.')
param privateNetwork bool

@description('Whether the app\'s outbound traffic has a static public address of its own, through a NAT gateway.')
param ownOutboundAddress bool

@description('Public IPv4 addresses or ranges of operators, who provision, back up and repair data with license-admin.')
param operatorAddresses string[]

@description('Object ids of users, groups or applications that may read and write assignments and backups, for example operators and the deployment workflow.')
param operatorIds string[]

@description('E-mail address that receives alerts; empty for none.')
param alertEmail string

@description('URL or path of docs/operations.md; each alert links to its heading there.')
param runbook string

@description('Whether an availability test calls the check continuously, with alerts on wrong responses and on missing telemetry.')
param watched bool

@description('Maximum anonymous checks per client address and minute on each instance; 0 for no limit.')
@minValue(0)
param publicChecksPerMinute int

@description('Header in which a trusted proxy passes the client\'s address (Azure Front Door: X-Azure-ClientIP); empty without a proxy.')
param clientAddressHeader string

var unique = uniqueString(subscription().id, environmentName, location)
var redundancy = zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS'
var tags = {
  'azd-env-name': environmentName
  application: 'license-assignments'
}

resource resourceGroup 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: 'rg-license-assignments-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: resourceGroup
  params: {
    name: 'id-${unique}'
    location: location
    tags: tags
  }
}

module network 'modules/network.bicep' = {
  scope: resourceGroup
  params: {
    name: 'vnet-${unique}'
    location: location
    tags: tags
    ownOutboundAddress: ownOutboundAddress
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: resourceGroup
  params: {
    workspaceName: 'log-${unique}'
    applicationInsightsName: 'appi-${unique}'
    location: location
    tags: tags
    dailyCapGB: dailyCapGB
    publisherPrincipalId: identity.outputs.principalId
  }
}

module hostStorage 'modules/storage.bicep' = {
  scope: resourceGroup
  params: {
    name: 'sthost${unique}'
    location: location
    tags: tags
    redundancy: redundancy
    service: 'blob'
    containers: [deploymentContainer]
    tables: []
    keepBackupsForDays: keepBackupsForDays
    locked: false
    operatorIds: operatorIds
    appSubnetId: network.outputs.appSubnetId
    privateNetwork: privateNetwork
    operatorAddresses: []
    appPrincipalId: identity.outputs.principalId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module dataStorage 'modules/storage.bicep' = {
  scope: resourceGroup
  params: {
    name: 'stdata${unique}'
    location: location
    tags: tags
    redundancy: redundancy
    service: 'table'
    containers: []
    tables: ['Assignments', 'Directory', 'ApiKeys', 'Platforms']
    keepBackupsForDays: 0
    locked: lockAssignments
    operatorIds: operatorIds
    appSubnetId: network.outputs.appSubnetId
    privateNetwork: privateNetwork
    operatorAddresses: operatorAddresses
    appPrincipalId: identity.outputs.principalId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module hostStorageEndpoint 'modules/private-endpoint.bicep' = if (privateNetwork) {
  scope: resourceGroup
  params: {
    storageAccountName: hostStorage.outputs.name
    service: 'blob'
    location: location
    tags: tags
    virtualNetworkId: network.outputs.id
    subnetId: network.outputs.endpointsSubnetId
  }
}

module dataStorageEndpoint 'modules/private-endpoint.bicep' = if (privateNetwork) {
  scope: resourceGroup
  params: {
    storageAccountName: dataStorage.outputs.name
    service: 'table'
    location: location
    tags: tags
    virtualNetworkId: network.outputs.id
    subnetId: network.outputs.endpointsSubnetId
  }
}

module api 'modules/api.bicep' = {
  scope: resourceGroup
  params: {
    planName: 'plan-${unique}'
    name: apiName
    location: location
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    subnetId: network.outputs.appSubnetId
    deploymentContainerUrl: '${hostStorage.outputs.endpoint}${deploymentContainer}'
    hostStorageEndpoint: hostStorage.outputs.endpoint
    tablesEndpoint: dataStorage.outputs.endpoint
    applicationInsightsConnectionString: monitoring.outputs.applicationInsightsConnectionString
    workspaceId: monitoring.outputs.workspaceId
    zoneRedundant: zoneRedundant
    siteUpdateStrategy: siteUpdateStrategy
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyInstances: alwaysReadyInstances
    instanceMemoryMB: instanceMemoryMB
    publicChecksPerMinute: publicChecksPerMinute
    clientAddressHeader: clientAddressHeader
  }
  dependsOn: [hostStorageEndpoint, dataStorageEndpoint]
}

module alerts 'modules/alerts.bicep' = {
  scope: resourceGroup
  params: {
    workspaceId: monitoring.outputs.workspaceId
    applicationInsightsId: monitoring.outputs.applicationInsightsId
    location: location
    tags: tags
    email: alertEmail
    runbook: runbook
    apiUri: api.outputs.uri
    watched: watched
  }
}

module workbook 'modules/workbook.bicep' = {
  scope: resourceGroup
  params: {
    workspaceId: monitoring.outputs.workspaceId
    location: location
    tags: tags
  }
}

var apiName = 'func-${unique}'
var deploymentContainer = 'deployments'

output AZURE_LOCATION string = location
output AZURE_RESOURCE_GROUP string = resourceGroup.name
output SERVICE_API_NAME string = apiName
output SERVICE_API_URI string = api.outputs.uri
output TABLES_ENDPOINT string = dataStorage.outputs.endpoint
output TABLES_ACCOUNT_ID string = dataStorage.outputs.id
output BACKUPS_ACCOUNT_ID string = hostStorage.outputs.id
