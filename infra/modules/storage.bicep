metadata description = 'A storage account that answers to identities alone, from the networks named, and gives the app one role.'

param name string
param location string
param tags object
param redundancy string

@description('The one service of the account that the app uses.')
@allowed(['blob', 'table'])
param service string

@description('Blob containers to make.')
param containers string[]

@description('The app\'s subnet, which has the service endpoint Microsoft.Storage.')
param appSubnetId string

@description('Whether the app comes through a private endpoint and not from its subnet.')
param privateNetwork bool

@description('Public IPv4 addresses or ranges of operators.')
param operatorAddresses string[]

@description('The app\'s identity.')
param appPrincipalId string

param workspaceId string

var roles = {
  blob: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner
  table: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
}

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: redundancy
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: privateNetwork && empty(operatorAddresses) ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: 'Deny'
      bypass: 'None'
      virtualNetworkRules: privateNetwork
        ? []
        : [
            {
              id: appSubnetId
            }
          ]
      ipRules: [
        for address in operatorAddresses: {
          value: address
        }
      ]
    }
  }

  resource blobs 'blobServices' = if (!empty(containers)) {
    name: 'default'

    resource container 'containers' = [
      for container in containers: {
        name: container
      }
    ]
  }

  resource tables 'tableServices' existing = {
    name: 'default'
  }
}

resource role 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, appPrincipalId, roles[service])
  scope: account
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles[service])
  }
}

// Reads are most of the calls and change nothing: their number is in the metric.
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (service == 'table') {
  name: 'workspace'
  scope: account::tables
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'StorageWrite'
        enabled: true
      }
      {
        category: 'StorageDelete'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'Transaction'
        enabled: true
      }
    ]
  }
}

output id string = account.id
output name string = account.name
output endpoint string = service == 'blob'
  ? account.properties.primaryEndpoints.blob
  : account.properties.primaryEndpoints.table
