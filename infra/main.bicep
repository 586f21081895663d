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

@description('How the account with the assignments is copied within Azure.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param dataRedundancy string

@description('Whether the app reaches storage through private endpoints, or from its subnet through a service endpoint.')
param privateNetwork bool

@description('Public IPv4 addresses or ranges from which people reach the assignments: to provision, back up or repair.')
param operatorAddresses string[]

@description('Who is told of alerts; empty for nobody.')
param alertEmail string

@description('Anonymous checks that one client address may send to an instance in a minute; 0 sets no limit.')
@minValue(0)
param publicChecksPerMinute int

@description('Header in which a trusted proxy puts the client\'s address, as Azure Front Door does in X-Azure-ClientIP; empty without a proxy.')
param clientAddressHeader string

var unique = uniqueString(subscription().id, environmentName, location)
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
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: resourceGroup
  params: {
    workspaceName: 'log-${unique}'
    applicationInsightsName: 'appi-${unique}'
    location: location
    tags: tags
    publisherPrincipalId: identity.outputs.principalId
  }
}

module hostStorage 'modules/storage.bicep' = {
  scope: resourceGroup
  params: {
    name: 'sthost${unique}'
    location: location
    tags: tags
    redundancy: 'Standard_LRS'
    service: 'blob'
    containers: [deploymentContainer]
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
    redundancy: dataRedundancy
    service: 'table'
    containers: []
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
    location: location
    tags: tags
    email: alertEmail
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
