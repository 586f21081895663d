metadata description = 'The license assignment API on Azure Functions Flex Consumption, and everything it needs.'

targetScope = 'subscription'

@description('Name of the azd environment. Part of the resource group\'s name, and of what makes the other names unique.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Region of everything.')
@minLength(1)
param location string

@description('Most instances the app may have at once.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int

@description('Instances that are kept warm for HTTP; 0 scales to none.')
@minValue(0)
param alwaysReadyInstances int

@description('Memory of an instance; its share of a processor grows with it.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int

@description('Whether instances, package and assignments are spread over the region\'s availability zones; the region must have them.')
param zoneRedundant bool

@description('How running instances are replaced by a deployment: at once, or a batch at a time.')
@allowed(['Recreate', 'RollingUpdate'])
param siteUpdateStrategy string

@description('Whether the account with the assignments carries a lock against deletion.')
param lockAssignments bool

@description('Days for which nobody can change or delete a backup; 0 for no place for backups.')
@minValue(0)
@maxValue(365)
param keepBackupsForDays int

@description('Logs taken in a day, in GB; what comes after that is lost.')
@minValue(1)
param dailyCapGB int

@description('Whether the app reaches storage through private endpoints, or from its subnet through a service endpoint.')
param privateNetwork bool

@description('Whether the app calls the Internet from an address of its own, through a NAT gateway.')
param ownOutboundAddress bool

@description('Public IPv4 addresses or ranges from which people reach the assignments: to provision, back up or repair.')
param operatorAddresses string[]

@description('Object ids of the users, groups or applications that may read and write assignments and backups: operators, the deployment\'s smoke test.')
param operatorIds string[]

@description('Who is told of alerts; empty for nobody.')
param alertEmail string

@description('Where docs/operations.md is read; each alert points to its heading there.')
param runbook string

@description('Whether the check is called from outside all the time, with alerts on a wrong answer and on silence.')
param watched bool

@description('Anonymous checks that one client address may send to an instance in a minute; 0 sets no limit.')
@minValue(0)
param publicChecksPerMinute int

@description('Header in which a trusted proxy puts the client\'s address, as Azure Front Door does in X-Azure-ClientIP; empty without a proxy.')
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
